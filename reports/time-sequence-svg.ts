import { LADDER_STYLE } from './ladder-style.js';
import { html, Markup } from './markup.js';
import type { Point, TimeSequence } from './time-sequence.js';

export interface GraphOptions {
  width?: number;
  height?: number;
  standalone?: boolean;
  /** Only this much of the conversation, ms after its first packet. */
  times?: readonly [from: number, to: number];
}

/**
 * A time-sequence graph as tcptrace drew it: segments as bars, retransmissions thick and marked R, the acknowledgement
 * line below, the right edge of the window above, SACK blocks where they were reported. Its `<desc>` says it in words.
 */
export function timeSequenceSvg(whole: TimeSequence, options: GraphOptions = {}): string {
  const graph = options.times === undefined ? whole : cut(whole, options.times);
  const width = options.width ?? 760;
  const height = options.height ?? 380;
  const scale = scaleOf(graph, width, height, options.times);
  const style =
    options.standalone === true
      ? html`<style>
          ${STYLE_MARKUP}
        </style>`
      : '';
  return html`<svg
    xmlns="http://www.w3.org/2000/svg"
    class="tsg"
    role="img"
    aria-label="${describe(graph)}"
    width="${width}"
    height="${height}"
    viewBox="0 0 ${width} ${height}"
  >
    ${style}${axes(scale)}
    <path class="wins" d="${stairs(graph.windows, scale)}" />
    <path class="acks" d="${stairs(graph.acks, scale)}" />
    <path class="sacks" d="${bars(graph.sacks, scale, 0)}" />
    <path
      class="seg"
      d="${bars(
        graph.segments.filter(({ again }) => !again),
        scale,
        2,
      )}"
    />
    <path
      class="again"
      d="${bars(
        graph.segments.filter(({ again }) => again),
        scale,
        2,
      )}"
    />
    ${retransmissionSigns(graph, scale)}${legend(scale)}
  </svg>`.text;
}

/** The graph in words. */
export function describe(graph: TimeSequence): string {
  const again = graph.segments.filter((segment) => segment.again).length;
  const octets = Math.max(0, ...graph.segments.map(({ to }) => to - 1));
  const seconds = ((graph.segments.at(-1)?.time ?? 0) - (graph.segments[0]?.time ?? 0)) / 1000;
  return `Time-sequence graph, data from the ${graph.from}: ${graph.segments.length} segments, ${octets} octets in ${seconds.toFixed(3)} s, ${again} retransmitted, ${graph.acks.length} ACKs, ${graph.sacks.length} SACK blocks`;
}

interface Scale {
  x: (time: number) => number;
  y: (seq: number) => number;
  times: [number, number];
  seqs: [number, number];
  box: { left: number; right: number; top: number; bottom: number };
}

const STYLE_MARKUP = new Markup(LADDER_STYLE);

/** What lies within the times, and the acknowledgement and window that hold at their edges. */
function cut(graph: TimeSequence, [from, to]: readonly [number, number]): TimeSequence {
  const within = ({ time }: { time: number }): boolean => time >= from && time <= to;
  const held = (points: Point[]): Point[] => {
    const before = points.findLast(({ time }) => time < from);
    const shown = [...(before ? [{ ...before, time: from }] : []), ...points.filter(within)];
    // What was acknowledged stays so until the next ACK, beyond the edge.
    const last = points.some(({ time }) => time > to) ? shown.at(-1) : undefined;
    return last === undefined ? shown : [...shown, { ...last, time: to }];
  };
  return {
    from: graph.from,
    segments: graph.segments.filter(within),
    acks: held(graph.acks),
    windows: held(graph.windows),
    sacks: graph.sacks.filter(within),
  };
}

function scaleOf(
  graph: TimeSequence,
  width: number,
  height: number,
  fixed: readonly [number, number] | undefined,
): Scale {
  const times: [number, number] = fixed
    ? [...fixed]
    : extent([...graph.segments, ...graph.acks, ...graph.sacks].map(({ time }) => time));
  const data = extent(graph.segments.flatMap(({ from, to }) => [from, to]));
  // A large window would press the data into the bottom of the graph: show as much of it as there is data, no more.
  const roof = data[1] + (data[1] - data[0]) * 0.25;
  const windows = graph.windows.map(({ seq }) => seq).filter((seq) => seq <= roof);
  const seqs = extent([...data, ...windows, ...(fixed ? [] : [0])]);
  const box = { left: 74, right: width - 12, top: 34, bottom: height - 34 };
  const clamp = (value: number): number => Math.min(Math.max(value, box.top - 6), box.bottom);
  return {
    times,
    seqs,
    box,
    x: (time) => round(box.left + ((time - times[0]) / span(times)) * (box.right - box.left)),
    y: (seq) => round(clamp(box.bottom - ((seq - seqs[0]) / span(seqs)) * (box.bottom - box.top))),
  };
}

function bars(items: { time: number; from: number; to: number }[], { x, y }: Scale, serif: number): string {
  return items
    .map(({ time, from, to }) => {
      const [left, low, high] = [x(time), y(from), y(to)];
      const ends = serif === 0 ? '' : `m-${serif} 0h${serif * 2}M${left - serif} ${low}h${serif * 2}`;
      return `M${left} ${low}V${high}${ends}`;
    })
    .join('');
}

function stairs(points: Point[], { x, y }: Scale): string {
  return points
    .map(({ time, seq }, index) => (index === 0 ? `M${x(time)} ${y(seq)}` : `H${x(time)}V${y(seq)}`))
    .join('');
}

function retransmissionSigns(graph: TimeSequence, { x, y }: Scale): Markup[] {
  const again = graph.segments.filter((segment) => segment.again);
  if (again.length > 200) return [];
  return again.map(
    ({ time, to }) => html`<text class="small middle" x="${x(time)}" y="${y(to) - 4}">R</text>`,
  );
}

function axes(scale: Scale): Markup {
  const { box, x, y } = scale;
  const times = ticks(scale.times, Math.max(2, Math.floor((box.right - box.left) / 90)));
  const seqs = ticks(scale.seqs, 6);
  return html`<g
    >${times.map((time) => html`<path class="grid" d="M${x(time)} ${box.top}V${box.bottom}" /><text class="small middle" x="${x(time)}" y="${box.bottom + 15}">${label(time)}</text>`)}${seqs.map((seq) => html`<path class="grid" d="M${box.left} ${y(seq)}H${box.right}" /><text class="small right" x="${box.left - 5}" y="${y(seq) + 4}">${label(seq)}</text>`)}<path
      class="axis"
      d="M${box.left} ${box.top}V${box.bottom}H${box.right}"
    /><text class="small right" x="${box.right}" y="${box.bottom + 29}">time, ms</text
    ><text class="small" x="4" y="${box.bottom + 29}">sequence number, octets after the ISN</text></g
  >`;
}

function legend({ box }: Scale): Markup {
  const items: [string, string][] = [
    ['seg', 'segment'],
    ['again', 'again (R)'],
    ['acks', 'ACK'],
    ['wins', 'window'],
    ['sacks', 'SACK'],
  ];
  const step = Math.min(104, (box.right - 8) / items.length);
  return html`<g
    >${items.map(([name, text], index) => html`<path class="${name}" d="M${8 + index * step} 12h14" /><text class="small" x="${26 + index * step}" y="16">${text}</text>`)}</g
  >`;
}

/** Round steps (1, 2, 5 times a power of ten) inside a range. */
function ticks([from, to]: [number, number], about: number): number[] {
  const raw = (to - from) / about;
  if (!(raw > 0)) return [from];
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= raw) ?? raw;
  const found: number[] = [];
  for (let tick = Math.ceil(from / step) * step; tick <= to; tick += step) found.push(tick);
  return found;
}

function label(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e6) return `${trim(value / 1e6)}M`;
  return size >= 1e4 ? `${trim(value / 1e3)}k` : trim(value);
}

function trim(value: number): string {
  return String(Math.round(value * 1000) / 1000);
}

function extent(values: number[]): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return low <= high ? [low, high] : [0, 1];
}

function span([low, high]: [number, number]): number {
  return high === low ? 1 : high - low;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
