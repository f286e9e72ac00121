import { seqDiff, seqLeq, seqLt, seqMin, type SeqNum } from './seq.js';
import type { Tcb } from './tcb.js';

/** Arrivals remembered for the order of blocks. */
const REMEMBERED = 8;

/** Octets that a SACK option would add to the next segment, padding included. */
export function sackOptionLength(tcb: Tcb): number {
  if (!tcb.sack || (!tcb.dsack && tcb.reassembly.lefts.length === 0)) return 0;
  const blocks = tcb.reassembly.lefts.length + (tcb.dsack ? 1 : 0);
  return 4 + 8 * Math.min(blocks, tcb.stack.rules.sackBlockLimit(tcb));
}

/**
 * SACK blocks for an ACK (RFC 2018 section 4): a duplicate once (RFC 2883), then the block with the newest arrival, then
 * those with earlier ones, then whatever else fits.
 */
export function sackBlocks(tcb: Tcb): number[] | undefined {
  const { lefts, rights } = tcb.reassembly;
  if (!tcb.sack || (!tcb.dsack && lefts.length === 0)) return undefined;
  const limit = 2 * tcb.stack.rules.sackBlockLimit(tcb);
  const blocks: number[] = [];
  if (tcb.dsack) {
    blocks.push(tcb.dsackLeft, tcb.dsackRight);
    tcb.dsack = false;
  }
  const firstIsolated = blocks.length;
  for (let i = 0; i < tcb.sackRecent.length && blocks.length < limit; i++) {
    const range = tcb.reassembly.rangeAt(tcb.sackRecent[i]!);
    if (range >= 0) pushUnlessThere(blocks, firstIsolated, lefts[range]!, rights[range]!);
  }
  for (let i = lefts.length - 1; i >= 0 && blocks.length < limit; i--) {
    pushUnlessThere(blocks, firstIsolated, lefts[i]!, rights[i]!);
  }
  return blocks.length > 0 ? blocks : undefined;
}

/** Notes that [seq, ...) beyond a gap is the newest arrival. */
export function noteArrival(tcb: Tcb, seq: SeqNum): void {
  const recent = tcb.sackRecent;
  const range = tcb.reassembly.rangeAt(seq);
  if (range < 0) return;
  // One entry a range: older notes for the same range say nothing new.
  const left = tcb.reassembly.lefts[range]!;
  const right = tcb.reassembly.rights[range]!;
  let kept = 0;
  for (let i = 0; i < recent.length; i++) {
    const other = recent[i]!;
    const same = seqLeq(left, other) && seqLt(other, right);
    if (!same && seqLt(tcb.rcvNxt, other)) recent[kept++] = other;
  }
  recent.length = Math.min(kept, REMEMBERED - 1);
  recent.unshift(seq);
}

/** Notes that [left, right) arrived though it was there already. */
export function noteDuplicate(tcb: Tcb, seq: SeqNum, end: SeqNum): void {
  if (!tcb.sack || !tcb.stack.rules.reportsDuplicates()) return;
  if (seqLt(seq, tcb.rcvNxt)) {
    setDuplicate(tcb, seq, seqMin(end, tcb.rcvNxt));
    return;
  }
  const held = tcb.reassembly.overlap(seq, end);
  if (held !== undefined) setDuplicate(tcb, held[0], held[1]);
}

function setDuplicate(tcb: Tcb, left: SeqNum, right: SeqNum): void {
  if (seqDiff(right, left) <= 0) return;
  tcb.dsack = true;
  tcb.dsackLeft = left;
  tcb.dsackRight = right;
}

function pushUnlessThere(blocks: number[], from: number, left: SeqNum, right: SeqNum): void {
  for (let i = from; i < blocks.length; i += 2) if (blocks[i] === left) return;
  blocks.push(left, right);
}
