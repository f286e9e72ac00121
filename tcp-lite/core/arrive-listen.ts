import type { Segment } from '../wire/segment.js';
import { synchronize } from './arrive-syn-sent.js';
import { ACK, CWR, ECE, FIN, RST, SYN } from './flags.js';
import { holdSegment } from './held-segment.js';
import type { Listener } from './listener.js';
import { prepare } from './open.js';
import { armRetransmission } from './retransmission.js';
import { answerWithReset, sendSynAck } from './segment-out.js';
import { seqAdd, seqDiff, type SeqNum } from './seq.js';
import { learnSourceRoute } from './source-route.js';
import type { Stack } from './stack.js';
import { Tcb } from './tcb.js';

/**
 * SEGMENT ARRIVES in LISTEN (RFC 9293 section 3.10.7.2), step by step. `above`: where the SYN reuses a pair of sockets
 * out of TIME-WAIT, the new ISS must lie beyond this (section 3.6.1).
 */
export function arriveListen(
  stack: Stack,
  listener: Listener,
  segment: Segment,
  now: number,
  above?: SeqNum,
): void {
  const { flags } = segment;
  if (flags & RST) return;
  if (flags & ACK) {
    answerWithReset(stack, segment, listener.settings.ttl);
    return;
  }
  if ((flags & SYN) === 0) return;
  if (listener.full) {
    stack.counters.backlogDrops++;
    return;
  }
  const tcb = new Tcb(
    stack,
    { ...listener.settings },
    segment.version,
    segment.dst,
    segment.dstPort,
    segment.src,
    segment.srcPort,
  );
  prepare(tcb, now);
  if (above !== undefined && seqDiff(tcb.iss, above) <= 0) startAt(tcb, seqAdd(above, 64_000));
  listener.admit(tcb);
  tcb.state = 'SYN-RECEIVED';
  stack.insert(tcb);
  learnSourceRoute(tcb, segment);
  synchronize(tcb, segment, now);
  tcb.ecn = (flags & (ECE | CWR)) === (ECE | CWR) && tcb.settings.ecn !== 'off';
  tcb.lastDscp = segment.dscp;
  if (segment.payload.length > 0 || flags & FIN) holdSegment(tcb, segment);
  armRetransmission(tcb, now);
  sendSynAck(tcb, now);
}

function startAt(tcb: Tcb, iss: SeqNum): void {
  tcb.iss = iss;
  tcb.sndUna = iss;
  tcb.sndNxt = seqAdd(iss, 1);
  tcb.sndMax = tcb.sndNxt;
  tcb.sendBase = tcb.sndNxt;
}
