import { DROP_REASONS } from '../wire/drop-reason.js';
import type { DropReason } from '../wire/drop-reason.js';

/** Counted since the host was made; in frames, packets where a packet is made of several. */
export interface HostCounters {
  framesIn: number;
  framesOut: number;
  /** TCP segments handed to the core. */
  segmentsIn: number;
  echoReplies: number;
  /** ICMP errors handed to the core. */
  icmpErrors: number;
  drops: Record<DropReason, number>;
}

export function newCounters(): HostCounters {
  const drops = Object.fromEntries(DROP_REASONS.map((reason) => [reason, 0])) as Record<DropReason, number>;
  return { framesIn: 0, framesOut: 0, segmentsIn: 0, echoReplies: 0, icmpErrors: 0, drops };
}

/** Only the reasons for which something was dropped. */
export function dropsThatHappened(counters: HostCounters): Partial<Record<DropReason, number>> {
  return Object.fromEntries(Object.entries(counters.drops).filter(([, count]) => count > 0));
}
