import type { Segment } from '../wire/segment.js';
import { finAcknowledged, processAck, updateWindow } from './ack.js';
import { challenge } from './challenge.js';
import { enterTimeWait, restartTimeWait, terminate } from './ending.js';
import { ConnectionRefusedError, ConnectionResetError } from './errors.js';
import { establish } from './establish.js';
import { ACK, CE, CWR, FIN, RST, SYN, URG } from './flags.js';
import { releaseHeld } from './held-segment.js';
import { touchKeepAlive } from './keep-alive.js';
import { output } from './output.js';
import { restartRetransmission } from './retransmission.js';
import { takeSample } from './rtt.js';
import { noteDuplicate } from './sack-blocks.js';
import { answerWithReset, segmentLength, sendAck, sendReset, sendSynAck } from './segment-out.js';
import { seqAdd, seqDiff, type SeqNum } from './seq.js';
import { learnSourceRoute } from './source-route.js';
import type { Tcb } from './tcb.js';
import { processText } from './text.js';

/** SEGMENT ARRIVES in SYN-RECEIVED and the synchronized states (RFC 9293 section 3.10.7.4), step by step. */
export function arriveSynchronized(tcb: Tcb, segment: Segment, now: number): void {
  let { seq, flags } = segment;
  let length = segmentLength(segment);
  const repeat = tcb.state === 'SYN-RECEIVED' && (flags & (SYN | RST)) === SYN && seq === tcb.irs;
  if (repeat) {
    if (!completesCrossing(tcb, segment, now)) return;
    seq = seqAdd(seq, 1);
    flags &= ~SYN;
    length--;
  }
  if (!timestampPasses(tcb, segment, flags, now)) return;
  if (!sequencePasses(tcb, seq, length, flags, segment, now)) return;
  if (flags & RST) {
    reset(tcb, seq, now);
    return;
  }
  if (flags & SYN) {
    synInWindow(tcb, segment, now);
    return;
  }
  const { tsVal } = segment.options;
  if (tcb.timestamps && tsVal !== undefined && tcb.stack.rules.updatesTsRecent(tcb, seq, tsVal, now)) {
    tcb.tsRecent = tsVal;
    tcb.tsRecentAt = now;
  }
  touchKeepAlive(tcb, now);
  if (segment.sourceRoute !== undefined) learnSourceRoute(tcb, segment);
  if (!acknowledgmentPasses(tcb, segment, now)) return;
  acceptAck(tcb, segment, length, now);
  if (isClosed(tcb)) return;
  acceptText(tcb, segment, seq, flags, now);
  if (isClosed(tcb)) return;
  output(tcb, now);
}

/**
 * A SYN seen before, in SYN-RECEIVED. With the right ACK it completes crossing opens (section 3.5 figure 7); without,
 * our SYN,ACK was lost and goes again.
 */
function completesCrossing(tcb: Tcb, segment: Segment, now: number): boolean {
  if ((segment.flags & ACK) === 0) {
    sendSynAck(tcb, now);
    return false;
  }
  if (tcb.stack.rules.acknowledgesNew(tcb, segment.ack)) return true;
  sendAck(tcb, now);
  return false;
}

/** RFC 7323 sections 3.2 and 5.3, before the sequence test. */
function timestampPasses(tcb: Tcb, segment: Segment, flags: number, now: number): boolean {
  if (!tcb.timestamps || flags & RST) return true;
  const rules = tcb.stack.rules;
  const { tsVal } = segment.options;
  if (tsVal === undefined) return (flags & SYN) !== 0 || !rules.dropsMissingTimestamp();
  if (!rules.pawsRejects(tcb, tsVal, now)) return true;
  tcb.stack.counters.paws++;
  answerUnacceptable(tcb, segment, flags, now);
  return false;
}

/** Step 1. */
function sequencePasses(
  tcb: Tcb,
  seq: SeqNum,
  length: number,
  flags: number,
  segment: Segment,
  now: number,
): boolean {
  const rules = tcb.stack.rules;
  if (rules.acceptable(tcb, seq, length) || rules.admitsAtClosedWindow(tcb, seq)) return true;
  tcb.stack.counters.outOfWindow++;
  if ((flags & RST) === 0) answerUnacceptable(tcb, segment, flags, now);
  return false;
}

function answerUnacceptable(tcb: Tcb, segment: Segment, flags: number, now: number): void {
  if (flags & SYN) {
    if (tcb.stack.rules.synVerdict(tcb) !== 'drop') challenge(tcb, now);
    return;
  }
  if (!tcb.stack.rules.answersUnacceptable()) return;
  if (tcb.state === 'TIME-WAIT' && flags & FIN) restartTimeWait(tcb, now);
  if (segment.payload.length > 0)
    noteDuplicate(tcb, segment.seq, seqAdd(segment.seq, segment.payload.length));
  sendAck(tcb, now);
}

/** Step 2, with RFC 5961 section 3.2 and, where configured, RFC 1337. */
function reset(tcb: Tcb, seq: SeqNum, now: number): void {
  const rules = tcb.stack.rules;
  if (rules.ignoresReset(tcb)) return;
  const verdict = rules.resetVerdict(tcb, seq);
  if (verdict === 'challenge') challenge(tcb, now);
  if (verdict !== 'reset') return;
  switch (tcb.state) {
    case 'SYN-RECEIVED':
      // Passive: back to LISTEN, nobody need know. Active: refused (MUST-11).
      terminate(tcb, new ConnectionRefusedError());
      return;
    case 'CLOSING':
    case 'LAST-ACK':
    case 'TIME-WAIT':
      terminate(tcb, tcb.sendBuffer.length > 0 ? new ConnectionResetError() : undefined);
      return;
    default:
      terminate(tcb, new ConnectionResetError());
  }
}

/** Step 4, with RFC 5961 section 4.2. */
function synInWindow(tcb: Tcb, segment: Segment, now: number): void {
  switch (tcb.stack.rules.synVerdict(tcb)) {
    case 'challenge':
      challenge(tcb, now);
      return;
    case 'listen':
      terminate(tcb);
      return;
    case 'reset':
      answerWithReset(tcb.stack, segment, tcb.settings.ttl);
      sendReset(tcb, now);
      terminate(tcb, new ConnectionResetError('a SYN arrived inside the window'));
      return;
    case 'drop':
  }
}

/** The first half of step 5: is the ACK one that may be acted on? */
function acknowledgmentPasses(tcb: Tcb, segment: Segment, now: number): boolean {
  const rules = tcb.stack.rules;
  if ((segment.flags & ACK) === 0) return !rules.needsAck();
  if (tcb.state === 'SYN-RECEIVED') {
    if (rules.acknowledgesNew(tcb, segment.ack)) return true;
    answerWithReset(tcb.stack, segment, tcb.settings.ttl);
    return false;
  }
  if (rules.ackInRange(tcb, segment.ack)) return true;
  challenge(tcb, now);
  return false;
}

/** The second half of step 5. */
function acceptAck(tcb: Tcb, segment: Segment, length: number, now: number): void {
  if (tcb.state === 'SYN-RECEIVED') completeHandshake(tcb, segment, now);
  processAck(tcb, segment, length, now);
  if (!tcb.finQueued) return;
  switch (tcb.state) {
    case 'FIN-WAIT-1':
      if (finAcknowledged(tcb)) {
        tcb.state = 'FIN-WAIT-2';
        limitFinWait2(tcb, now);
      }
      return;
    case 'CLOSING':
      if (finAcknowledged(tcb)) enterTimeWait(tcb, now);
      return;
    case 'LAST-ACK':
      if (finAcknowledged(tcb)) terminate(tcb);
      return;
    default:
  }
}

/** Our SYN,ACK is acknowledged. */
function completeHandshake(tcb: Tcb, segment: Segment, now: number): void {
  const rules = tcb.stack.rules;
  if (!tcb.synRetransmitted) takeSample(tcb, now - tcb.timedAt);
  tcb.timing = false;
  tcb.sndUna = seqAdd(tcb.iss, 1);
  updateWindow(tcb, rules.windowFrom(tcb, segment.window), segment.seq, segment.ack);
  restartRetransmission(tcb, now);
  establish(tcb, now);
  releaseHeld(tcb, now);
}

/** Steps 6 to 8 for what is left after trimming to the window. */
function acceptText(tcb: Tcb, segment: Segment, start: SeqNum, flags: number, now: number): void {
  let { payload } = segment;
  let fin = (flags & FIN) !== 0;
  let seq = start;
  if (tcb.ecn && payload.length > 0) {
    if (flags & CWR) tcb.ecnEcho = false;
    if (segment.ecn === CE) tcb.ecnEcho = true;
  }
  const old = seqDiff(tcb.rcvNxt, seq);
  if (old > 0) {
    noteDuplicate(tcb, seq, seqAdd(seq, payload.length));
    // Something of it was sent again: tell the peer at once where we are.
    tcb.ackNow = true;
    payload = payload.subarray(Math.min(old, payload.length));
    seq = tcb.rcvNxt;
  }
  const excess = seqDiff(seqAdd(seq, payload.length), tcb.rcvEdge);
  if (excess > 0) payload = payload.subarray(0, payload.length - excess);
  // A FIN takes a place in the window too.
  if (excess > 0 || (fin && excess === 0)) {
    fin = false;
    tcb.ackNow = true;
  }
  if (payload.length > 0 || fin || flags & URG) processText(tcb, segment, seq, payload, fin, now);
}

/** After a full close nobody waits for the peer's half: the connection does not stay for ever. */
function limitFinWait2(tcb: Tcb, now: number): void {
  tcb.timeWaitAt = now + tcb.stack.rules.finWait2Ms(tcb);
  tcb.stack.wake(tcb, tcb.timeWaitAt);
}

function isClosed(tcb: Tcb): boolean {
  return tcb.state === 'CLOSED';
}
