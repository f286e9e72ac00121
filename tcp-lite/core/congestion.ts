import { ECE } from './flags.js';
import { seqDiff, seqLt } from './seq.js';
import { OPEN, type Tcb } from './tcb.js';

/** The congestion window grows by what an ACK of `acked` new octets allows (RFC 5681 section 3.1). */
export function growWindow(tcb: Tcb, acked: number, flight: number): void {
  const rules = tcb.stack.rules;
  const slow = tcb.cwnd < tcb.ssthresh;
  // A window that was not used up has not been tried.
  if (tcb.recovery === OPEN && flight < tcb.cwnd - tcb.sndMss && !(slow && tcb.cwnd < 2 * flight)) return;
  tcb.cwnd += slow ? rules.slowStartGrowth(tcb, acked) : rules.avoidanceGrowth(tcb, acked);
  if (tcb.cwnd > 0x3fffffff) tcb.cwnd = 0x3fffffff;
}

/**
 * The peer echoes congestion (RFC 3168 section 6.1.2): halve once a round trip, as for a lost segment. True if this ACK
 * must not grow the window.
 */
export function reactToEcho(tcb: Tcb, flags: number): boolean {
  if (!tcb.ecn || (flags & ECE) === 0) return false;
  if (tcb.recovery === OPEN && !seqLt(tcb.sndUna, tcb.ecnRecover)) {
    tcb.ssthresh = tcb.stack.rules.thresholdAfterLoss(tcb, seqDiff(tcb.sndNxt, tcb.sndUna));
    tcb.cwnd = tcb.ssthresh;
    tcb.ecnRecover = tcb.sndNxt;
    tcb.ecnReduced = true;
  }
  return true;
}
