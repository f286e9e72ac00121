import type { End } from './end.js';
import type { Hole, SentSegment } from './end-facts.js';
import { ipId } from './end.js';
import type { Step } from './step.js';
import type { PathTimes } from './path-times.js';
import { sentBefore } from './reordering.js';
import { recordRetransmission, repeatCause } from './retransmission.js';

const MAX_HOLES = 64;

const MAX_SENT = 4096;

/** A jump in sequence numbers that no window allows: not of this stream. */
const FOREIGN = 2 ** 30;

/**
 * Places a segment with payload or FIN into its sender's stream and says what it is: new, a jump ahead, late
 * (out of order) or sent again, and why. Sets `step.kind`.
 */
export function placeSegment(step: Step, paths: PathTimes): void {
  const { from, seq, end } = step;
  if (isForeign(step)) {
    step.kind = 'out-of-window';
    return;
  }
  settleSuspectAck(step);
  beginHere(step);
  if (from.firstSeq !== undefined && seq < from.firstSeq) step.kind = 'data';
  else if (seq > from.next) jumpAhead(step);
  else if (seq === from.next) step.kind = step.fin && step.len === 0 ? 'fin' : 'data';
  else placeOld(step, paths);

  if (end > from.next) {
    const fresh = Math.max(seq, from.next);
    remember(from.sent, fresh, end, step);
    from.uniqueOctets += Math.max(0, end - fresh - (step.fin ? 1 : 0));
    from.next = end;
  }
}

/** A damaged segment: its sender has sent it, where its number can be believed, and its receiver will drop it. */
export function placeCorrupt(step: Step): void {
  const { from, seq, end } = step;
  step.kind = 'bad-checksum';
  if (seq !== from.next || step.len === 0) return;
  remember(from.sent, seq, end, step);
  from.uniqueOctets += step.len;
  from.next = end;
}

/** A packet without payload tells with its sequence number how far its sender has come: data may be missing. */
export function placeEmpty(step: Step): void {
  const { from, seq } = step;
  if (isForeign(step)) {
    step.kind = 'out-of-window';
    return;
  }
  settleSuspectAck(step);
  beginHere(step);
  if (seq <= from.next) return;
  openHole(step);
  from.next = seq;
  step.kind = 'gap';
}

/** The first packet of an end whose SYN was not captured says where its stream begins for us. */
function beginHere(step: Step): void {
  const { from, seq } = step;
  if (from.isn !== undefined || from.firstSeq !== undefined) return;
  from.firstSeq = seq;
  from.next = Math.max(from.una, seq);
}

function isForeign(step: Step): boolean {
  const { from, to, seq } = step;
  const distance = seq - from.next;
  if (Math.abs(distance) > FOREIGN) return true;
  // Beyond every window the peer ever offered, with all of the peer's offers known: the peer will not take it.
  return (
    distance > 0 &&
    from.isn !== undefined &&
    to.shift !== undefined &&
    from.lastFrame > 0 &&
    to.maxEdge > 0 &&
    seq > to.maxEdge + 65_535 &&
    from.incidents.missed.size === 0 &&
    to.incidents.missed.size === 0
  );
}

function jumpAhead(step: Step): void {
  step.amount = step.seq - step.from.next;
  openHole(step);
  step.kind = 'gap';
}

function openHole(step: Step): void {
  const { from } = step;
  from.holes.push({
    start: from.next,
    end: step.seq,
    frame: step.frame,
    time: step.time,
    openerId: ipId(step.packet),
    openerTsval: step.packet.tcp.options.timestamp?.value,
    dupAcks: 0,
  });
  if (from.holes.length > MAX_HOLES) from.holes.shift();
}

/** The segment begins below what was already seen: it fills a hole, arrives late, or repeats. */
function placeOld(step: Step, paths: PathTimes): void {
  const { from, seq, end } = step;
  const holes = from.holes.filter((hole) => hole.start < end && hole.end > seq);
  const [hole] = holes;
  if (hole !== undefined) {
    fillHole(step, hole, paths);
    for (const touched of holes) shrinkHole(from, touched, seq, end);
    return;
  }
  if (seq >= from.next) return;
  const missed = from.incidents.missed.ranges.some((range) => range.start < end && range.end > seq);
  if (missed) {
    // Acknowledged before it was captured: the capture wrote its packets in another order.
    from.incidents.missed.remove(seq, end);
    from.uniqueOctets += step.len;
    step.kind = 'data';
    return;
  }
  repeat(step, paths);
}

function fillHole(step: Step, hole: Hole, paths: PathTimes): void {
  const { from } = step;
  const afterMs = (step.time - hole.time) * 1000;
  const evidence = sentBefore(step, hole, paths);
  step.refersTo = hole.frame;
  step.amount = step.len;
  from.uniqueOctets += Math.min(step.end, hole.end) - Math.max(step.seq, hole.start) - (step.fin ? 1 : 0);
  if (evidence !== undefined) {
    step.kind = 'out-of-order';
    from.incidents.outOfOrder.push({
      frame: step.frame,
      start: step.seq,
      end: step.end,
      overtakenBy: hole.frame,
      afterMs,
      evidence,
    });
    return;
  }
  const cause = repeatCause(step, paths, hole.time, undefined);
  recordRetransmission(step, cause, undefined, afterMs);
  from.incidents.lost.add(Math.max(step.seq, hole.start), Math.min(step.seq + step.len, hole.end));
  from.incidents.lossFrames.push(hole.frame);
}

function repeat(step: Step, paths: PathTimes): void {
  const { from, seq } = step;
  if (step.len === 0) {
    // A FIN alone carries no data that could be missing; the close is judged for itself.
    step.kind = from.fin === undefined ? 'fin' : 'fin-repeated';
    step.refersTo = from.fin?.frame;
    return;
  }
  const segment = findSent(from.sent, seq);
  const since = segment?.lastTime;
  const cause = repeatCause(step, paths, since, segment);
  const afterMs = since === undefined ? 0 : (step.time - since) * 1000;
  step.refersTo = segment?.frame;
  step.amount = afterMs;
  recordRetransmission(step, cause, segment?.frame, afterMs);
  if (cause !== 'spurious') {
    from.incidents.lost.add(seq, Math.min(seq + step.len, from.next));
    from.incidents.lossFrames.push(step.frame);
  }
  if (segment !== undefined) {
    segment.count++;
    segment.lastTime = step.time;
  }
}

/**
 * An acknowledgment beyond what was captured: either the capture missed data, or the acknowledgment is wrong. The
 * sender's next packet tells: it goes on from there, or from where it was.
 */
function settleSuspectAck(step: Step): void {
  const { from } = step;
  const suspect = from.suspectAck;
  if (suspect === undefined) return;
  from.suspectAck = undefined;
  if (step.seq >= suspect.ack) noteMissed(from, from.next, suspect.ack, suspect.frame);
  else if (step.seq >= suspect.next) {
    from.falseAcks++;
    from.incidents.falseAckFrames.push(suspect.frame);
  }
}

/** Octets that the peer has and the capture has not. */
export function noteMissed(from: End, start: number, end: number, frame: number): void {
  if (end <= start) return;
  from.incidents.missed.add(start, end);
  from.incidents.missedFrames.push(frame);
  if (end > from.next) from.next = end;
}

function shrinkHole(from: End, hole: Hole, start: number, end: number): void {
  const right = { ...hole, start: Math.max(hole.start, end) };
  const leftEnd = Math.min(hole.end, start);
  const index = from.holes.indexOf(hole);
  const parts: Hole[] = [];
  if (leftEnd > hole.start) parts.push({ ...hole, end: leftEnd });
  if (right.end > right.start) parts.push(right);
  if (index >= 0) from.holes.splice(index, 1, ...parts);
}

function remember(sent: SentSegment[], seq: number, end: number, step: Step): void {
  sent.push({ seq, end, frame: step.frame, firstTime: step.time, lastTime: step.time, count: 1 });
  if (sent.length > MAX_SENT) sent.splice(0, MAX_SENT / 2);
}

function findSent(sent: SentSegment[], seq: number): SentSegment | undefined {
  let low = 0;
  let high = sent.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const segment = sent[middle];
    if (segment === undefined) return undefined;
    if (seq < segment.seq) high = middle - 1;
    else if (seq >= segment.end) low = middle + 1;
    else return segment;
  }
  return undefined;
}
