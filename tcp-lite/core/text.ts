import type { Segment } from '../wire/segment.js';
import { enterTimeWait, terminate } from './ending.js';
import { ConnectionResetError } from './errors.js';
import { URG } from './flags.js';
import { finAcknowledged } from './ack.js';
import { noteArrival, noteDuplicate } from './sack-blocks.js';
import { sendReset } from './segment-out.js';
import { seqAdd, seqDiff, seqLeq, seqLt, type SeqNum } from './seq.js';
import { EVENT_END, EVENT_READABLE, EVENT_URGENT } from './stack.js';
import type { Tcb } from './tcb.js';

/**
 * Steps 6 to 8 of RFC 9293 section 3.10.7.4: URG, text and FIN of a segment already found acceptable. `seq`, `payload`
 * and `fin` are what is left of it after trimming to the window.
 */
export function processText(
  tcb: Tcb,
  segment: Segment,
  seq: SeqNum,
  payload: Uint8Array,
  fin: boolean,
  now: number,
): void {
  if (!receives(tcb)) return;
  if (segment.flags & URG) processUrgent(tcb, segment);
  if (payload.length > 0) {
    if (tcb.stack.rules.resetsOnLateData(tcb)) {
      sendReset(tcb, now);
      terminate(tcb, new ConnectionResetError('data arrived after the connection was closed for reading'));
      return;
    }
    takeText(tcb, seq, payload, now);
  }
  if (fin) noteFin(tcb, seqAdd(seq, payload.length));
  if (tcb.finSeen && tcb.finSeq === tcb.rcvNxt) processFin(tcb, now);
}

/** New octets in order have arrived: tell the application, and acknowledge now or in a while. */
export function scheduleAck(tcb: Tcb, now: number): void {
  const rules = tcb.stack.rules;
  if (rules.acknowledgesAtOnce(tcb)) {
    tcb.ackNow = true;
  } else if (tcb.delayedAckAt === Infinity) {
    tcb.delayedAckAt = now + rules.ackDelayMs(tcb);
    tcb.stack.wake(tcb, tcb.delayedAckAt);
  }
}

/** Step 7. */
function takeText(tcb: Tcb, seq: SeqNum, payload: Uint8Array, now: number): void {
  const { reassembly, stack } = tcb;
  if (payload.length > tcb.rcvMss) tcb.rcvMss = payload.length;
  const gaps = reassembly.lefts.length > 0;
  const behindGap = seq !== tcb.rcvNxt;
  if (gaps || behindGap) noteDuplicate(tcb, seq, seqAdd(seq, payload.length));
  if (behindGap) {
    if (stack.rules.acknowledgesOutOfOrder()) tcb.ackNow = true;
    else scheduleAck(tcb, now);
    if (!stack.rules.keepsOutOfOrder()) return;
    reassembly.insert(tcb.rcvNxt, seq, payload);
    noteArrival(tcb, seq);
    return;
  }
  tcb.rcvNxt = seqAdd(tcb.rcvNxt, reassembly.insert(tcb.rcvNxt, seq, payload));
  stack.raise(tcb, EVENT_READABLE);
  // Into a gap, wholly or in part: at once (RFC 5681 section 4.2).
  if (gaps) tcb.ackNow = true;
  else scheduleAck(tcb, now);
}

/** Step 6: the urgent pointer only moves ahead; told when it does and is beyond what was consumed (MUST-32). */
function processUrgent(tcb: Tcb, segment: Segment): void {
  const up = tcb.stack.rules.urgentFrom(segment.seq, segment.urgent);
  const consumed = seqAdd(tcb.rcvNxt, -tcb.reassembly.ready);
  if (seqLeq(up, consumed)) return;
  if (tcb.rcvUrgent && seqLeq(up, tcb.rcvUp)) return;
  tcb.rcvUp = up;
  tcb.rcvUrgent = true;
  tcb.stack.raise(tcb, EVENT_URGENT);
}

function noteFin(tcb: Tcb, seq: SeqNum): void {
  if (tcb.finSeen && seqLeq(tcb.finSeq, seq)) {
    if (seqLt(tcb.rcvNxt, seq)) tcb.ackNow = true;
    return;
  }
  tcb.finSeen = true;
  tcb.finSeq = seq;
  if (seqDiff(seq, tcb.rcvNxt) > 0) tcb.ackNow = true;
}

/** Step 8: the peer will send no more. */
function processFin(tcb: Tcb, now: number): void {
  tcb.rcvNxt = seqAdd(tcb.rcvNxt, 1);
  if (seqDiff(tcb.rcvEdge, tcb.rcvNxt) < 0) tcb.rcvEdge = tcb.rcvNxt;
  tcb.finReceived = true;
  tcb.ackNow = true;
  tcb.stack.raise(tcb, EVENT_END);
  switch (tcb.state) {
    case 'SYN-RECEIVED':
    case 'ESTABLISHED':
      tcb.state = 'CLOSE-WAIT';
      break;
    case 'FIN-WAIT-1':
      if (finAcknowledged(tcb)) enterTimeWait(tcb, now);
      else tcb.state = 'CLOSING';
      break;
    case 'FIN-WAIT-2':
      enterTimeWait(tcb, now);
      break;
    default:
  }
}

/** Only these states take text; in the others the peer's FIN has come. */
function receives(tcb: Tcb): boolean {
  return (
    !tcb.finReceived &&
    (tcb.state === 'ESTABLISHED' || tcb.state === 'FIN-WAIT-1' || tcb.state === 'FIN-WAIT-2')
  );
}
