import { timeOut } from './ending.js';
import { finSent, output, sendNew } from './output.js';
import { sendText } from './segment-out.js';
import { seqAdd, seqDiff, seqMax } from './seq.js';
import type { Tcb } from './tcb.js';

/** The persist timer has expired: probe a closed window, or override silly window avoidance. */
export function persistTimeout(tcb: Tcb, now: number): void {
  if (now >= tcb.unackedSince + tcb.stack.rules.r2Ms(tcb)) {
    timeOut(tcb, `no answer to ${tcb.persistBackoff} window probes`);
    return;
  }
  if (tcb.sndWnd > seqDiff(tcb.sndNxt, tcb.sndUna)) {
    tcb.persistAt = Infinity;
    tcb.pipe = 0;
    sendNew(tcb, now, true);
    output(tcb, now);
    return;
  }
  probeWindow(tcb, now);
}

/**
 * Sends the octet at SND.NXT into the closed window (RFC 9293 section 3.8.6.1) and sets the timer for the next probe.
 * SND.NXT stays, so that the octet goes again with full segments once the window opens.
 */
export function probeWindow(tcb: Tcb, now: number): void {
  const rules = tcb.stack.rules;
  const queued = tcb.sendBuffer.length - seqDiff(tcb.sndNxt, tcb.sendBase);
  const length = Math.min(1, queued);
  const fin = tcb.finQueued && queued === length;
  const end = seqAdd(tcb.sndNxt, length + (fin ? 1 : 0));
  tcb.sndMax = seqMax(tcb.sndMax, end);
  tcb.persistBackoff++;
  tcb.persistAt = Math.min(now + rules.persistMs(tcb), tcb.unackedSince + rules.r2Ms(tcb));
  tcb.stack.wake(tcb, tcb.persistAt);
  tcb.lastSentAt = now;
  if (fin) finSent(tcb);
  sendText(tcb, tcb.sndNxt, length, fin, false, now);
}
