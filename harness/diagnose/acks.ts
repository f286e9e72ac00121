import { FIN, RST, SYN } from '../dissect/packet.js';
import type { End } from './end.js';
import { noteMissed } from './loss.js';
import type { Step } from './step.js';

/** Further than this beyond what was captured, an acknowledgment is not of this stream. */
const FOREIGN = 2 ** 30;

/**
 * What an acknowledgment says about the other end's stream: progress, a duplicate, SACK edges, data the capture did
 * not see. `pure` packets (no payload, SYN, FIN) get their kind here.
 */
export function observeAck(step: Step): void {
  const { ack, from, to } = step;
  if (ack === undefined || step.rst) return;
  if (Math.abs(ack - to.una) > FOREIGN) {
    to.falseAcks++;
    to.incidents.falseAckFrames.push(step.frame);
    if (isPure(step)) step.kind = 'acks-unseen';
    return;
  }
  observeSack(step);
  if (ack > to.next) return acksUnseen(step, ack);
  if (ack > to.una) return advance(step, ack);
  if (!isPure(step) || step.kind !== 'ack') return;
  if (ack < to.una) {
    step.kind = 'old-ack';
    return;
  }
  if (from.window !== step.window && !hasSack(step)) {
    step.kind = 'window-update';
    return;
  }
  if (to.next > to.una && from.packets > 1 && to.isDataOutstanding()) duplicate(step, ack);
}

function isPure(step: Step): boolean {
  return step.len === 0 && (step.packet.tcp.flags & (SYN | FIN | RST)) === 0;
}

function hasSack(step: Step): boolean {
  return (step.packet.tcp.options.sackBlocks?.length ?? 0) > 0;
}

function acksUnseen(step: Step, ack: number): void {
  const { to } = step;
  const startsWithKeepAlive = to.isn === undefined && ack === to.next + 1 && to.uniqueOctets === 0;
  if (to.packets === 0 || startsWithKeepAlive) {
    // Nothing of that end was captured yet, or a keep-alive, one below: its stream begins here, as far as can be seen.
    to.next = ack;
    return advance(step, ack);
  }
  const probe = to.lastProbe;
  if (probe !== undefined && ack === to.next + probe.len && probe.seq === to.next) {
    // The octet of a zero-window probe was taken after all.
    to.next = ack;
    to.uniqueOctets += probe.len;
    return advance(step, ack);
  }
  // Until the sender's next packet shows how far it really was, the acknowledgment is only suspected to be right.
  to.suspectAck ??= { ack, frame: step.frame, next: to.next };
  if (ack > to.suspectAck.ack) to.suspectAck = { ...to.suspectAck, ack };
  step.amount = ack - to.next;
  if (isPure(step)) step.kind = 'acks-unseen';
  if (to.next > to.una) advance(step, to.next);
}

function advance(step: Step, ack: number): void {
  const { to, time } = step;
  for (const hole of to.holes) {
    if (hole.start >= ack) break;
    noteMissed(to, hole.start, Math.min(hole.end, ack), step.frame);
  }
  if (to.holes.length > 0) to.holes = to.holes.filter((hole) => hole.end > ack);
  for (const hole of to.holes) if (hole.start < ack) hole.start = ack;

  let done = 0;
  for (const segment of to.sent) {
    if (segment.end > ack) break;
    done++;
    if (segment.end === ack && segment.count === 1) noteResponse(step.from, time - segment.firstTime);
  }
  if (done > 0) to.sent.splice(0, done);
  to.una = ack;
  to.unaFrame = step.frame;
  to.unaTime = time;
  to.dupAcks = 0;
  to.sackedFrom = undefined;
  step.advanced = true;
  const { fin } = to;
  if (fin !== undefined && fin.ackedFrame === undefined && ack >= fin.end) {
    fin.ackedFrame = step.frame;
    fin.ackedTime = time;
    fin.ackedByFin = step.fin;
  }
  if (to.timeoutSeries !== undefined && to.timeoutSeries.start < ack) to.timeoutSeries = undefined;
}

export function noteResponse(end: End, seconds: number): void {
  if (seconds >= 0 && seconds < (end.minResponse ?? Infinity)) end.minResponse = seconds;
}

function duplicate(step: Step, ack: number): void {
  const { to, frame, time } = step;
  step.kind = 'duplicate-ack';
  to.dupAcks++;
  to.dupAckTotal++;
  to.dupAckTime = time;
  step.amount = to.dupAcks;
  step.refersTo = to.unaFrame;
  for (const hole of to.holes) if (hole.start === ack) hole.dupAcks++;
  const sack = (step.packet.tcp.options.sackBlocks ?? []).map((block) => ({
    start: to.relative(block.left),
    end: to.relative(block.right),
  }));
  const run = to.incidents.dupAckRuns.latest;
  if (run !== undefined && run.ack === ack) {
    run.count++;
    run.lastFrame = frame;
    if (sack.length > 0) run.sack = sack;
    return;
  }
  to.incidents.dupAckRuns.push({ ack, count: 1, firstFrame: frame, lastFrame: frame, sack });
}

/** SACK edges (RFC 2018) and DSACK: a first block below the acknowledgment, or inside the second (RFC 2883). */
function observeSack(step: Step): void {
  const blocks = step.packet.tcp.options.sackBlocks;
  const { ack, to, frame } = step;
  if (blocks === undefined || blocks.length === 0 || ack === undefined) return;
  to.sackBlocksSeen += blocks.length;
  const relative = blocks.map((block) => ({ start: to.relative(block.left), end: to.relative(block.right) }));
  const [first, second] = relative;
  const isDsack =
    first !== undefined &&
    (first.end <= ack ||
      first.start < ack ||
      (second !== undefined && first.start >= second.start && first.end <= second.end));
  if (first !== undefined && isDsack) {
    to.incidents.dsacks.push({ frame, start: first.start, end: first.end });
    for (const repeat of to.incidents.retransmissions.items) {
      if (repeat.start < first.end && repeat.end > first.start) repeat.spurious = true;
    }
    to.incidents.lost.remove(first.start, first.end);
    relative.shift();
  }
  to.sackedFrom = undefined;
  for (const block of relative) {
    if (block.end > to.next + FOREIGN || block.end <= block.start) continue;
    if (block.end > to.sackedTo) to.sackedTo = block.end;
    if (block.start > ack && block.start < (to.sackedFrom ?? Infinity)) to.sackedFrom = block.start;
  }
}
