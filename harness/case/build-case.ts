import { describe } from './describe.js';
import { didYouMean } from './did-you-mean.js';
import { quoted } from './cursor.js';
import { checkImplementation, readEnd } from './ends.js';
import { ExpectReader } from './expect-items.js';
import { STATES } from './keys.js';
import type {
  EndSpec,
  Family,
  LabSpec,
  Level,
  NeverRule,
  ObservedCase,
  Role,
  ScriptedCase,
  StartOptions,
  TcpState,
  TestCase,
} from './model.js';
import { readPattern } from './pattern.js';
import { asWritten, plainOptions } from './plain.js';
import type { Problems } from './problems.js';
import { Reading } from './reading.js';
import type { LoadContext } from './reading.js';
import { Read } from './read.js';
import type { SourceText } from './source-text.js';
import { StepReader } from './steps.js';
import type { ExpandedRow } from './table.js';
import { emptyScalar, entryOf } from './yaml-tree.js';
import type { MappingNode, YamlNode } from './yaml-tree.js';

const BOTH: readonly Family[] = ['ipv4', 'ipv6'];
const LEVELS: readonly Level[] = ['MUST', 'SHOULD', 'MAY'];
const SCRIPTED_ONLY = ['iut', 'start', 'steps'] as const;
const OBSERVED_ONLY = ['client', 'server', 'expect'] as const;
/** RFC 8200 section 5. */
const IPV6_MINIMUM_MTU = 1280;

/** Builds the typed case of one document, its table row filled in. Problems are noted; use the case only without any. */
export function buildCase(
  source: SourceText,
  problems: Problems,
  context: LoadContext,
  expanded: ExpandedRow,
): TestCase | undefined {
  const families = readFamilies(new Read(problems), entryOf(expanded.document, 'families'));
  const reading = new Reading(source, problems, context, families);
  return new CaseBuilder(reading, expanded).build();
}

class CaseBuilder {
  readonly #document: MappingNode;

  constructor(
    private readonly reading: Reading,
    private readonly expanded: ExpandedRow,
  ) {
    this.#document = expanded.document;
  }

  build(): TestCase | undefined {
    const isScripted = this.#get('iut') !== undefined || this.#get('steps') !== undefined;
    this.#refuseOtherShape(isScripted);
    return isScripted ? this.#scripted() : this.#observed();
  }

  #observed(): ObservedCase | undefined {
    const { problems } = this.reading;
    const base = this.#base();
    const expect = this.#get('expect');
    if (expect === undefined && base.never.length === 0 && base.findings.length === 0) {
      const remedy = 'a scripted case has `iut` and `steps` instead';
      problems.at(this.#document, {
        found: 'a case that expects nothing',
        expected: '`expect:` with a list of packets',
        remedy,
      });
    }
    const items = expect === undefined ? [] : new ExpectReader(this.reading).items(expect);
    return {
      ...base,
      kind: 'observed',
      client: this.#end('client'),
      server: this.#end('server'),
      expect: items,
    };
  }

  #end(role: Role): EndSpec {
    return readEnd(this.reading, this.#get(role) ?? { ...emptyMapping(this.#document) });
  }

  #scripted(): ScriptedCase | undefined {
    const { read, problems } = this.reading;
    const base = this.#base();
    const iutNode = this.#get('iut');
    if (iutNode === undefined) {
      problems.at(this.#document, { found: 'no `iut`', expected: '`iut: server` or `iut: client`' });
    }
    const iut = read.word(iutNode, ['client', 'server'] as const) ?? 'server';
    const stepsNode = this.#get('steps');
    if (stepsNode === undefined) {
      problems.at(this.#document, {
        found: 'no `steps`',
        expected: '`steps:` with a list of what is sent and expected',
      });
    }
    const steps = stepsNode === undefined ? [] : new StepReader(this.reading, iut).steps(stepsNode);
    if (stepsNode?.kind === 'sequence' && stepsNode.items.length === 0) {
      read.wrong(stepsNode, 'at least one step');
    }
    return { ...base, kind: 'scripted', iut, start: this.#start(iut), steps };
  }

  #start(iut: Role): ScriptedCase['start'] {
    const { read, problems } = this.reading;
    const node = this.#get('start');
    const place = problems.placeOf(node ?? this.#document);
    const start: ScriptedCase['start'] = {
      state: iut === 'server' ? 'LISTEN' : 'CLOSED',
      options: { options: {} },
      place,
    };
    if (node === undefined) return start;
    const stateNode = node.kind === 'mapping' ? entryOf(node, 'state') : node;
    if (stateNode === undefined) read.wrong(node, 'the key `state`');
    start.state = read.word<TcpState>(stateNode, STATES) ?? start.state;
    if (node.kind === 'mapping') start.options = this.#startOptions(node);
    return start;
  }

  #startOptions(node: MappingNode): StartOptions {
    const options = plainOptions({
      ...node,
      entries: node.entries.filter(({ key }) => key.text !== 'state'),
    });
    return { ...options, options: plainOptions(entryOf(node, 'options')) };
  }

  #base() {
    const { read, problems } = this.reading;
    const { row } = this.expanded;
    const idNode = this.#required('id', 'a unique name');
    const titleNode = this.#required('title', 'one line that says what is shown');
    const id = read.text(idNode) ?? '';
    if (idNode !== undefined && !/^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(id)) {
      read.wrong(idNode, 'small letters, digits and hyphens: `rst-in-window`');
    }
    const title = read.text(titleNode) ?? '';
    return {
      id: row === undefined ? id : `${id}[${row.name}]`,
      title,
      purpose: read.text(this.#get('purpose')) ?? title,
      covers: this.#covers(),
      level: read.word(this.#get('level'), LEVELS) ?? 'MUST',
      tags: read.texts(this.#get('tags'), 'tags').map(({ text }) => text),
      on: this.#on(),
      families: [...this.reading.families],
      needs: read.texts(this.#get('needs'), 'features').map(({ text }) => text),
      lab: this.#lab(),
      findings: this.#findings(),
      never: this.#never(),
      mode: read.word(this.#get('mode'), ['strict', 'subsequence'] as const) ?? 'strict',
      place: problems.placeOf(idNode ?? this.#document),
      source: this.reading.source.text,
      ...(row === undefined ? {} : { row }),
    };
  }

  #covers(): string[] {
    const known = this.reading.context.requirements;
    return this.reading.read.texts(this.#get('covers'), 'requirement IDs').map(({ text, node }) => {
      if (known !== undefined && !known.has(text)) this.#unknown(node, 'requirement', text, known);
      return text;
    });
  }

  #on(): string[] {
    return this.reading.read.texts(this.#get('on'), 'implementation names').map(({ text, node }) => {
      checkImplementation(this.reading, node, text);
      return text;
    });
  }

  #findings(): TestCase['findings'] {
    const known = this.reading.context.findings;
    return this.reading.read.texts(this.#get('findings'), 'finding IDs').map(({ text, node }) => {
      const absent = text.startsWith('!');
      const id = absent ? text.slice(1).trim() : text;
      if (known !== undefined && !known.has(id)) this.#unknown(node, 'finding', id, known);
      const place = this.reading.problems.placeOf(node);
      return absent ? { id, absent: true, place } : { id, place };
    });
  }

  #unknown(node: YamlNode, what: string, text: string, known: ReadonlySet<string>): void {
    const close = didYouMean(text, known);
    this.reading.problems.at(node, {
      found: `unknown ${what} ${quoted(text)}`,
      expected: known.size <= 30 ? `one of ${[...known].join(', ')}` : `an ID of the ${known.size} there are`,
      remedy: close === undefined ? undefined : `did you mean \`${close}\`?`,
    });
  }

  #lab(): LabSpec {
    const { read, problems } = this.reading;
    const node = read.mapping(this.#get('lab'), 'a mapping with `kernel-rst`, `mtu`, `impair`');
    const mtuNode = entryOf(node, 'mtu');
    const mtu = read.number(mtuNode, 68, 65535) ?? 1500;
    if (mtuNode !== undefined && mtu < IPV6_MINIMUM_MTU && this.reading.families.includes('ipv6')) {
      problems.at(mtuNode, {
        found: `an MTU of ${mtu} in a case that runs over IPv6 too`,
        expected: `at least ${IPV6_MINIMUM_MTU}, which every IPv6 link carries`,
        remedy: 'say `families: [ipv4]` in the case',
      });
    }
    const impair = entryOf(node, 'impair');
    const items = impair?.kind === 'mapping' ? [impair] : (read.items(impair, 'a list of impairments') ?? []);
    return {
      kernelRst: read.word(entryOf(node, 'kernel-rst'), ['drop', 'allow'] as const) ?? 'drop',
      mtu,
      impair: items.flatMap((item) =>
        read.mapping(item, 'an impairment: a mapping') === undefined
          ? []
          : [asWritten(item) as Record<string, unknown>],
      ),
    };
  }

  #never(): NeverRule[] {
    const node = this.#get('never');
    if (node === undefined) return [];
    const items = node.kind === 'sequence' ? node.items : [node];
    return items.flatMap((item) => this.#neverRule(item) ?? []);
  }

  #neverRule(node: YamlNode): NeverRule | undefined {
    const { read, problems } = this.reading;
    const place = problems.placeOf(node);
    if (node.kind === 'scalar') {
      const filter = node.value === null ? '' : node.text.trim();
      // A display filter is handed to tshark as one argument; nothing but printable text belongs there.
      const isSound = filter !== '' && filter.length <= 2000 && !/\p{Cc}/u.test(filter);
      return isSound
        ? { kind: 'filter', filter, place }
        : read.wrong(node, "a display filter of Wireshark's, or a pattern");
    }
    const mapping = read.mapping(node, 'a display filter, or `client:` or `server:` with a pattern');
    if (mapping === undefined) return undefined;
    const iut = this.#get('iut');
    const heads = iut === undefined ? ['client', 'server'] : ['client', 'server', 'iut'];
    const [head, second] = mapping.entries.filter(({ key }) => heads.includes(key.text));
    if (head === undefined || second !== undefined) {
      return read.wrong(second?.key ?? mapping, `one of ${heads.join(', ')}`);
    }
    const beside = mapping.entries.filter((entry) => entry !== head);
    const isIut = head.key.text === 'iut' && iut?.kind === 'scalar';
    const from = (isIut ? (iut.text === 'client' ? 'client' : 'server') : head.key.text) as Role;
    return { kind: 'pattern', pattern: readPattern(this.reading, { from, body: head.value, beside }), place };
  }

  #refuseOtherShape(isScripted: boolean): void {
    const foreign: readonly string[] = isScripted ? OBSERVED_ONLY : SCRIPTED_ONLY;
    for (const { key } of this.#document.entries) {
      if (!foreign.includes(key.text)) continue;
      this.reading.problems.at(key, {
        found: `${describe(key)} in ${isScripted ? 'a scripted' : 'an observed'} case`,
        expected: `either \`client\`, \`server\` and \`expect\` (two real ends), or \`iut\`, \`start\` and \`steps\``,
      });
    }
  }

  #required(key: string, expected: string): YamlNode | undefined {
    const node = this.#get(key);
    if (node !== undefined) return node;
    this.reading.problems.at(this.#document, {
      found: `no \`${key}\``,
      expected: `\`${key}:\` with ${expected}`,
    });
    return undefined;
  }

  #get(key: string): YamlNode | undefined {
    return entryOf(this.#document, key);
  }
}

function readFamilies(read: Read, node: YamlNode | undefined): readonly Family[] {
  const families = read
    .texts(node, 'address families')
    .flatMap(({ node: item }) => read.word(item, BOTH) ?? []);
  return families.length === 0 ? BOTH : BOTH.filter((family) => families.includes(family));
}

function emptyMapping(at: YamlNode): MappingNode {
  return { ...emptyScalar(at.start), kind: 'mapping', entries: [] } as unknown as MappingNode;
}
