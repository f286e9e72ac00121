import type { Packet } from '../dissect/packet.js';
import { FIN, SYN } from '../dissect/packet.js';
import type { End } from './end.js';
import type { RecentFrame } from './end-facts.js';
import { ipId } from './end.js';

/** No sender repeats a segment this soon, s. */
const TOO_SOON = 0.000_3;
/** A copy that comes later than this was sent again, s. */
const TOO_LATE = 2;
/** Routers between two points of one capture. */
const MOST_ROUTERS = 5;
/** Frames that are remembered of an end whose packets are known to come twice. */
const REMEMBERED = 512;

/**
 * The frame that this one doubles: the same packet captured twice (two ports mirrored, two sides of a router, the
 * "any" interface) or doubled by the network. A host that sends again gives the packet a new IP identification, and
 * only a router changes the TTL and nothing else.
 */
export function findDuplicate(end: End, packet: Packet, time: number): number | undefined {
  const id = ipId(packet);
  const original = find(end, packet, id);
  if (original !== undefined && isTold(end, original, packet, time)) {
    end.incidents.duplicates.push({
      frame: packet.frame,
      original: original.frame,
      ttlDrop: original.ttl - packet.ip.ttl,
    });
    end.doubled ??= new Map();
    return original.frame;
  }
  remember(end, packet, id, time);
  return undefined;
}

function find(end: End, packet: Packet, id: number | undefined): RecentFrame | undefined {
  const known = end.doubled?.get(keyOf(packet, id));
  if (known !== undefined && isSame(known, packet, id)) return known;
  return end.recent.find((frame) => frame !== undefined && isSame(frame, packet, id));
}

function isSame(frame: RecentFrame, packet: Packet, id: number | undefined): boolean {
  const { tcp } = packet;
  return (
    frame.seq === tcp.seqRaw &&
    frame.len === tcp.len &&
    frame.flags === tcp.flags &&
    frame.ack === tcp.ackRaw &&
    frame.checksum === tcp.checksum &&
    frame.id === id
  );
}

/** Whether the TTL, the identification or the time tells the copy from a repeat. */
function isTold(end: End, original: RecentFrame, packet: Packet, time: number): boolean {
  const since = time - original.time;
  if (since > TOO_LATE) return false;
  const routers = Math.abs(original.ttl - packet.ip.ttl);
  if (routers > 0) return routers <= MOST_ROUTERS;
  const { id } = original;
  const { flags, len } = packet.tcp;
  if (id === undefined || id === 0) return len > 0 && since < TOO_SOON && end.dupAcks === 0;
  const others = end.recent.filter((frame) => frame !== original && frame !== undefined);
  if (others.length > 0) return others.every((frame) => frame?.id !== id);
  // The first packet of all: an identification of 1 is what tools fill in that do not count.
  return id > 1 && since < TOO_SOON && (flags & (SYN | FIN)) !== 0;
}

function remember(end: End, packet: Packet, id: number | undefined, time: number): void {
  const { tcp } = packet;
  const { doubled } = end;
  let entry: RecentFrame;
  if (doubled === undefined) {
    entry = end.recent[end.recentAt] ??= {} as RecentFrame;
    end.recentAt = (end.recentAt + 1) % end.recent.length;
  } else {
    entry = {} as RecentFrame;
    // Both: the ring tells whether identifications differ, the map finds what came long before.
    end.recent[end.recentAt] = entry;
    end.recentAt = (end.recentAt + 1) % end.recent.length;
    doubled.set(keyOf(packet, id), entry);
    if (doubled.size > REMEMBERED) doubled.delete(doubled.keys().next().value ?? 0);
  }
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

function keyOf({ tcp }: Packet, id: number | undefined): number {
  const high = (Math.imul(tcp.seqRaw, 0x9e3779b1) ^ Math.imul(tcp.ackRaw + tcp.len, 0x85ebca6b)) >>> 11;
  const low = (tcp.checksum ^ (tcp.flags << 20) ^ Math.imul(id ?? 0, 0x01000193)) >>> 0;
  return high * 0x1_0000_0000 + low;
}
