import type { Packet } from '../dissect/packet.js';
import { SYN } from '../dissect/packet.js';

export interface SynPair {
  first: Packet;
  again: Packet;
}

const KEPT = 64;

/**
 * A file with several capture interfaces may hold each packet of a conversation twice. The first sighting counts, so
 * that a repeat is only what one interface saw twice; SYNs are compared, because what differs was changed on the way.
 */
export class Sightings {
  /** The packets before a second interface was known. */
  private recent: Packet[] = [];
  private readonly streams = new Map<number, StreamSightings>();
  private firstInterface: number | undefined;
  private several = false;

  /** True for a packet that was not captured on another interface before. */
  isFirst(packet: Packet): boolean {
    this.firstInterface ??= packet.interfaceId;
    if (!this.several && packet.interfaceId === this.firstInterface) {
      this.recent.push(packet);
      if (this.recent.length > 2 * KEPT) this.recent = this.recent.slice(KEPT);
      return true;
    }
    if (!this.several) {
      this.several = true;
      for (const earlier of this.recent) this.of(earlier.tcp.stream).isFirst(earlier);
      this.recent = [];
    }
    return this.of(packet.tcp.stream).isFirst(packet);
  }

  /** SYNs of a stream that two interfaces saw. */
  synPairs(stream: number): readonly SynPair[] {
    return this.streams.get(stream)?.synPairs ?? [];
  }

  forget(stream: number): void {
    this.streams.delete(stream);
  }

  private of(stream: number): StreamSightings {
    let sightings = this.streams.get(stream);
    if (sightings === undefined) this.streams.set(stream, (sightings = new StreamSightings()));
    return sightings;
  }
}

class StreamSightings {
  readonly synPairs: SynPair[] = [];
  private readonly perInterface = new Map<number, Map<number, number>>();
  private readonly counted = new Map<number, number>();
  private readonly syns: Packet[] = [];

  isFirst(packet: Packet): boolean {
    const key = keyOf(packet);
    const seen = this.see(key, packet.interfaceId);
    const isSyn = (packet.tcp.flags & SYN) !== 0;
    if (seen > (this.counted.get(key) ?? 0)) {
      this.counted.set(key, seen);
      if (this.counted.size > 1024) deleteOldest(this.counted);
      if (isSyn && this.syns.length < 8) this.syns.push(packet);
      return true;
    }
    const first = isSyn && this.synPairs.length < 4 ? this.syns.find((syn) => keyOf(syn) === key) : undefined;
    if (first !== undefined) this.synPairs.push({ first, again: packet });
    return false;
  }

  private see(key: number, interfaceId: number): number {
    let own = this.perInterface.get(interfaceId);
    if (own === undefined) this.perInterface.set(interfaceId, (own = new Map<number, number>()));
    const seen = (own.get(key) ?? 0) + 1;
    own.set(key, seen);
    if (own.size > 1024) deleteOldest(own);
    return seen;
  }
}

/** A number that two different packets of one conversation hardly share. Rewritten options must not change it. */
function keyOf(packet: Packet): number {
  const { tcp, ip } = packet;
  let high = Math.imul(tcp.seqRaw, 0x9e3779b1) ^ Math.imul(tcp.ackRaw + tcp.len, 0x85ebca6b);
  high = Math.imul(high ^ (high >>> 15), 0xc2b2ae35) ^ tcp.srcPort;
  const low =
    (tcp.seqRaw ^ Math.imul(tcp.ackRaw, 31) ^ (tcp.flags << 20) ^ Math.imul(ip.id ?? 0, 0x01000193)) >>> 0;
  return (high >>> 11) * 0x1_0000_0000 + low;
}

function deleteOldest(map: Map<number, unknown>): void {
  for (const key of map.keys()) {
    map.delete(key);
    return;
  }
}
