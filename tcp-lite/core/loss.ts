import { armRetransmission } from './retransmission.js';
import { retransmit } from './output.js';
import { seqAdd, seqDiff, seqLeq, seqLt, seqMax } from './seq.js';
import { FAST_RECOVERY, OPEN, type Tcb } from './tcb.js';

/**
 * An ACK that speaks of loss: without SACK a duplicate in the sense of RFC 5681, with SACK one that names octets not
 * SACKed before (RFC 6675 section 2). The third starts fast recovery, earlier ones let limited transmit go on.
 */
export function duplicateAck(tcb: Tcb, now: number): void {
  if (tcb.recovery === OPEN) {
    tcb.dupAcks++;
    if (meansLoss(tcb) && mayRecover(tcb)) enterFastRecovery(tcb, now);
  } else if (tcb.recovery === FAST_RECOVERY) {
    if (tcb.sack) updateLostEdge(tcb);
    else tcb.cwnd += tcb.stack.rules.inflation(tcb);
  }
}

/** New data was acknowledged up to SND.UNA while recovering. */
export function acknowledgedInRecovery(tcb: Tcb, acked: number, now: number): void {
  tcb.highRxt = seqMax(tcb.highRxt, tcb.sndUna);
  if (seqLeq(tcb.recover, tcb.sndUna)) {
    if (tcb.recovery === FAST_RECOVERY) deflate(tcb);
    tcb.recovery = OPEN;
    tcb.dupAcks = 0;
    return;
  }
  if (tcb.recovery === FAST_RECOVERY && !tcb.sack) partialAck(tcb, acked, now);
}

/** Fast retransmit (RFC 5681 section 3.2 steps 2 and 3; RFC 6675 section 5 step 4). */
function enterFastRecovery(tcb: Tcb, now: number): void {
  const rules = tcb.stack.rules;
  const flight = seqDiff(tcb.sndNxt, tcb.sndUna) - tcb.limitedOctets;
  tcb.ssthresh = rules.thresholdAfterLoss(tcb, flight);
  tcb.cwnd = tcb.sack ? tcb.ssthresh : tcb.ssthresh + rules.duplicateThreshold() * tcb.sndMss;
  tcb.ackedOctets = 0;
  tcb.recovery = FAST_RECOVERY;
  tcb.recover = tcb.sndNxt;
  tcb.highRxt = tcb.sndUna;
  tcb.lostEdge = tcb.sndUna;
  tcb.rescued = false;
  tcb.partialAcked = false;
  tcb.limitedOctets = 0;
  // Whatever reduces the window is told (RFC 3168 section 6.1.2).
  tcb.ecnReduced = tcb.ecn;
  if (tcb.sack) updateLostEdge(tcb);
  retransmit(tcb, tcb.scoreboard.firstHole(tcb.sndUna), now);
  armRetransmission(tcb, now);
}

/** RFC 6582 section 3.2 step 3: the next hole at once, the window deflated by what left; the timer only the first time. */
function partialAck(tcb: Tcb, acked: number, now: number): void {
  tcb.cwnd = Math.max(tcb.sndMss, tcb.cwnd - acked + (acked >= tcb.sndMss ? tcb.sndMss : 0));
  const deadline = tcb.retransmitAt;
  retransmit(tcb, tcb.sndUna, now);
  if (tcb.partialAcked) tcb.retransmitAt = deadline;
  tcb.partialAcked = true;
}

/** Full acknowledgment: back to ssthresh, without a burst (RFC 6582 section 3.2 step 3). */
function deflate(tcb: Tcb): void {
  const flight = seqDiff(tcb.sndNxt, tcb.sndUna);
  tcb.cwnd = tcb.sack ? tcb.ssthresh : Math.min(tcb.ssthresh, Math.max(flight, tcb.sndMss) + tcb.sndMss);
}

function meansLoss(tcb: Tcb): boolean {
  const threshold = tcb.stack.rules.duplicateThreshold();
  if (tcb.dupAcks >= threshold) return true;
  return tcb.sack && seqLt(tcb.sndUna, tcb.scoreboard.lostEdge(tcb.sndUna, threshold, tcb.sndMss));
}

/**
 * No second reduction for one window of data: duplicates below the recovery point stem from what was sent again (RFC
 * 6582 section 3.2 step 1). With SACK they carry news, so that reaching the point is enough.
 */
function mayRecover(tcb: Tcb): boolean {
  return tcb.sack ? seqLeq(tcb.recover, tcb.sndUna) : seqLt(tcb.recover, tcb.sndUna);
}

/** Everything not SACKed below this counts as lost: at least the first octet, which brought us here. */
function updateLostEdge(tcb: Tcb): void {
  const edge = tcb.scoreboard.lostEdge(tcb.sndUna, tcb.stack.rules.duplicateThreshold(), tcb.sndMss);
  tcb.lostEdge = seqMax(tcb.lostEdge, seqMax(edge, seqAdd(tcb.sndUna, 1)));
}
