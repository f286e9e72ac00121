import type { PacketRow } from '../harness/run/results.js';
import type { End } from './wire/ladder-rows.js';

/** A point in time (ms) and sequence space (octets after the data sender's ISN, unwrapped). */
export interface Point {
  time: number;
  seq: number;
}

/** One direction of a conversation as tcptrace's time-sequence graph shows it. */
export interface TimeSequence {
  from: End;
  segments: { time: number; from: number; to: number; again: boolean }[];
  /** The other side's acknowledgements, and the right edge of its window. */
  acks: Point[];
  windows: Point[];
  sacks: { time: number; from: number; to: number }[];
}

/** Data packets from which on a direction is drawn. */
const BULK = 40;

/** The directions that carry bulk data, in order of who sent more. */
export function timeSequences(packets: readonly PacketRow[]): TimeSequence[] {
  const ends: End[] = ['client', 'server'];
  return ends
    .map((from) => timeSequence(packets, from))
    .filter(({ segments }) => segments.length > BULK)
    .sort((a, b) => b.segments.length - a.segments.length);
}

export function timeSequence(packets: readonly PacketRow[], from: End): TimeSequence {
  const graph: TimeSequence = { from, segments: [], acks: [], windows: [], sacks: [] };
  let highest: number | undefined;
  for (const packet of packets) {
    const at = (relative: number): number => unwrap(relative, highest ?? relative);
    if (packet.from === from) {
      if (packet.len === 0) continue;
      const start = at(packet.seq);
      const end = start + packet.len;
      const again =
        packet.analysis.some((flag) => flag.endsWith('retransmission')) ||
        (highest !== undefined && end <= highest);
      graph.segments.push({ time: packet.timeMs, from: start, to: end, again });
      highest = Math.max(highest ?? end, end);
    } else if (packet.flags.includes('ACK')) {
      const ack = at(packet.ack);
      graph.acks.push({ time: packet.timeMs, seq: ack });
      graph.windows.push({ time: packet.timeMs, seq: ack + packet.window });
      for (const [left, right] of packet.sack ?? []) {
        graph.sacks.push({ time: packet.timeMs, from: at(left), to: at(right) });
      }
    }
  }
  return graph;
}

/** Sequence numbers wrap after 4 GiB: the value nearest to what was seen last. */
function unwrap(relative: number, near: number): number {
  const turn = 2 ** 32;
  return relative + Math.round((near - relative) / turn) * turn;
}
