import { sendAck } from './segment-out.js';
import type { Tcb } from './tcb.js';

/** A challenge ACK (RFC 5961), within the rate limit of its section 7. */
export function challenge(tcb: Tcb, now: number): void {
  const { counters, rules } = tcb.stack;
  if (!rules.challengeAllowed(tcb, now)) {
    counters.challengesSuppressed++;
    return;
  }
  counters.challengeAcks++;
  sendAck(tcb, now);
}
