import type { SegmentOptions } from '../wire/segment.js';
import { timestampNow } from './segment-out.js';
import { seqDiff, seqLeq, seqLt, type SeqNum } from './seq.js';
import { OPEN, type Tcb } from './tcb.js';

/** Starts timing a segment that ends at `end`, if none is being timed (RFC 6298 section 3: one sample a round trip). */
export function timeSegment(tcb: Tcb, end: SeqNum, now: number): void {
  if (tcb.timing) return;
  tcb.timing = true;
  tcb.timedSeq = end;
  tcb.timedAt = now;
}

/** Karn: what is sent again from `seq` on can no longer be timed without timestamps. */
export function forgetTiming(tcb: Tcb, seq: SeqNum): void {
  if (tcb.timing && seqLt(seq, tcb.timedSeq) && !tcb.stack.rules.timesRetransmissions()) tcb.timing = false;
}

/**
 * A sample from an ACK of new data, if it gives one: from the segment being timed, or, where timestamps are in use and
 * loss makes that ambiguous, from the echoed stamp (RFC 7323 section 4.2). Takes the backoff off (RFC 6298 section 5).
 */
export function sampleRtt(tcb: Tcb, ack: SeqNum, options: SegmentOptions, now: number): void {
  if (tcb.timing && tcb.recovery === OPEN) {
    if (!seqLeq(tcb.timedSeq, ack)) return;
    tcb.timing = false;
    takeSample(tcb, now - tcb.timedAt);
    return;
  }
  if (tcb.timestamps && options.tsEcr !== undefined && options.tsEcr !== 0) {
    const ticks = seqDiff(timestampNow(tcb, now), options.tsEcr);
    if (ticks >= 0) takeSample(tcb, ticks);
    return;
  }
  if (tcb.timing && seqLeq(tcb.timedSeq, ack)) {
    tcb.timing = false;
    takeSample(tcb, now - tcb.timedAt);
  }
}

/** Feeds a round-trip time in ms to the estimator (RFC 6298 section 2). */
export function takeSample(tcb: Tcb, rtt: number): void {
  const rules = tcb.stack.rules;
  if (tcb.srtt < 0) rules.firstRtt(tcb, rtt);
  else rules.nextRtt(tcb, rtt);
  tcb.rto = rules.rtoFromEstimate(tcb);
}
