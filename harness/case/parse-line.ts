import { Cursor, quoted } from './cursor.js';
import { DECORATIONS, analysisField } from './decorations.js';
import { didYouMean } from './did-you-mean.js';
import { LINE_KEYS, canonicalName, isTsharkName, lineField } from './fields.js';
import { parseFlags } from './flags.js';
import type { FlagPattern } from './flags.js';
import { GrammarProblem } from './grammar-problem.js';
import { parseFieldValue } from './parse-value.js';
import type { FieldValue } from './parse-value.js';

/** One line in Wireshark's Info style, read. Indices point into the line. */
export interface ParsedLine {
  flags?: FlagPattern & { index: number; length: number };
  fields: LineToken[];
  problems: GrammarProblem[];
}

export interface LineToken {
  /** Key of the line grammar or tshark field name. */
  name: string;
  value: FieldValue | { kind: 'text'; text: string };
  text: string;
  index: number;
  length: number;
}

const LINE_HELP = `[FLAGS], ${LINE_KEYS.map((key) => (lineField(key)?.bare ? key : `${key}=`)).join(' ')}, or a tshark field name with =`;

/**
 * Reads `[SYN, ACK] Seq=0 Ack=1 Win=65535 Len=0 MSS=1460`, with what Wireshark may write before it: decorations and
 * `12345 → 8080`. Never throws: after a problem it goes on at the next word.
 */
export function parseLine(text: string): ParsedLine {
  const line: ParsedLine = { fields: [], problems: [] };
  const cursor = new Cursor(text);
  if (text.length > MAX_LENGTH) {
    line.problems.push(cursor.problem(`a line of ${text.length} characters`, `at most ${MAX_LENGTH}`));
    return line;
  }
  for (cursor.skipSpace(); !cursor.atEnd; cursor.skipSpace()) {
    try {
      readToken(cursor, line);
    } catch (error) {
      if (!(error instanceof GrammarProblem)) throw error;
      line.problems.push(error);
      cursor.skipWord();
    }
  }
  if (line.fields.length === 0 && line.flags === undefined && line.problems.length === 0) {
    line.problems.push(cursor.problem('an empty line', LINE_HELP));
  }
  return line;
}

const MAX_LENGTH = 4000;

function readToken(cursor: Cursor, line: ParsedLine): void {
  if (cursor.peek(/\[/y) !== undefined) return readBracket(cursor, line);
  if (cursor.peek(/\d+[ \t]*(?:→|->|>)/y) !== undefined) return readPorts(cursor, line);
  if (cursor.peek(/TFO=[CR](?!\w)/y) !== undefined) return readFastOpen(cursor, line);
  const start = cursor.index;
  const name = cursor.peek(/[A-Za-z_$][\w$-]*(?:\.[\w-]+)*/y);
  if (name === undefined) {
    throw cursor.problem(quoted(cursor.word()), LINE_HELP);
  }
  const field = lineField(canonicalName(name));
  if (field === undefined && !isTsharkName(name)) throw unknownKey(cursor, name);
  cursor.index += name.length;
  const value = readValue(cursor, field?.bare === true, name);
  addField(line, {
    name: canonicalName(name),
    value,
    text: cursor.text.slice(start, cursor.index).trim(),
    index: start,
    length: name.length,
  });
}

function readValue(cursor: Cursor, bare: boolean, name: string): LineToken['value'] {
  // `Win>=1000` reads better than `Win=>=1000`; both are accepted.
  if (cursor.peek(/[ \t]*(?:<=|>=|!=|<|>)/y) !== undefined) {
    cursor.skipSpace();
    return parseFieldValue(cursor);
  }
  if (cursor.take(/=[ \t]*/y) === undefined) {
    if (bare) return { kind: 'present' };
    throw cursor.problem(
      `${quoted(name)} without a value`,
      `${name}=VALUE`,
      undefined,
      cursor.index - name.length,
      name.length,
    );
  }
  const start = cursor.index;
  try {
    const value = parseFieldValue(cursor);
    expectEndOfValue(cursor);
    // Wireshark before 3.6 writes SACK_PERM=1 where the option is there.
    return bare && value.kind === 'equals' ? { kind: 'present' } : value;
  } catch (error) {
    cursor.index = start;
    const word = cursor.word();
    if (
      !(error instanceof GrammarProblem) ||
      lineField(canonicalName(name)) !== undefined ||
      !isPlainText(word)
    ) {
      throw error;
    }
    cursor.index += word.length;
    return { kind: 'text', text: word };
  }
}

function expectEndOfValue(cursor: Cursor): void {
  if (cursor.atEnd || cursor.peek(/[ \t\r\n\u00a0[]/y) !== undefined) return;
  throw cursor.problem(quoted(cursor.word()), 'a space before the next field, or an operator');
}

/** An address or a name, not a number expression gone wrong. */
export function isPlainText(text: string): boolean {
  return text !== '' && !/^[<>=!|]|[$()]|\.\.|[A-Z]{3}\.[A-Z]/.test(text);
}

function readBracket(cursor: Cursor, line: ParsedLine): void {
  const start = cursor.index;
  const bracket = cursor.peek(/\[[^\][]*\]/y);
  if (bracket === undefined) {
    throw cursor.problem('"[" without "]"', 'flags such as [SYN, ACK]', undefined, start, 1);
  }
  cursor.index += bracket.length;
  const inner = bracket.slice(1, -1);
  if (/^\s*(?:TCP|Packet|Malformed)\s/i.test(inner)) {
    const analysis = readDecoration(inner.trim().replace(/\s+/g, ' '), start, bracket.length);
    if (analysis !== undefined) {
      addField(line, {
        name: analysisField(analysis),
        value: { kind: 'present' },
        text: bracket,
        index: start,
        length: bracket.length,
      });
    }
    return;
  }
  if (line.flags !== undefined) {
    throw new GrammarProblem(
      start,
      bracket.length,
      `a second pair of flags ${quoted(bracket)}`,
      'flags once',
    );
  }
  line.flags = { ...parseFlags(inner, start + 1), index: start, length: bracket.length };
}

function readDecoration(text: string, index: number, length: number): string | undefined {
  const known = DECORATIONS.find(({ pattern }) => pattern.test(text));
  if (known !== undefined) return known.analysis;
  const close = didYouMean(
    text,
    DECORATIONS.map((decoration) => decoration.text),
  );
  throw new GrammarProblem(
    index,
    length,
    `unknown note of Wireshark ${quoted(`[${text}]`)}`,
    DECORATIONS.map((decoration) => `[${decoration.text}]`).join(' '),
    close === undefined ? undefined : `did you mean \`[${close}]\`?`,
  );
}

/** Wireshark's words for a TCP Fast Open option (RFC 7413): with a cookie, or requesting one. */
function readFastOpen(cursor: Cursor, line: ParsedLine): void {
  const index = cursor.index;
  const text = cursor.take(/TFO=[CR]/y) ?? '';
  const name = text === 'TFO=C' ? 'tcp.options.tfo.cookie' : 'tcp.options.tfo.request';
  addField(line, { name, value: { kind: 'present' }, text, index, length: text.length });
}

function readPorts(cursor: Cursor, line: ParsedLine): void {
  for (const name of ['tcp.srcport', 'tcp.dstport']) {
    const index = cursor.index;
    const port = cursor.take(/\d+/y);
    if (port === undefined) throw cursor.problem(quoted(cursor.word()), 'the destination port');
    if (Number(port) > 65535) {
      throw cursor.problem(`the port ${port}`, 'a port, 0 to 65535', undefined, index, port.length);
    }
    const value = { kind: 'equals', value: { kind: 'number', value: Number(port) } } as const;
    addField(line, { name, value, text: port, index, length: port.length });
    if (name === 'tcp.srcport') cursor.take(/[ \t]*(?:→|->|>)[ \t]*/y);
  }
}

function addField(line: ParsedLine, token: LineToken): void {
  const again = line.fields.some(({ name }) => name === token.name);
  if (again && lineField(token.name)?.repeatable !== true) {
    line.problems.push(
      new GrammarProblem(token.index, token.length, `${quoted(token.name)} a second time`, 'each field once'),
    );
    return;
  }
  line.fields.push(token);
}

function unknownKey(cursor: Cursor, name: string): GrammarProblem {
  const isFlag = /^[!?]?(?:SYN|ACK|FIN|RST|PSH|URG|ECE|CWR|AE)$/i.test(name);
  const close = didYouMean(name, LINE_KEYS);
  const remedy = isFlag
    ? `flags stand in brackets: [${name.toUpperCase()}]`
    : close === undefined
      ? undefined
      : `did you mean \`${close}\`?`;
  return cursor.problem(`unknown key ${quoted(name)}`, LINE_HELP, remedy, cursor.index, name.length);
}
