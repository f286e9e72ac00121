import { endpoint } from './ladder.js';
import { LADDER_STYLE } from './ladder-style.js';
import { html, Markup } from './markup.js';
import { coreLine, infoLine, payloadText } from './wire/info.js';
import { packetFields } from './wire/fields.js';
import {
  around,
  isWrong,
  ladderRows,
  rowRemark,
  type End,
  type LadderInput,
  type LadderRow,
} from './wire/ladder-rows.js';
import { wrap } from './wrap.js';

export interface LadderSvgOptions {
  /** Pixels; below 560 time and frame number stand above each arrow. 760 by default. */
  width?: number;
  /** Carries its own style sheet, for a file of its own; a page that has LADDER_STYLE leaves it out. */
  standalone?: boolean;
  /** Rows drawn at most, around the offending packet where there is one; the packet table has them all. */
  maxRows?: number;
}

/**
 * The ladder as SVG: client left, server right, a rung a packet with its numbers, the offending one marked with what was
 * expected beneath it, a dashed rung for a packet that never came. Every rung is a focusable list item that says itself
 * in words; its `<title>` has every field. Colours are CSS variables, so that light and dark come from the page.
 */
export function ladderSvg(input: LadderInput, options: LadderSvgOptions = {}): string {
  const width = options.width ?? 760;
  const most = options.maxRows ?? 300;
  const rows = around(ladderRows(input), Math.floor(most * 0.6), Math.floor(most * 0.4));
  const lane = laneOf(width);
  const rungs: Markup[] = [];
  let y = HEAD;
  let earlier: number | undefined;
  let focusable = Math.max(0, rows.findIndex(isWrong));
  if (rows[focusable]?.kind === 'skipped') focusable = 0;
  for (const [index, row] of rows.entries()) {
    const time = timeOf(row);
    if (time !== undefined && earlier !== undefined && time - earlier >= PAUSE_MS) {
      rungs.push(pause(time - earlier, y, lane));
      y += 22;
    }
    earlier = time ?? earlier;
    const drawn = rung(row, y, lane, index === focusable);
    rungs.push(drawn.markup);
    y += drawn.height;
  }
  const height = y + 12;
  const style =
    options.standalone === true
      ? html`<style>
          ${LADDER_STYLE_MARKUP}
        </style>`
      : '';
  return html`<svg
    xmlns="http://www.w3.org/2000/svg"
    class="ladder"
    role="list"
    aria-label="${labelOf(input)}"
    width="${width}"
    height="${height}"
    viewBox="0 0 ${width} ${height}"
  >
    ${style}${head(input, lane, height)}${rungs}
  </svg>`.text;
}

const HEAD = 50;
const PAUSE_MS = 100;
const CHAR = 7.3;
const LINE = 16;
const LADDER_STYLE_MARKUP = new Markup(LADDER_STYLE);

interface Lane {
  left: number;
  right: number;
  narrow: boolean;
  /** Characters that fit on an arrow. */
  room: number;
}

function laneOf(width: number): Lane {
  const narrow = width < 560;
  const left = narrow ? 10 : 132;
  const right = width - 14;
  return { left, right, narrow, room: Math.max(18, Math.floor((right - left - 20) / CHAR)) };
}

function head(input: LadderInput, lane: Lane, height: number): Markup {
  const packet = input.packets[0];
  const client = packet && endpoint(packet, packet.from === 'client' ? 'source' : 'destination');
  const server = packet && endpoint(packet, packet.from === 'client' ? 'destination' : 'source');
  return html`<g aria-hidden="true"
    ><text class="end" x="${lane.left}" y="16">client</text
    ><text class="small" x="${lane.left}" y="32">${client}</text
    ><text class="end right" x="${lane.right}" y="16">server</text
    ><text class="small right" x="${lane.right}" y="32">${server}</text
    >${lane.narrow ? '' : html`<text class="small right" x="${lane.left - 14}" y="32">ms</text>`}<line
      class="life"
      x1="${lane.left}"
      x2="${lane.left}"
      y1="40"
      y2="${height - 4}" /><line
      class="life"
      x1="${lane.right}"
      x2="${lane.right}"
      y1="40"
      y2="${height - 4}"
  /></g>`;
}

function rung(
  row: LadderRow,
  top: number,
  lane: Lane,
  focusable: boolean,
): { markup: Markup; height: number } {
  if (row.kind === 'skipped') return skippedRung(row.count, top, lane);
  const from = fromOf(row);
  const above = [...(lane.narrow ? [gutterText(row)] : []), ...mainLines(row, lane.room)];
  const below = belowLines(row, lane.room);
  const arrowY = top + above.length * LINE + 6;
  const expected = row.kind === 'packet' ? row.expected : undefined;
  const owed = row.kind === 'packet' ? row.expectedFrom : undefined;
  const expectedLines = expected === undefined ? [] : wrap(`expected: ${expected}`, lane.room);
  const belowY = arrowY + 15;
  const expectedY = belowY + below.length * LINE;
  const ghostY = expectedY + expectedLines.length * LINE - 6;
  const bottom = expected === undefined ? arrowY + 8 + below.length * LINE : ghostY + 12;
  const markup = html`<g
    class="rung ${classOf(row)}"
    role="listitem"
    tabindex="${focusable ? 0 : -1}"
    data-row="${rowKey(row)}"
    aria-label="${spoken(row)}"
    ><title>${tooltip(row)}</title
    ><rect
      class="hit"
      x="1"
      y="${top}"
      width="${lane.right + 12}"
      height="${bottom - top}"
      rx="3"
    />${lane.narrow ? '' : gutter(row, arrowY, lane)}${texts(above, top + LINE - 3, from, lane, lane.narrow ? 1 : 0)}${arrow(row, from, arrowY, lane)}${texts(below, belowY, from, lane, 99)}${expected === undefined ? '' : html`<g class="expected">${texts(expectedLines, expectedY, owed, lane, 0)}${shaft('ghost', owed, ghostY, lane)}</g>`}</g
  >`;
  return { markup, height: bottom - top };
}

/** Lines at one side of the lane, the first `dim` of them small. */
function texts(lines: string[], y: number, from: End | undefined, lane: Lane, dim: number): Markup[] {
  const right = from === 'server';
  const x = right ? lane.right - 10 : lane.left + 10;
  return lines.map(
    (line, index) =>
      html`<text
        class="${index < dim ? 'small' : 'line'}${right ? ' right' : ''}"
        x="${x}"
        y="${y + index * LINE}"
        >${line}</text
      >`,
  );
}

function arrow(row: LadderRow, from: End | undefined, y: number, lane: Lane): Markup {
  if (row.kind === 'packet' && row.packet.lost === true) {
    const middle = (lane.left + lane.right) / 2;
    const start = from === 'client' ? lane.left : lane.right;
    return html`<line class="shaft" x1="${start}" x2="${middle}" y1="${y}" y2="${y}" /><path
        class="cross"
        d="M${middle - 6} ${y - 6}l12 12m0 -12l-12 12"
      />`;
  }
  return shaft(row.kind === 'gap' ? 'ghost' : 'shaft', from, y, lane);
}

function shaft(kind: string, from: End | undefined, y: number, { left, right }: Lane): Markup {
  const line = html`<line class="${kind}" x1="${left + 1}" x2="${right - 1}" y1="${y}" y2="${y}" />`;
  if (from === undefined) return line;
  const tip = from === 'client' ? `M${right - 1} ${y}l-9 -4.5v9z` : `M${left + 1} ${y}l9 -4.5v9z`;
  return html`${line}<path class="tip" d="${tip}" />`;
}

function gutter(row: LadderRow, y: number, lane: Lane): Markup {
  const [sign, frame, time] = gutterParts(row);
  return html`<text class="sign" x="6" y="${y + 4}">${sign}</text
    ><text class="small right" x="52" y="${y + 4}">${frame}</text
    ><text class="small right" x="${lane.left - 14}" y="${y + 4}">${time}</text>`;
}

function gutterText(row: LadderRow): string {
  const [sign, frame, time] = gutterParts(row);
  return row.kind === 'gap' ? `${sign} missing` : `${sign} ${frame}  ${time} ms`;
}

function gutterParts(row: LadderRow): [sign: string, frame: string, time: string] {
  if (row.kind === 'packet') {
    const { mark, packet } = row;
    const sign =
      isWrong(row) || mark === 'unexpected' || mark === 'mismatch' ? '✗' : mark === 'expected' ? '✓' : '·';
    return [sign, String(packet.frame), packet.timeMs.toFixed(3)];
  }
  if (row.kind === 'frame') return ['·', String(row.frame.frame), row.frame.timeMs.toFixed(3)];
  return ['✗', '', ''];
}

function mainLines(row: LadderRow, room: number): string[] {
  if (row.kind === 'gap') return wrap(row.expected, room);
  if (row.kind === 'frame') return wrap(`${row.frame.protocol}: ${row.frame.info}`, room);
  return row.kind === 'packet' ? wrap(coreLine(row.packet), room) : [];
}

function belowLines(row: LadderRow, room: number): string[] {
  if (row.kind !== 'packet') return row.kind === 'gap' ? ['missing: never came'] : [];
  const { packet } = row;
  const rest = [packet.options, packet.len <= 40 ? payloadText(packet, 40) : '', remarkOf(row)];
  const text = rest.filter((part) => part !== '').join('  ');
  return text === '' ? [] : wrap(text, room);
}

function remarkOf(row: LadderRow): string {
  const remark = rowRemark(row);
  const analysis = row.kind === 'packet' ? row.packet.analysis.join(', ').replace(/_/g, ' ') : '';
  const parts = [remark === '' ? '' : `✗ ${remark}`, analysis === '' ? '' : `(${analysis})`];
  return parts.filter((part) => part !== '').join(' ');
}

function skippedRung(count: number, top: number, lane: Lane): { markup: Markup; height: number } {
  const text = `${count} more ${count === 1 ? 'packet' : 'packets'}, see the packet table`;
  const markup = html`<g role="listitem"
    ><text class="small" x="${lane.left + 10}" y="${top + 16}">⋮ ${text}</text></g
  >`;
  return { markup, height: 26 };
}

function pause(ms: number, y: number, lane: Lane): Markup {
  const text = ms >= 1000 ? `${(ms / 1000).toFixed(2)} s` : `${ms.toFixed(0)} ms`;
  return html`<text aria-hidden="true" class="small middle" x="${(lane.left + lane.right) / 2}" y="${y + 15}"
    >⋮ ${text} later</text
  >`;
}

function classOf(row: LadderRow): string {
  if (row.kind === 'gap') return 'gap wrong';
  if (row.kind !== 'packet') return 'other';
  if (isWrong(row)) return 'wrong';
  return row.mark === 'unexpected' || row.mark === 'mismatch' ? 'odd' : row.mark;
}

/** How a rung is found again: `packet 3`, `frame 7`, `gap`. */
function rowKey(row: LadderRow): string {
  if (row.kind === 'packet') return `packet ${row.packet.frame}`;
  return row.kind === 'frame' ? `frame ${row.frame.frame}` : row.kind;
}

function spoken(row: LadderRow): string {
  if (row.kind === 'gap') return `Missing packet from the ${row.from ?? 'peer'}: ${row.expected}`;
  if (row.kind === 'frame') return `Frame ${row.frame.frame}, ${row.frame.protocol}: ${row.frame.info}`;
  if (row.kind === 'skipped') return `${row.count} more packets`;
  const { packet } = row;
  const to = packet.from === 'client' ? 'client to server' : 'server to client';
  const remark = [remarkOf(row), row.expected === undefined ? '' : `expected: ${row.expected}`];
  const words = [
    `Packet ${packet.frame}, ${packet.timeMs.toFixed(3)} ms, ${to}: ${infoLine(packet)}`,
    ...remark,
  ];
  return words.filter((part) => part !== '').join('; ');
}

function tooltip(row: LadderRow): string {
  if (row.kind !== 'packet') return spoken(row);
  const fields = packetFields(row.packet).map(([name, value]) => `${name}: ${value}`);
  return [...fields, ...(row.expected === undefined ? [] : [`expected: ${row.expected}`])].join('\n');
}

function labelOf(input: LadderInput): string {
  const count = input.packets.length;
  return `Ladder of ${count} ${count === 1 ? 'packet' : 'packets'}, client left, server right`;
}

function fromOf(row: LadderRow): End | undefined {
  if (row.kind === 'packet') return row.packet.from;
  return row.kind === 'gap' ? row.from : undefined;
}

function timeOf(row: LadderRow): number | undefined {
  if (row.kind === 'packet') return row.packet.timeMs;
  return row.kind === 'frame' ? row.frame.timeMs : undefined;
}
