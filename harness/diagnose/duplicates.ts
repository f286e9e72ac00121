import type { Packet } from '../dissect/packet.js';
import type { End, RecentFrame } from './end.js';
import { ipId } from './end.js';

/** No sender repeats a segment this soon, s. */
const TOO_SOON = 0.000_3;

/**
 * The frame that this one doubles: the same packet captured twice (two ports mirrored, two sides of a router, the
 * "any" interface) or doubled by the network. A host that sends again gives the packet a new IP identification.
 */
export function findDuplicate(end: End, packet: Packet, time: number): number | undefined {
  const id = ipId(packet);
  const original = end.recent.find((frame) => frame !== undefined && isSame(frame, packet));
  if (original !== undefined && original.id === id && isTold(end, original, packet, time)) {
    end.incidents.duplicates.push({
      frame: packet.frame,
      original: original.frame,
      ttlDrop: original.ttl - packet.ip.ttl,
    });
    return original.frame;
  }
  remember(end, packet, id, time);
  return undefined;
}

function isSame(frame: RecentFrame, packet: Packet): boolean {
  const { tcp } = packet;
  return (
    frame.seq === tcp.seqRaw &&
    frame.len === tcp.len &&
    frame.flags === tcp.flags &&
    frame.ack === tcp.ackRaw &&
    frame.checksum === tcp.checksum
  );
}

/** Whether the identification tells packets of this end apart; where it has none, only the time is left. */
function isTold(end: End, original: RecentFrame, packet: Packet, time: number): boolean {
  const since = time - original.time;
  const { id } = original;
  if (id === undefined || id === 0) return packet.tcp.len > 0 && since < TOO_SOON && end.dupAcks === 0;
  const others = end.recent.filter((frame) => frame !== original && frame !== undefined);
  return since < 2 && others.length > 0 && others.every((frame) => frame?.id !== id);
}

function remember(end: End, packet: Packet, id: number | undefined, time: number): void {
  const { tcp } = packet;
  const entry = (end.recent[end.recentAt] ??= {} as RecentFrame);
  end.recentAt = (end.recentAt + 1) % end.recent.length;
  entry.seq = tcp.seqRaw;
  entry.len = tcp.len;
  entry.flags = tcp.flags;
  entry.ack = tcp.ackRaw;
  entry.id = id;
  entry.checksum = tcp.checksum;
  entry.ttl = packet.ip.ttl;
  entry.time = time;
  entry.frame = packet.frame;
}
