import type { Segment } from '../wire/segment.js';
import { growWindow, reactToEcho } from './congestion.js';
import { acknowledgedInRecovery, duplicateAck } from './loss.js';
import { restartRetransmission } from './retransmission.js';
import { sampleRtt } from './rtt.js';
import { seqAdd, seqDiff, seqLt, type SeqNum } from './seq.js';
import { EVENT_WRITABLE } from './stack.js';
import { FAST_RECOVERY, OPEN, type Tcb } from './tcb.js';

/** RFC 9293 section 3.10.7.4 step 5, for an ACK already found in range: SND.UNA, SACK, congestion, window. */
export function processAck(tcb: Tcb, segment: Segment, length: number, now: number): void {
  const rules = tcb.stack.rules;
  const { ack, options, flags } = segment;
  const window = rules.windowFrom(tcb, segment.window);
  const acked = seqDiff(ack, tcb.sndUna);
  if (acked > 0) acknowledgeNew(tcb, ack, acked, segment, now);
  if (acked >= 0 && tcb.sack) {
    if (options.sack !== undefined && tcb.scoreboard.update(options.sack, tcb.sndUna, tcb.sndMax) > 0) {
      duplicateAck(tcb, now);
    }
  } else if (acked === 0 && rules.isDuplicateAck(tcb, length, window)) {
    duplicateAck(tcb, now);
  }
  if (acked === 0) reactToEcho(tcb, flags);
  if (acked >= 0 && rules.updatesWindow(tcb, segment.seq, ack)) updateWindow(tcb, window, segment.seq, ack);
  if (tcb.persistAt !== Infinity) heardWhileProbing(tcb, now);
}

/** SND.WND, SND.WL1, SND.WL2 from an acceptable segment. */
export function updateWindow(tcb: Tcb, window: number, seq: SeqNum, ack: SeqNum): void {
  tcb.sndWnd = window;
  tcb.sndWl1 = seq;
  tcb.sndWl2 = ack;
  if (window > tcb.sndMaxWnd) tcb.sndMaxWnd = window;
}

/** Our FIN has been acknowledged. */
export function finAcknowledged(tcb: Tcb): boolean {
  return tcb.finQueued && tcb.sndUna === seqAdd(tcb.sendBase, 1) && tcb.sendBuffer.length === 0;
}

/** SEG.ACK > SND.UNA: takes the sample, frees the buffer, grows the window, restarts the timer. */
export function acknowledgeNew(tcb: Tcb, ack: SeqNum, acked: number, segment: Segment, now: number): void {
  const flight = seqDiff(tcb.sndNxt, tcb.sndUna);
  sampleRtt(tcb, ack, segment.options, now);
  tcb.sndUna = ack;
  if (seqLt(tcb.sndNxt, ack)) tcb.sndNxt = ack;
  dropAcknowledged(tcb, ack);
  if (tcb.sndUrgent && !seqLt(ack, tcb.sndUp)) tcb.sndUrgent = false;
  if (!tcb.scoreboard.empty) tcb.scoreboard.acknowledge(ack);
  tcb.expiries = 0;
  tcb.dupAcks = 0;
  tcb.limitedOctets = 0;
  const held = reactToEcho(tcb, segment.flags);
  if (tcb.recovery === OPEN) {
    keepMarksNear(tcb, ack);
    if (!held) growWindow(tcb, acked, flight);
    restartRetransmission(tcb, now);
  } else {
    recover(tcb, acked, flight, now);
  }
}

function recover(tcb: Tcb, acked: number, flight: number, now: number): void {
  const fast = tcb.recovery === FAST_RECOVERY;
  const deadline = tcb.retransmitAt;
  restartRetransmission(tcb, now);
  if (!fast) growWindow(tcb, acked, flight);
  // Without SACK only the first partial ACK resets the timer (RFC 6582 section 3.2); partialAck does that.
  if (fast && !tcb.sack && seqLt(tcb.sndUna, tcb.recover)) tcb.retransmitAt = deadline;
  acknowledgedInRecovery(tcb, acked, now);
}

function dropAcknowledged(tcb: Tcb, ack: SeqNum): void {
  const octets = Math.min(seqDiff(ack, tcb.sendBase), tcb.sendBuffer.length);
  if (octets <= 0) return;
  tcb.sendBuffer.drop(octets);
  tcb.sendBase = seqAdd(tcb.sendBase, octets);
  if (tcb.wantsWritable && tcb.sendBuffer.length <= tcb.settings.sendBuffer / 2) {
    tcb.wantsWritable = false;
    tcb.stack.raise(tcb, EVENT_WRITABLE);
  }
}

/** Marks that lie far behind would come to lie ahead after 2^31 octets. */
function keepMarksNear(tcb: Tcb, ack: SeqNum): void {
  if (seqDiff(ack, tcb.recover) > 0x20000000) tcb.recover = seqAdd(ack, -1);
  if (seqDiff(ack, tcb.ecnRecover) > 0x20000000) tcb.ecnRecover = ack;
}

/** The peer answers: R2 starts afresh (MUST-37), and the persist timer has its say in the output engine. */
function heardWhileProbing(tcb: Tcb, now: number): void {
  tcb.unackedSince = now;
}
