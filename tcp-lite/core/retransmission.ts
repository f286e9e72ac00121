import { timeOut } from './ending.js';
import { retransmit } from './output.js';
import { probeWindow } from './persist.js';
import { reportSoftError } from './reports.js';
import { rewind } from './rewind.js';
import { forgetTiming } from './rtt.js';
import { sendSyn, sendSynAck } from './segment-out.js';
import { seqDiff } from './seq.js';
import { FAST_RECOVERY, LOSS_RECOVERY, type Tcb } from './tcb.js';

/** Starts or restarts the retransmission timer (RFC 6298 section 5), not beyond R2 (RFC 9293 section 3.8.3). */
export function armRetransmission(tcb: Tcb, now: number): void {
  tcb.retransmitAt = Math.min(now + Math.max(1, tcb.rto), tcb.unackedSince + tcb.stack.rules.r2Ms(tcb));
  tcb.stack.wake(tcb, tcb.retransmitAt);
}

/** After an ACK of new data: off when nothing is outstanding, else from the start (RFC 6298 sections 5.2, 5.3). */
export function restartRetransmission(tcb: Tcb, now: number): void {
  tcb.unackedSince = now;
  if (tcb.sndUna === tcb.sndNxt) tcb.retransmitAt = Infinity;
  else armRetransmission(tcb, now);
}

/** The retransmission timer has expired (RFC 9293 section 3.10.8, RFC 6298 section 5.4 - 5.6). */
export function retransmissionTimeout(tcb: Tcb, now: number): void {
  const rules = tcb.stack.rules;
  if (now >= tcb.unackedSince + rules.r2Ms(tcb)) {
    timeOut(tcb, `nothing was acknowledged for ${Math.round(now - tcb.unackedSince)} ms`);
    return;
  }
  tcb.expiries++;
  if (tcb.expiries === tcb.stack.limits.r1) reportRetransmitting(tcb);
  forgetTiming(tcb, tcb.sndUna);
  if (tcb.sndUna === tcb.iss) {
    repeatSyn(tcb, now);
    return;
  }
  if (tcb.sndWnd === 0) {
    // The connection lives while the peer answers probes (SHLD-17, MUST-35).
    rewind(tcb);
    tcb.persistBackoff = 0;
    probeWindow(tcb, now);
    return;
  }
  enterLossRecovery(tcb);
  tcb.rto = rules.backedOff(tcb);
  if (!retransmit(tcb, tcb.sndUna, now)) armRetransmission(tcb, now);
}

/**
 * Everything outstanding counts as lost and is sent again from SND.UNA on, in slow start (RFC 5681 section 3.1). What
 * the peer has SACKed is not trusted any more (RFC 2018 section 5).
 */
function enterLossRecovery(tcb: Tcb): void {
  const rules = tcb.stack.rules;
  // A segment that times out again leaves ssthresh as it was.
  if (tcb.expiries === 1) {
    tcb.ssthresh = rules.thresholdAfterLoss(tcb, flightAtLoss(tcb));
  }
  tcb.cwnd = rules.lossWindow(tcb);
  tcb.ackedOctets = 0;
  tcb.recovery = LOSS_RECOVERY;
  tcb.recover = tcb.sndNxt;
  tcb.scoreboard.clear();
  tcb.lostEdge = tcb.sndNxt;
  tcb.highRxt = tcb.sndUna;
  tcb.dupAcks = 0;
  tcb.limitedOctets = 0;
  tcb.pipe = 0;
  tcb.ecnReduced = tcb.ecn;
}

/** FlightSize; while recovering no more than what was allowed, so that a second loss lowers again (section 4.3). */
function flightAtLoss(tcb: Tcb): number {
  const flight = seqDiff(tcb.sndNxt, tcb.sndUna) - tcb.limitedOctets;
  return tcb.recovery === FAST_RECOVERY ? Math.min(flight, tcb.ssthresh) : flight;
}

function repeatSyn(tcb: Tcb, now: number): void {
  tcb.synRetransmitted = true;
  tcb.retransmissions++;
  tcb.stack.counters.retransmissions++;
  tcb.rto = tcb.stack.rules.backedOff(tcb);
  armRetransmission(tcb, now);
  if (tcb.state === 'SYN-SENT') sendSyn(tcb, now);
  else sendSynAck(tcb, now);
}

function reportRetransmitting(tcb: Tcb): void {
  reportSoftError(tcb, {
    reason: 'retransmitting',
    message: `no acknowledgment after ${tcb.expiries} retransmissions`,
    retransmissions: tcb.expiries,
  });
}
