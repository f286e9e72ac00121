/** What a direction of a path does to packets. Probabilities are per packet, 0 to 1; times in ms. */
export interface Conditions {
  /** One way. */
  delayMs: number;
  /** Lost without a trace. */
  loss: number;
  /** Delivered twice. */
  duplicate: number;
  /** Held back by `reorderMs`, so that later packets overtake it. */
  reorder: number;
  reorderMs: number;
  /** Up to eight neighbouring bits turned over somewhere in the packet: a burst that the checksums must notice. */
  corrupt: number;
  /** Bits a second; Infinity for no limit. */
  rateBps: number;
  /** Octets that wait for a limited rate before packets are dropped. */
  queueOctets: number;
  /** Mark ECN-capable packets instead of letting more than this many octets wait (RFC 3168); Infinity for never. */
  markOctets: number;
  /** Octets of IP packet; longer ones are answered with "fragmentation needed" or "packet too big". */
  mtu: number;
  /** Routers on the path that say nothing when a packet is too big. */
  silent: boolean;
}

export const PERFECT: Readonly<Conditions> = {
  delayMs: 1,
  loss: 0,
  duplicate: 0,
  reorder: 0,
  reorderMs: 5,
  corrupt: 0,
  rateBps: Infinity,
  queueOctets: 1_000_000,
  markOctets: Infinity,
  mtu: 1500,
  silent: false,
};
