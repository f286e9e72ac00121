import type { PacketRow } from '../harness/run/results.js';
import { analysisName, coreLine, infoLine, payloadText } from './wire/info.js';
import { printableLine } from './printable.js';
import { wrap } from './wrap.js';
import {
  around,
  isWrong,
  ladderRows,
  rowRemark,
  type End,
  type LadderInput,
  type LadderRow,
} from './wire/ladder-rows.js';

export interface LadderOptions {
  /** Columns to fill; below 76 the narrow form is drawn. 100 by default. */
  width?: number;
  /** Rows kept before and after the offending one; everything when absent. */
  window?: { before: number; after: number };
  /** Colours a piece of a line; nothing by default. */
  paint?: (kind: Paint, text: string) => string;
}

/** What a piece of a ladder means, for whoever colours it. */
export type Paint = 'wrong' | 'expected' | 'dim' | 'plain';

/**
 * The ladder as text: client left, server right, time in ms, each line in the grammar of Wireshark's Info column. The
 * offending packet is drawn double and marked `✗`, an expected packet that never came is a dashed gap.
 */
export function ladderText(input: LadderInput, options: LadderOptions = {}): string {
  const all = ladderRows(input);
  const rows = options.window ? around(all, options.window.before, options.window.after) : all;
  if (rows.length === 0) return 'no packets';
  const width = options.width ?? 100;
  const page: Page = { width, columns: columnsOf(rows), paint: options.paint ?? ((_, text) => text) };
  const lines = width >= 76 ? wide(rows, input, page) : narrow(rows, input, page);
  return lines.join('\n');
}

interface Page {
  width: number;
  columns: { frame: number; time: number };
  paint: (kind: Paint, text: string) => string;
}

function wide(rows: LadderRow[], input: LadderInput, page: Page): string[] {
  const lane = page.width - gutterWidth(page) - 2;
  const head = endpoints(input);
  const title = (client: string, server: string): string =>
    page.paint(
      'dim',
      `${' '.repeat(gutterWidth(page))}${client}${server.padStart(Math.max(1, lane + 2 - client.length))}`,
    );
  const heading = [title('client', 'server')];
  if (head !== undefined) heading.push(title(head.client, head.server));
  return [...heading, ...rows.flatMap((row) => wideRow(row, lane, page))];
}

function wideRow(row: LadderRow, lane: number, page: Page): string[] {
  const wrong = isWrong(row);
  const kind: Paint = row.kind === 'gap' ? 'expected' : wrong ? 'wrong' : 'plain';
  const gutter = gutterOf(row, page);
  if (row.kind === 'skipped') return [page.paint('dim', `${gutter}⋮ ${packetCount(row.count)}`)];
  const [text, ...more] = rowTexts(row, lane - 8);
  const arrow = arrowLine(row, text ?? '', lane);
  const under = [...more, ...remarks(row)].flatMap((line) => wrap(line, lane - 3));
  const blank = ' '.repeat(gutterWidth(page));
  return [
    page.paint(kind, `${gutter}│${arrow}│`),
    ...under.map((line) => page.paint(kind, `${blank}│   ${line.padEnd(lane - 3)}│`)),
  ];
}

function narrow(rows: LadderRow[], input: LadderInput, page: Page): string[] {
  const head = endpoints(input);
  const heading =
    head === undefined ? [] : wrap(`→ client ${head.client}  ← server ${head.server}`, page.width);
  return [...heading.map((line) => page.paint('dim', line)), ...rows.flatMap((row) => narrowRow(row, page))];
}

function narrowRow(row: LadderRow, page: Page): string[] {
  const gutter = gutterOf(row, page);
  if (row.kind === 'skipped') return [page.paint('dim', `${gutter}⋮ ${packetCount(row.count)}`)];
  const kind: Paint = row.kind === 'gap' ? 'expected' : isWrong(row) ? 'wrong' : 'plain';
  const room = Math.max(8, page.width - gutter.length - 2);
  const lines = [...rowTexts(row, room), ...remarks(row)].flatMap((line) => wrap(line, room));
  const [first, ...rest] = lines;
  const indent = ' '.repeat(gutter.length + 2);
  return [
    page.paint(kind, `${gutter}${narrowArrow(row)} ${first ?? ''}`),
    ...rest.map((line) => page.paint(kind, `${indent}${line}`)),
  ];
}

/** The text on the arrow, then what did not fit on it: options, payload. */
function rowTexts(row: LadderRow, room: number): string[] {
  if (row.kind === 'frame') return wrap(printableLine(`${row.frame.protocol}: ${row.frame.info}`), room);
  if (row.kind === 'gap') return [printableLine(row.expected)];
  if (row.kind === 'skipped') return [];
  const { packet } = row;
  const payload = packet.len <= 40 ? payloadText(packet, 40) : '';
  const whole = [infoLine(packet), payload].filter((part) => part !== '').join(' ');
  if (whole.length <= room) return [whole];
  const rest = [packet.options, payload].filter((part) => part !== '').join(' ');
  return rest === '' ? [coreLine(packet)] : [coreLine(packet), rest];
}

function remarks(row: LadderRow): string[] {
  const lines: string[] = [];
  const remark = rowRemark(row);
  if (row.kind === 'packet' && row.packet.analysis.length > 0) {
    lines.push(`Wireshark: ${row.packet.analysis.map(analysisName).join(', ')}`);
  }
  if (remark !== '') lines.push(`${isWrong(row) ? '^ ' : ''}${remark}`);
  if (row.kind === 'packet' && row.expected !== undefined) {
    const other = row.expectedFrom !== undefined && row.expectedFrom !== row.packet.from;
    lines.push(`expected${other ? ` from the ${row.expectedFrom}` : ''}: ${printableLine(row.expected)}`);
  }
  return lines;
}

function arrowLine(row: LadderRow, text: string, lane: number): string {
  const line = row.kind === 'gap' ? '╌' : isWrong(row) ? '═' : '─';
  const from = fromOf(row);
  const lost = row.kind === 'packet' && row.packet.lost === true;
  const middle = ` ${text} `;
  const free = Math.max(0, lane - middle.length - 3);
  if (row.kind === 'frame') return `··${middle}`.padEnd(lane);
  if (from === undefined) return `${line.repeat(2)}${middle}${line.repeat(free + 1)}`;
  const short = lost ? Math.floor(free / 2) : free;
  const shaft = line.repeat(short);
  const head = lost ? '╳' : from === 'client' ? '▶' : '◀';
  const drawn =
    from === 'client'
      ? `${line.repeat(2)}${middle}${shaft}${head}`
      : `${head}${shaft}${middle}${line.repeat(2)}`;
  return from === 'client' ? drawn.padEnd(lane) : drawn.padStart(lane);
}

function narrowArrow(row: LadderRow): string {
  const from = fromOf(row);
  if (from === undefined) return '·';
  if (row.kind === 'packet' && row.packet.lost === true) return '╳';
  return from === 'client' ? '→' : '←';
}

function fromOf(row: LadderRow): End | undefined {
  if (row.kind === 'packet') return row.packet.from;
  return row.kind === 'gap' ? row.from : undefined;
}

function gutterOf(row: LadderRow, { columns }: Page): string {
  const mark = isWrong(row) ? '✗' : ' ';
  return `${mark} ${frameOf(row).padStart(columns.frame)} ${timeOf(row).padStart(columns.time)}  `;
}

function gutterWidth({ columns }: Page): number {
  return columns.frame + columns.time + 5;
}

function columnsOf(rows: LadderRow[]): Page['columns'] {
  const widest = (texts: string[]): number => Math.max(0, ...texts.map((text) => text.length));
  return { frame: widest(rows.map(frameOf)), time: widest(rows.map(timeOf)) };
}

function frameOf(row: LadderRow): string {
  if (row.kind === 'packet') return String(row.packet.frame);
  return row.kind === 'frame' ? String(row.frame.frame) : '';
}

function timeOf(row: LadderRow): string {
  if (row.kind === 'packet') return row.packet.timeMs.toFixed(3);
  return row.kind === 'frame' ? row.frame.timeMs.toFixed(3) : '';
}

function endpoints(input: LadderInput): { client: string; server: string } | undefined {
  const packet = input.packets[0];
  if (packet === undefined) return undefined;
  const source = endpoint(packet, 'source');
  const destination = endpoint(packet, 'destination');
  return packet.from === 'client'
    ? { client: source, server: destination }
    : { client: destination, server: source };
}

/** `10.0.0.1:8080`, `[fd00::1]:8080`. */
export function endpoint(packet: PacketRow, which: 'source' | 'destination'): string {
  const [address, port] = which === 'source' ? [packet.src, packet.srcPort] : [packet.dst, packet.dstPort];
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

function packetCount(count: number): string {
  return count === 1 ? '1 more packet' : `${count} more packets`;
}
