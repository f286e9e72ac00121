import { terminate } from './ending.js';
import { keepAliveTimeout } from './keep-alive.js';
import { persistTimeout } from './persist.js';
import { retransmissionTimeout } from './retransmission.js';
import { sendAck } from './segment-out.js';
import type { Tcb } from './tcb.js';

/** Does what is due on this connection at `now` (RFC 9293 section 3.10.8). */
export function runTimers(tcb: Tcb, now: number): void {
  if (tcb.timeWaitAt <= now) terminate(tcb);
  if (tcb.retransmitAt <= now) retransmissionTimeout(tcb, now);
  if (tcb.persistAt <= now) persistTimeout(tcb, now);
  if (tcb.delayedAckAt <= now) sendAck(tcb, now);
  if (tcb.keepAliveAt <= now) keepAliveTimeout(tcb, now);
}

/** The earliest of its timers, ms. */
export function earliestDeadline(tcb: Tcb): number {
  return Math.min(tcb.retransmitAt, tcb.persistAt, tcb.delayedAckAt, tcb.keepAliveAt, tcb.timeWaitAt);
}
