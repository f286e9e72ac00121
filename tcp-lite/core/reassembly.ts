import { seqAdd, seqDiff, seqLeq, seqLt, seqMax, seqMin, type SeqNum } from './seq.js';

const EMPTY = new Uint8Array(0);
const SMALLEST = 512;

/** More isolated ranges than this are not kept: a bound on the work that a hostile peer can cause. */
export const MAX_RANGES = 256;

/**
 * Received octets until the application reads them: a ring in which data that came out of order already stands in its
 * place (SHLD-31), with a sorted list of what is there beyond RCV.NXT. It grows by doubling; the caller admits only
 * octets inside the window that it announced, and so bounds it.
 */
export class Reassembly {
  /** Octets in order, not yet read. */
  ready = 0;
  /** Isolated ranges beyond RCV.NXT, left and right edges, ascending, never touching. */
  readonly lefts: SeqNum[] = [];
  readonly rights: SeqNum[] = [];
  private ring: Uint8Array = EMPTY;
  /** Ring index of the next octet to read. */
  private head = 0;

  /**
   * Puts `payload` in its place, `ahead` octets beyond `next` (RCV.NXT), and returns by how many octets that moves
   * RCV.NXT: 0 while there is a gap in front. The range kept is [seq, seq + payload.length).
   */
  insert(next: SeqNum, seq: SeqNum, payload: Uint8Array): number {
    const ahead = seqDiff(seq, next);
    const end = seqAdd(seq, payload.length);
    if (ahead > 0 && !this.addRange(seq, end)) return 0;
    this.store(this.ready + ahead, payload);
    if (ahead > 0) return 0;
    const reached = this.lefts.length === 0 ? end : this.takeReached(end);
    const advanced = seqDiff(reached, next);
    this.ready += advanced;
    return advanced;
  }

  /** Up to `max` octets in order, copied for the caller to keep. */
  read(max: number): Uint8Array {
    const octets = Math.min(max, this.ready);
    if (octets <= 0) return EMPTY;
    const first = Math.min(octets, this.ring.length - this.head);
    const data = room(octets);
    data.set(this.ring.subarray(this.head, this.head + first), 0);
    if (first < octets) data.set(this.ring.subarray(0, octets - first), first);
    this.consume(octets);
    return data;
  }

  /**
   * The part of [from, to) that is held beyond RCV.NXT: the lowest contiguous piece, as [left, right), or undefined.
   * What D-SACK reports (RFC 2883 section 4).
   */
  overlap(from: SeqNum, to: SeqNum): [SeqNum, SeqNum] | undefined {
    for (let i = 0; i < this.lefts.length; i++) {
      const left = seqMax(this.lefts[i]!, from);
      const right = seqMin(this.rights[i]!, to);
      if (seqLt(left, right)) return [left, right];
    }
    return undefined;
  }

  /** Index of the range that holds `seq`, or -1. */
  rangeAt(seq: SeqNum): number {
    for (let i = this.lefts.length - 1; i >= 0; i--) {
      if (seqLeq(this.lefts[i]!, seq)) return seqLt(seq, this.rights[i]!) ? i : -1;
    }
    return -1;
  }

  clear(): void {
    this.ready = 0;
    this.lefts.length = 0;
    this.rights.length = 0;
    this.ring = EMPTY;
    this.head = 0;
  }

  /** Octets of memory in use, for the bounds that tests assert. */
  get allocated(): number {
    return this.ring.length;
  }

  private consume(octets: number): void {
    this.ready -= octets;
    if (this.ready === 0 && this.lefts.length === 0) {
      this.head = 0;
      if (this.ring.length > KEPT_WHEN_EMPTY) this.ring = EMPTY;
    } else {
      this.head = (this.head + octets) & (this.ring.length - 1);
    }
  }

  private store(offset: number, payload: Uint8Array): void {
    if (offset + payload.length > this.ring.length) this.grow(offset + payload.length);
    const at = (this.head + offset) & (this.ring.length - 1);
    const first = this.ring.length - at;
    if (payload.length <= first) {
      this.ring.set(payload, at);
    } else {
      this.ring.set(payload.subarray(0, first), at);
      this.ring.set(payload.subarray(first), 0);
    }
  }

  private grow(octets: number): void {
    let size = Math.max(SMALLEST, this.ring.length);
    while (size < octets) size *= 2;
    const larger = new Uint8Array(size);
    const first = this.ring.length - this.head;
    larger.set(this.ring.subarray(this.head), 0);
    larger.set(this.ring.subarray(0, this.head), first);
    this.ring = larger;
    this.head = 0;
  }

  /** Merges [left, right) into the list; false when the list is full and the range touches none. */
  private addRange(left: SeqNum, right: SeqNum): boolean {
    const { lefts, rights } = this;
    // From the end, since most arrivals extend the last range or start a new one behind it.
    let to = lefts.length;
    while (to > 0 && seqLt(right, lefts[to - 1]!)) to--;
    let from = to;
    while (from > 0 && seqLeq(left, rights[from - 1]!)) from--;
    if (from === to) {
      if (lefts.length >= MAX_RANGES) return false;
      lefts.splice(from, 0, left);
      rights.splice(from, 0, right);
      return true;
    }
    lefts[from] = seqMin(left, lefts[from]!);
    rights[from] = seqMax(right, rights[to - 1]!);
    if (to - from > 1) {
      lefts.splice(from + 1, to - from - 1);
      rights.splice(from + 1, to - from - 1);
    }
    return true;
  }

  /** Drops the ranges that data up to `end` has reached; returns how far the data in order now goes. */
  private takeReached(end: SeqNum): SeqNum {
    let count = 0;
    let reached = end;
    while (count < this.lefts.length && seqLeq(this.lefts[count]!, reached)) {
      reached = seqMax(reached, this.rights[count]!);
      count++;
    }
    if (count > 0) {
      this.lefts.splice(0, count);
      this.rights.splice(0, count);
    }
    return reached;
  }
}

/** Memory for a read. Small ones share a block, since allocating a buffer costs more than filling it. */
function room(octets: number): Uint8Array {
  if (octets > BLOCK / 4) return new Uint8Array(octets);
  if (blockUsed + octets > BLOCK) {
    block = new Uint8Array(BLOCK);
    blockUsed = 0;
  }
  const view = block.subarray(blockUsed, blockUsed + octets);
  blockUsed += octets;
  return view;
}

const BLOCK = 32_768;
let block = EMPTY;
let blockUsed = BLOCK;

/** A larger ring is given back when it runs empty. */
const KEPT_WHEN_EMPTY = 262_144;
