import type { Packet } from '../dissect/packet.js';
import { SYN } from '../dissect/packet.js';

export interface SynPair {
  first: Packet;
  again: Packet;
}

/**
 * A file with several capture interfaces may hold each packet of a conversation twice. The first sighting counts, so
 * that a repeat is only what one interface saw twice; SYNs are compared, because what differs was changed on the way.
 */
export class Sightings {
  /** Recent packets while one interface is known. */
  private recent: { key: number; interfaceId: number }[] = [];
  private perInterface: Map<number, Map<number, number>> | undefined;
  private readonly counted = new Map<number, number>();
  private readonly syns: Packet[] = [];
  readonly synPairs: SynPair[] = [];
  repeated = 0;
  readonly repeatedFrames: number[] = [];

  /** True for a packet that was not captured on another interface before. */
  isFirst(packet: Packet, severalInterfaces: boolean): boolean {
    if (packet.tcp.flags & SYN && this.syns.length < 8) this.syns.push(packet);
    if (!severalInterfaces) {
      this.recent.push({ key: keyOf(packet), interfaceId: packet.interfaceId });
      if (this.recent.length > 16) this.recent.shift();
      return true;
    }
    if (this.perInterface === undefined) this.replay();
    const key = keyOf(packet);
    const seen = this.see(key, packet.interfaceId);
    if (seen > (this.counted.get(key) ?? 0)) {
      this.count(key, seen);
      return true;
    }
    this.repeated++;
    if (this.repeatedFrames.length < 8) this.repeatedFrames.push(packet.frame);
    if (packet.tcp.flags & SYN && this.synPairs.length < 4) {
      const first = this.syns.find((syn) => syn !== packet && keyOf(syn) === key);
      if (first !== undefined) this.synPairs.push({ first, again: packet });
    }
    return false;
  }

  private replay(): void {
    this.perInterface = new Map();
    for (const { key, interfaceId } of this.recent) this.count(key, this.see(key, interfaceId));
    this.recent = [];
  }

  private see(key: number, interfaceId: number): number {
    const maps = (this.perInterface ??= new Map<number, Map<number, number>>());
    let own = maps.get(interfaceId);
    if (own === undefined) maps.set(interfaceId, (own = new Map<number, number>()));
    const seen = (own.get(key) ?? 0) + 1;
    own.set(key, seen);
    if (own.size > 2048) deleteOldest(own);
    return seen;
  }

  private count(key: number, seen: number): void {
    this.counted.set(key, Math.max(seen, this.counted.get(key) ?? 0));
    if (this.counted.size > 4096) deleteOldest(this.counted);
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
