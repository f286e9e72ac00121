import { readAdmit } from './case-admit.js';
import { readLab } from './case-lab.js';
import { readCovers, readFindings, readOn } from './case-names.js';
import { readNever } from './case-never.js';
import { readStart } from './case-start.js';
import { describe } from './describe.js';
import { readEnd } from './ends.js';
import { ExpectReader } from './expect-items.js';
import type { EndSpec, Family, Level, ObservedCase, Role, ScriptedCase, TestCase } from './model.js';
import type { Problems } from './problems.js';
import { Read } from './read.js';
import { Reading } from './reading.js';
import type { LoadContext } from './reading.js';
import type { SourceText } from './source-text.js';
import { StepReader } from './steps.js';
import type { ExpandedRow } from './table.js';
import { emptyScalar, entryOf } from './yaml-node.js';
import type { MappingNode, YamlNode } from './yaml-node.js';

const BOTH: readonly Family[] = ['ipv4', 'ipv6'];
const LEVELS: readonly Level[] = ['MUST', 'SHOULD', 'MAY'];
const SCRIPTED_ONLY = ['iut', 'start', 'steps'] as const;
const OBSERVED_ONLY = ['client', 'server', 'expect'] as const;

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
    return readEnd(this.reading, this.#get(role) ?? { ...emptyMapping(this.#document) }, role);
  }

  #scripted(): ScriptedCase | undefined {
    const { read, problems } = this.reading;
    const base = this.#base();
    const captureNode = entryOf(this.#get('lab'), 'capture');
    if (captureNode !== undefined) {
      problems.at(captureNode, {
        found: '`capture` in a scripted case',
        expected: "nothing: its packets are captured at the tester's end",
      });
    }
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
    return { ...base, kind: 'scripted', iut, start: readStart(this.reading, this.#document, iut), steps };
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
      covers: readCovers(this.reading, this.#get('covers')),
      level: read.word(this.#get('level'), LEVELS) ?? 'MUST',
      tags: read.texts(this.#get('tags'), 'tags').map(({ text }) => text),
      on: readOn(this.reading, this.#get('on')),
      families: [...this.reading.families],
      needs: read.texts(this.#get('needs'), 'features').map(({ text }) => text),
      lab: readLab(this.reading, this.#get('lab')),
      findings: readFindings(this.reading, this.#get('findings')),
      never: readNever(this.reading, this.#document),
      admit: readAdmit(this.reading, this.#document),
      mode: read.word(this.#get('mode'), ['strict', 'subsequence'] as const) ?? 'strict',
      place: problems.placeOf(idNode ?? this.#document),
      source: this.reading.source.text,
      ...(row === undefined ? {} : { row }),
    };
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
