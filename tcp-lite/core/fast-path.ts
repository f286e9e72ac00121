import type { Segment } from '../wire/segment.js';
import { acknowledgeNew, updateWindow } from './ack.js';
import { ACK, CE, PSH } from './flags.js';
import { touchKeepAlive } from './keep-alive.js';
import { output } from './output.js';
import { seqAdd, seqDiff } from './seq.js';
import { EVENT_READABLE } from './stack.js';
import { OPEN, type Tcb } from './tcb.js';
import { scheduleAck } from './text.js';

/**
 * Header prediction: the two kinds of segment that bulk transfer consists of, an ACK of new data and the next data in
 * order, when nothing is out of the ordinary. Whatever is not certain takes the long way; false says so.
 */
export function tryFastPath(tcb: Tcb, segment: Segment, now: number): boolean {
  if ((segment.flags & ~PSH) !== ACK || segment.seq !== tcb.rcvNxt) return false;
  if (tcb.recovery !== OPEN || tcb.dupAcks !== 0 || tcb.persistAt !== Infinity) return false;
  const { options, payload } = segment;
  if (options.sack !== undefined || segment.sourceRoute !== undefined) return false;
  if (tcb.ecn && segment.ecn === CE) return false;
  const acked = seqDiff(segment.ack, tcb.sndUna);
  if (acked < 0 || seqDiff(segment.ack, tcb.sndMax) > 0) return false;
  const { rules } = tcb.stack;
  if (payload.length === 0) {
    if (acked === 0) return false;
  } else if (
    payload.length > seqDiff(tcb.rcvEdge, tcb.rcvNxt) ||
    tcb.reassembly.lefts.length > 0 ||
    tcb.finSeen ||
    rules.resetsOnLateData(tcb)
  ) {
    return false;
  }
  if (tcb.timestamps) {
    const { tsVal } = options;
    if (tsVal === undefined || seqDiff(tsVal, tcb.tsRecent) < 0) return false;
    if (rules.updatesTsRecent(tcb, segment.seq, tsVal, now)) {
      tcb.tsRecent = tsVal;
      tcb.tsRecentAt = now;
    }
  }
  touchKeepAlive(tcb, now);
  if (acked > 0) acknowledgeNew(tcb, segment.ack, acked, segment, now);
  if (rules.updatesWindow(tcb, segment.seq, segment.ack)) {
    updateWindow(tcb, rules.windowFrom(tcb, segment.window), segment.seq, segment.ack);
  }
  if (payload.length > 0) {
    if (payload.length > tcb.rcvMss) tcb.rcvMss = payload.length;
    tcb.rcvNxt = seqAdd(tcb.rcvNxt, tcb.reassembly.insert(tcb.rcvNxt, segment.seq, payload));
    tcb.stack.raise(tcb, EVENT_READABLE);
    scheduleAck(tcb, now);
  }
  output(tcb, now);
  return true;
}
