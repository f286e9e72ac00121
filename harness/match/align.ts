import { LINE_KEYS } from '../case/fields.js';
import type { FieldPattern, PacketPattern, Role } from '../case/model.js';
import type { Packet } from '../dissect/packet.js';
import { flagNames } from '../dissect/packet.js';
import { fieldNamed } from './field-registry.js';
import { packetTokens } from './packet-line.js';
import type { Token } from './packet-line.js';
import { quoteBytes } from './show-bytes.js';
import type { Difference } from './verdict.js';

/**
 * Expected over actual, as packetdrill prints them, every field in a column of its own and the differing ones marked below.
 * What is too wide for one line goes on below in a second block.
 */
export function alignedLines(
  pattern: PacketPattern,
  actual: { packet: Packet; role: Role; label: string },
  differences: readonly Difference[],
  width: number,
): string[] {
  const head = { name: 'from', expected: pattern.from, actual: actual.role };
  const columns = [head, ...columnsOf(pattern, actual.packet)];
  const labels = ['expected', actual.label];
  const labelWidth = Math.max(...labels.map((label) => label.length));
  const differing = new Set(differences.map(({ field }) => field));
  const lines: string[] = [];
  for (const block of blocksOf(columns, width - labelWidth - 2)) {
    const row = (label: string, cell: (column: Column) => string) =>
      `${label.padEnd(labelWidth)}  ${block.map((column) => cell(column).padEnd(widthOf(column))).join('  ')}`.trimEnd();
    lines.push(
      row(labels[0] ?? '', (column) => column.expected),
      row(labels[1] ?? '', (column) => column.actual),
    );
    const marks = row('', (column) => (differing.has(column.name) ? '^'.repeat(widthOf(column)) : ''));
    if (marks !== '') lines.push(marks);
  }
  return lines;
}

interface Column {
  name: string;
  expected: string;
  actual: string;
}

function columnsOf(pattern: PacketPattern, packet: Packet): Column[] {
  const columns: Column[] = [];
  const seen = packetTokens(packet);
  const named = expectedTokens(pattern);
  for (const token of seen) {
    const at = named.findIndex(({ name }) => name === token.name);
    const [expected] = at < 0 ? [] : named.splice(at, 1);
    if (expected !== undefined || CORE.has(token.name)) {
      columns.push({ name: token.name, expected: expected?.text ?? '', actual: token.text });
    }
  }
  for (const { name, text } of named) {
    columns.push({ name, expected: text, actual: actualText(name, packet) });
  }
  return columns
    .map((column, index) => ({ column, rank: rankOf(column.name) * 1000 + index }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ column }) => column);
}

/** Wireshark's order first, other fields behind it as the case names them, the payload last. */
function rankOf(name: string): number {
  if (name === 'Flags') return -1;
  if (name === 'payload') return LINE_KEYS.length + 1;
  const rank = LINE_KEYS.indexOf(name === 'SRE' ? 'SLE' : name);
  return rank < 0 ? LINE_KEYS.length : rank;
}

/** Shown of what came even where the case does not name it. */
const CORE = new Set(['Flags', 'Seq', 'Ack', 'Win', 'Len']);
const PAYLOAD_SHOWN = 16;

function expectedTokens({ flags, fields, payload }: PacketPattern): Token[] {
  const tokens: Token[] = [];
  if (flags !== undefined) tokens.push({ name: 'Flags', text: `[${flagNames(flags.set)}]` });
  for (const field of fields) tokens.push({ name: field.name, text: fieldText(field) });
  if (payload !== undefined) {
    tokens.push({ name: 'payload', text: `payload=${quoteBytes(payload, PAYLOAD_SHOWN)}` });
  }
  return tokens;
}

/** What the packet has where its line does not show it. */
function actualText(name: string, packet: Packet): string {
  if (name === 'payload') return `payload=${quoteBytes(packet.tcp.payload, PAYLOAD_SHOWN)}`;
  const values = fieldNamed(name).values(packet);
  if (LINE_KEYS.includes(name)) return values.length === 0 ? '' : `${name}=${values.join(',')}`;
  const short = name.replace(/^tcp\.analysis\.(?!flags)/, 'analysis=');
  if (short !== name) return values.length === 0 ? '' : short;
  return values.length === 0 ? '' : `${name}=${values.join(',')}`;
}

/** As written; the name goes before it where the case has it as a key of a mapping. */
function fieldText({ name, text }: FieldPattern): string {
  return /^[\w.-]+\s*(?:[=<>!]|$)/.test(text) ? text : `${name}=${text}`;
}

function blocksOf(columns: readonly Column[], width: number): Column[][] {
  const blocks: Column[][] = [];
  let left = 0;
  for (const column of columns) {
    const needed = widthOf(column) + 2;
    const block = blocks.at(-1);
    if (block === undefined || needed > left) {
      blocks.push([column]);
      left = width - needed + 2;
    } else {
      block.push(column);
      left -= needed;
    }
  }
  return blocks;
}

function widthOf({ expected, actual }: Column): number {
  return Math.max(expected.length, actual.length);
}
