import type { Packet } from '../dissect/packet.js';

/** What the IP layer of one end's packets looks like: tells a host from an impostor. */
export interface Fingerprint {
  ttls: { ttl: number; count: number; firstFrame: number }[];
  lastId: number | undefined;
  /** How often the id went up by 1..1000 from packet to packet, and how often not. */
  idSteps: number;
  idJumps: number;
  idZeros: number;
  dontFragment: number;
  packets: number;
}

export function newFingerprint(): Fingerprint {
  return { ttls: [], lastId: undefined, idSteps: 0, idJumps: 0, idZeros: 0, dontFragment: 0, packets: 0 };
}

export function observeFingerprint(print: Fingerprint, packet: Packet): void {
  print.packets++;
  const known = print.ttls.find((entry) => entry.ttl === packet.ip.ttl);
  if (known) known.count++;
  else if (print.ttls.length < 8) {
    print.ttls.push({ ttl: packet.ip.ttl, count: 1, firstFrame: packet.frame });
  }
  if (packet.ip.dontFragment) print.dontFragment++;
  const id = packet.ip.version === 4 ? packet.ip.id : undefined;
  if (id === undefined) return;
  if (id === 0) {
    print.idZeros++;
    return;
  }
  if (print.lastId !== undefined) {
    const step = (id - print.lastId) & 0xffff;
    if (step > 0 && step <= 1000) print.idSteps++;
    else print.idJumps++;
  }
  print.lastId = id;
}

/** TTL of most packets. */
export function usualTtl(print: Fingerprint): number | undefined {
  let best: { ttl: number; count: number } | undefined;
  for (const entry of print.ttls) if (best === undefined || entry.count > best.count) best = entry;
  return best?.ttl;
}

/** Routers passed, judged from the usual initial values 32, 64, 128 and 255. */
export function hops(ttl: number): number {
  const initial = [32, 64, 128, 255].find((value) => ttl <= value) ?? 255;
  return initial - ttl;
}

/** The sender counts its IP identification up, so that a packet from elsewhere stands out. */
export function countsIds(print: Fingerprint): boolean {
  return print.idSteps >= 2 && print.idSteps > 4 * print.idJumps;
}
