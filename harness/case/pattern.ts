import { Cursor, quoted } from './cursor.js';
import { ANALYSIS_NAMES, analysisField } from './decorations.js';
import { describe } from './describe.js';
import { didYouMean } from './did-you-mean.js';
import { LINE_KEYS, canonicalName, isTsharkName, lineField } from './fields.js';
import { FLAGS_HELP, parseFlags, sentFlags } from './flags.js';
import { GrammarProblem } from './grammar-problem.js';
import type { FieldPattern, PacketPattern, Role } from './model.js';
import { isPlainText, parseLine } from './parse-line.js';
import type { LineToken } from './parse-line.js';
import { VALUE_HELP, parseFieldValue } from './parse-value.js';
import { PAYLOAD_HELP, readPayload } from './payload.js';
import { OVERRIDE_KEYS, overrideNamed, readOverride } from './overrides.js';
import type { Overrides } from './overrides.js';
import type { Wrong } from './problems.js';
import type { Reading } from './reading.js';
import { oneOf } from './read.js';
import { resolvePlain } from './resolve-plain.js';
import type { MappingEntry, ScalarNode, YamlNode } from './yaml-tree.js';

/** Keys of the mapping form beside those of the line grammar and tshark's names. */
export const PATTERN_KEYS: readonly string[] = ['flags', 'tcp.flags', 'analysis', 'payload', ...LINE_KEYS];

export interface PatternSource {
  from: Role;
  /** What stands behind `client:`, `server:`, `expect:` or `send:`: a line, a mapping, or nothing. */
  body: YamlNode;
  /** Keys beside it that describe the packet too. */
  beside: readonly MappingEntry[];
  /** The `let:` beside it. */
  bind?: YamlNode | undefined;
  /** Given for a segment to send: takes the header fields beyond the line grammar. Flags are then set exactly. */
  overrides?: Overrides;
}

/** Reads one packet pattern in line form, mapping form, or both. Problems are noted; what could be read is returned. */
export function readPattern(reading: Reading, source: PatternSource): PacketPattern {
  const builder = new PatternBuilder(reading, source);
  return builder.build();
}

class PatternBuilder {
  readonly #pattern: PacketPattern;
  readonly #written: string[] = [];
  readonly #sending: boolean;

  constructor(
    private readonly reading: Reading,
    private readonly source: PatternSource,
  ) {
    this.#sending = source.overrides !== undefined;
    const place = reading.problems.placeOf(source.body);
    this.#pattern = { from: source.from, fields: [], bind: {}, text: '', place };
  }

  build(): PacketPattern {
    const { body, beside, bind } = this.source;
    if (body.kind === 'mapping') body.entries.forEach((entry) => this.#entry(entry));
    else if (body.kind === 'sequence')
      this.reading.read.wrong(body, 'a line such as "[SYN] Seq=0", or a mapping');
    else if (body.value !== null) this.#line(body);
    else if (beside.length === 0)
      this.reading.read.wrong(body, 'a line such as "[SYN] Seq=0", or fields beside it');
    beside.forEach((entry) => this.#entry(entry));
    if (bind !== undefined) this.#bind(bind);
    this.#pattern.text = this.#written.join(' ');
    return this.#pattern;
  }

  #line(node: ScalarNode): void {
    const line = parseLine(node.text);
    for (const problem of line.problems) this.reading.problems.inside(node, problem);
    if (line.flags !== undefined) this.#setFlags(line.flags);
    for (const token of line.fields) {
      if (this.#sending && overrideNamed(token.name) !== undefined) {
        this.#override(token.name, valuePart(node, token));
        continue;
      }
      const place = this.reading.placeInside(node, token.index);
      const value = node.offsetOf(token.index);
      const field = { name: token.name, value: token.value, text: token.text, place };
      this.#add(field, (wrong) => this.reading.problems.atOffset(value, token.length, wrong));
    }
    this.#written.push(node.text.trim());
  }

  #entry({ key, value }: MappingEntry): void {
    const name = key.text;
    if (name === 'flags' || name === 'tcp.flags') this.#flags(key, value);
    else if (name === 'payload') this.#payload(value);
    else if (name === 'analysis') this.#analysis(key, value);
    else if (this.#sending && overrideNamed(name) !== undefined) {
      this.#override(name, value);
      this.#written.push(`${name}=${scalarText(value)}`);
    } else if (lineField(canonicalName(name)) !== undefined || isTsharkName(name)) this.#field(key, value);
    else {
      const keys = [...PATTERN_KEYS, ...this.reading.itemKeys];
      const more = this.#sending
        ? ', or a header field: docs/case-format.md lists them'
        : ', or a tshark field name';
      this.reading.read.unknownKey(key, keys, more, this.#sending ? OVERRIDE_KEYS : []);
    }
  }

  #override(name: string, node: YamlNode): void {
    const spec = overrideNamed(name);
    if (spec === undefined) return;
    const overrides = this.source.overrides as Record<string, unknown>;
    if (overrides[spec.key] !== undefined) return this.#twice(node);
    const value = readOverride(this.reading.read, spec, node);
    if (value !== undefined) overrides[spec.key] = value;
  }

  #flags(key: ScalarNode, node: YamlNode): void {
    if (this.#pattern.flags !== undefined) return this.#twice(key);
    const parts = node.kind === 'sequence' ? node.items : [node];
    if (node.kind === 'scalar' && typeof node.value === 'number') {
      const bits = this.reading.read.number(node, 0, 0xfff);
      if (bits !== undefined) this.#setFlags({ set: bits, ignore: 0 });
    } else if (parts.every((part) => part.kind === 'scalar' && part.value !== null)) {
      const texts = parts as ScalarNode[];
      for (const part of texts) this.#checkFlagPart(part);
      try {
        this.#setFlags(parseFlags(texts.map(({ text }) => text.replace(/^\[(.*)\]$/, '$1')).join(', ')));
      } catch (error) {
        if (!(error instanceof GrammarProblem)) throw error;
        const [first] = texts;
        if (first !== undefined && !texts.some((part) => this.reading.problems.has(part))) {
          this.reading.problems.at(first, error);
        }
      }
    } else this.reading.read.wrong(node, `a list of flags: ${FLAGS_HELP}`);
    const shown = parts.map((part) => (part.kind === 'scalar' ? part.text.replace(/^\[(.*)\]$/, '$1') : '?'));
    this.#written.unshift(`[${shown.join(', ')}]`);
  }

  /** A wrong flag in a list is at fault itself, not the list. */
  #checkFlagPart(node: ScalarNode): void {
    const inner = node.text.startsWith('[') && node.text.endsWith(']') ? 1 : 0;
    try {
      parseFlags(node.text.slice(inner, node.text.length - inner), inner);
    } catch (error) {
      if (!(error instanceof GrammarProblem)) throw error;
      this.reading.problems.inside(node, error);
    }
  }

  #setFlags({ set, ignore }: { set: number; ignore: number }): void {
    const flags = { set, ignore };
    this.#pattern.flags = this.#sending ? sentFlags(flags) : flags;
  }

  #payload(node: YamlNode): void {
    const payload = readPayload(this.reading.read, node);
    if (payload === 'any') {
      if (this.#sending) this.reading.read.wrong(node, `octets to send: ${PAYLOAD_HELP}`);
    } else if (payload !== undefined) {
      if (this.#pattern.payload !== undefined) this.#twice(node);
      this.#pattern.payload = payload;
    }
  }

  #analysis(key: ScalarNode, node: YamlNode): void {
    const place = this.reading.problems.placeOf(key);
    const words = this.reading.read.texts(node, 'names of tcp.analysis');
    for (const { text, node: word } of words) {
      const absent = text === 'absent';
      if (!absent && this.reading.read.word(word, ANALYSIS_NAMES) === undefined) continue;
      const name = analysisField(absent ? 'flags' : text);
      const value = { kind: absent ? 'absent' : 'present' } as const;
      this.#add({ name, value, text: `analysis=${text}`, place }, (wrong) =>
        this.reading.problems.at(word, wrong),
      );
    }
    this.#written.push(...words.map(({ text }) => `analysis=${text}`));
  }

  #field(key: ScalarNode, node: YamlNode): void {
    const name = canonicalName(key.text);
    const repeatable = lineField(name)?.repeatable === true;
    for (const item of repeatable && node.kind === 'sequence' ? node.items : [node]) {
      const value = this.#fieldValue(name, key, item);
      if (value === undefined) continue;
      const shown =
        value.kind === 'present' && lineField(name)?.bare ? key.text : `${key.text}=${scalarText(item)}`;
      const field = { name, value, text: shown, place: this.reading.problems.placeOf(item) };
      this.#add(field, (wrong) => this.reading.problems.at(key, wrong));
      this.#written.push(shown);
    }
  }

  #fieldValue(name: string, key: ScalarNode, node: YamlNode): FieldPattern['value'] | undefined {
    const isLineKey = lineField(name) !== undefined;
    if (node.kind !== 'scalar') return this.reading.read.wrong(node, VALUE_HELP);
    if (lineField(name)?.bare && (node.value === null || node.value === true || node.text === '1')) {
      return { kind: 'present' };
    }
    if (lineField(name)?.bare && (node.value === false || node.text === '0')) return { kind: 'absent' };
    if (node.value === null) return this.reading.read.wrong(node, VALUE_HELP);
    if (typeof node.value === 'boolean' && !isLineKey) {
      return { kind: 'equals', value: { kind: 'number', value: node.value ? 1 : 0 } };
    }
    const cursor = new Cursor(node.text);
    try {
      cursor.skipSpace();
      const value = parseFieldValue(cursor);
      cursor.skipSpace();
      if (!cursor.atEnd) throw cursor.problem(quoted(cursor.word()), 'the end, or an operator');
      return value;
    } catch (error) {
      if (!(error instanceof GrammarProblem)) throw error;
      if (!isLineKey && isPlainText(node.text)) return { kind: 'text', text: node.text };
      this.reading.problems.inside(node, error);
      return undefined;
    }
  }

  #add(field: FieldPattern, note: (wrong: Wrong) => void): void {
    const { name } = field;
    const fields = this.#pattern.fields;
    if (lineField(name)?.repeatable !== true && fields.some((other) => other.name === name)) {
      return note({ found: `${quoted(name)} a second time`, expected: 'each field once' });
    }
    const wrong = this.reading.wrongField(name);
    if (wrong !== undefined) return note(wrong);
    if (this.#sending && lineField(name) === undefined) {
      const close = didYouMean(name, OVERRIDE_KEYS);
      return note({
        found: `${quoted(name)}, which cannot be set`,
        expected: oneOf(OVERRIDE_KEYS),
        remedy: close === undefined ? undefined : `did you mean ${quoted(close)}?`,
      });
    }
    const limit = outOfRange(field);
    if (limit !== undefined) return note({ found: quoted(field.text), expected: limit });
    if (this.#sending && !isExact(field)) {
      return note({ found: quoted(field.text), expected: 'one exact value, as this segment is sent' });
    }
    fields.push(field);
  }

  #twice(node: YamlNode): void {
    this.reading.problems.at(node, {
      found: `${describe(node)} a second time`,
      expected: 'it once, in the line or beside it',
    });
  }

  #bind(node: YamlNode): void {
    const mapping = this.reading.read.mapping(node, '`{ name: Field }`, such as `{ x: Seq }`');
    for (const { key, value } of mapping?.entries ?? []) {
      const field = this.reading.read.text(value, 'the name of a field');
      if (!/^[A-Za-z_]\w*$/.test(key.text)) {
        this.reading.problems.at(key, {
          found: describe(key),
          expected: 'a name of letters, digits and _, used as `$name`',
        });
      } else if (field !== undefined) {
        const name = canonicalName(field);
        const isField =
          lineField(name) !== undefined ||
          (isTsharkName(name) && this.reading.wrongField(name) === undefined);
        if (isField) this.#pattern.bind[key.text] = name;
        else this.reading.read.word(value, LINE_KEYS);
      }
    }
  }
}

/** What a number may be that the field can never hold. */
function outOfRange({ name, value }: FieldPattern): string | undefined {
  const max = lineField(name)?.max;
  if (max === undefined || value.kind !== 'equals' || value.value.kind !== 'number') return undefined;
  const number = value.value.value;
  if (number > max) return `at most ${max}`;
  const isFactor = Number.isInteger(Math.log2(number));
  return name !== 'WS' || isFactor ? undefined : 'a power of two: Wireshark shows the factor, not the shift';
}

function isExact({ name, value }: FieldPattern): boolean {
  if (value.kind === 'present') return lineField(name)?.bare === true;
  return value.kind === 'equals' || value.kind === 'text';
}

function scalarText(node: YamlNode): string {
  return node.kind === 'scalar' ? node.text : '?';
}

/** The part of a line behind a field's `=`, as a value of its own at its own place. */
function valuePart(node: ScalarNode, token: LineToken): ScalarNode {
  const skipped = /^=?\s*/.exec(token.text.slice(token.length))?.[0].length ?? 0;
  const first = token.index + token.length + skipped;
  const text = token.text.slice(token.length + skipped);
  return {
    ...node,
    text,
    value: resolvePlain(text),
    start: node.offsetOf(first),
    end: node.offsetOf(first + text.length),
    offsetOf: (index) => node.offsetOf(first + index),
  };
}
