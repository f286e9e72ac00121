import type { Segment } from '../wire/segment.js';
import { terminate } from './ending.js';
import { ConnectionRefusedError } from './errors.js';
import { establish } from './establish.js';
import { ACK, CWR, ECE, FIN, RST, SYN } from './flags.js';
import { holdSegment, releaseHeld } from './held-segment.js';
import { negotiate } from './options.js';
import { output } from './output.js';
import { restartRetransmission } from './retransmission.js';
import { takeSample } from './rtt.js';
import { answerWithReset, sendSynAck } from './segment-out.js';
import { seqAdd } from './seq.js';
import type { Tcb } from './tcb.js';
import { updateWindow } from './ack.js';
import { synWindow } from './window.js';

/** SEGMENT ARRIVES in SYN-SENT (RFC 9293 section 3.10.7.3), step by step. */
export function arriveSynSent(tcb: Tcb, segment: Segment, now: number): void {
  const { flags } = segment;
  const acknowledges = (flags & ACK) !== 0;
  // First, the ACK bit.
  if (acknowledges && !tcb.stack.rules.acknowledgesNew(tcb, segment.ack)) {
    answerWithReset(tcb.stack, segment, tcb.settings.ttl);
    return;
  }
  // Second, the RST bit: good only with an ACK of our SYN (RFC 5961 section 3.2).
  if (flags & RST) {
    if (acknowledges) terminate(tcb, new ConnectionRefusedError());
    return;
  }
  // Fourth, the SYN bit; fifth, nothing else counts.
  if ((flags & SYN) === 0) return;
  synchronize(tcb, segment, now);
  if (acknowledges) completeOpen(tcb, segment, now);
  else openSimultaneously(tcb, segment, now);
}

/** What the peer's SYN tells: IRS, options, window (never scaled), ECN. */
export function synchronize(tcb: Tcb, segment: Segment, now: number): void {
  tcb.irs = segment.seq;
  tcb.rcvNxt = seqAdd(segment.seq, 1);
  tcb.rcvEdge = seqAdd(tcb.rcvNxt, synWindow(tcb));
  tcb.lastAckSent = tcb.rcvNxt;
  tcb.rcvUp = tcb.rcvNxt;
  tcb.lastHeardAt = now;
  negotiate(tcb, segment.options, now);
  updateWindow(tcb, segment.window, segment.seq, segment.flags & ACK ? segment.ack : 0);
}

function completeOpen(tcb: Tcb, segment: Segment, now: number): void {
  tcb.ecn = (segment.flags & (ECE | CWR)) === ECE && asksForEcn(tcb);
  if (!tcb.synRetransmitted) takeSample(tcb, now - tcb.timedAt);
  tcb.timing = false;
  tcb.sndUna = segment.ack;
  restartRetransmission(tcb, now);
  establish(tcb, now);
  tcb.ackNow = true;
  if (segment.payload.length > 0 || segment.flags & FIN) holdSegment(tcb, segment);
  releaseHeld(tcb, now);
  output(tcb, now);
}

/** Crossing SYNs (MUST-10): ours goes again as SYN,ACK, its number unchanged. */
function openSimultaneously(tcb: Tcb, segment: Segment, now: number): void {
  tcb.state = 'SYN-RECEIVED';
  tcb.ecn = (segment.flags & (ECE | CWR)) === (ECE | CWR) && tcb.settings.ecn !== 'off';
  if (segment.payload.length > 0 || segment.flags & FIN) holdSegment(tcb, segment);
  sendSynAck(tcb, now);
}

function asksForEcn(tcb: Tcb): boolean {
  return tcb.settings.ecn === 'request';
}
