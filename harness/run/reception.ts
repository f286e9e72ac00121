import type { Packet } from '../dissect/packet.js';

/** A packet of the IUT as the lower tester read it, and when, ms since the epoch. */
export interface Read {
  packet: Packet;
  time: number;
}

/** What reading takes longer now and then on any machine, ms, is no lateness. */
const NOTICEABLE_MS = 3;

/**
 * How much later than they passed the wire the tester read packets, all together, ms. The two clocks need not agree: the
 * packet that was read soonest is taken to have been read at once.
 */
export function readLateMs(reads: readonly Read[], captured: readonly Packet[]): number {
  const left = [...captured];
  const delays = reads.flatMap(({ packet, time }) => {
    const index = left.findIndex((one) => isSame(one, packet));
    if (index < 0) return [];
    const [found] = left.splice(index, 1);
    return [time - found!.time * 1000];
  });
  const least = Math.min(...delays);
  return delays
    .map((delay) => delay - least)
    .filter((ms) => ms >= NOTICEABLE_MS)
    .reduce((sum, ms) => sum + ms, 0);
}

function isSame(one: Packet, other: Packet): boolean {
  return (
    one.tcp.seqRaw === other.tcp.seqRaw &&
    one.tcp.ackRaw === other.tcp.ackRaw &&
    one.tcp.flags === other.tcp.flags &&
    one.tcp.len === other.tcp.len
  );
}
