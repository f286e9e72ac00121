import { quoted } from './cursor.js';
import { ANALYSIS_NAMES, analysisField } from './decorations.js';
import { describe } from './describe.js';
import { didYouMean } from './did-you-mean.js';
import { ELAPSED, LINE_KEYS, canonicalName, isTsharkName, lineField } from './fields.js';
import { sentFlags } from './flags.js';
import type { FieldPattern, PacketPattern, Role } from './model.js';
import { parseLine } from './parse-line.js';
import { isExact, outOfRange, readFieldValue, scalarText, valuePart } from './pattern-field.js';
import { flagsText, readFlags } from './pattern-flags.js';
import { PAYLOAD_HELP, readPayload } from './payload.js';
import { OVERRIDE_KEYS, overrideNamed, readOverride } from './overrides.js';
import type { Overrides } from './overrides.js';
import type { Wrong } from './problems.js';
import type { Reading } from './reading.js';
import { oneOf } from './read.js';
import type { MappingEntry, ScalarNode, YamlNode } from './yaml-node.js';

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
    this.#checkLength();
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
    const flags = readFlags(this.reading, node);
    if (flags !== undefined) this.#setFlags(flags);
    this.#written.unshift(flagsText(node));
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
      const value = readFieldValue(this.reading, name, item);
      if (value === undefined) continue;
      const shown =
        value.kind === 'present' && lineField(name)?.bare ? key.text : `${key.text}=${scalarText(item)}`;
      const field = { name, value, text: shown, place: this.reading.problems.placeOf(item) };
      this.#add(field, (wrong) => this.reading.problems.at(key, wrong));
      this.#written.push(shown);
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
    const limit = outOfRange(field, this.#sending);
    if (limit !== undefined) return note({ found: quoted(field.text), expected: limit });
    if (this.#sending && !isExact(field)) {
      return note({ found: quoted(field.text), expected: 'one exact value, as this segment is sent' });
    }
    fields.push(field);
  }

  /** A length that the payload cannot have is a slip, and no packet could match it. */
  #checkLength(): void {
    const { payload, fields } = this.#pattern;
    const field = fields.find(({ name }) => name === 'Len');
    if (payload === undefined || field?.value.kind !== 'equals' || field.value.value.kind !== 'number')
      return;
    if (field.value.value.value === payload.length) return;
    this.reading.problems.atPlace(field.place, field.text.length, {
      found: `${quoted(field.text)} beside a payload of ${payload.length} octets`,
      expected: `Len=${payload.length}`,
    });
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
          (name === ELAPSED && !this.#sending) ||
          (isTsharkName(name) && this.reading.wrongField(name) === undefined);
        if (isField) this.#pattern.bind[key.text] = name;
        else this.reading.read.word(value, this.#sending ? LINE_KEYS : [...LINE_KEYS, ELAPSED]);
      }
    }
  }
}
