import { seqDiff, seqLeq, seqLt, seqMax, seqMin, type SeqNum } from './seq.js';

/** More isolated ranges than this are not recorded; what is left out is only sent again needlessly. */
const MAX_RANGES = 1024;

/**
 * What the peer said in SACK blocks that it holds beyond SND.UNA (RFC 6675 section 3). Ranges ascend and never touch.
 * The data itself stays in the send buffer until acknowledged cumulatively, since a receiver may renege (RFC 2018
 * section 8).
 */
export class Scoreboard {
  /** Octets in all ranges. */
  sacked = 0;
  readonly lefts: SeqNum[] = [];
  readonly rights: SeqNum[] = [];

  get empty(): boolean {
    return this.lefts.length === 0;
  }

  /** The highest SACKed octet plus one; only where not empty. */
  get highest(): SeqNum {
    return this.rights[this.rights.length - 1]!;
  }

  /**
   * Update() of RFC 6675: takes the blocks of an ACK, as left, right, left, right. Blocks at or below `una` (D-SACK,
   * RFC 2883), beyond `max` or empty are ignored. Returns how many octets are newly known to have arrived.
   */
  update(blocks: readonly number[], una: SeqNum, max: SeqNum): number {
    const before = this.sacked;
    for (let i = 0; i + 1 < blocks.length; i += 2) {
      const left = seqMax(blocks[i]!, una);
      const right = blocks[i + 1]!;
      if (seqLt(blocks[i]!, right) && seqLt(left, right) && seqLeq(right, max)) this.add(left, right);
    }
    return this.sacked - before;
  }

  /** Forgets what lies below `una`. */
  acknowledge(una: SeqNum): void {
    const { lefts, rights } = this;
    let gone = 0;
    while (gone < lefts.length && seqLeq(rights[gone]!, una)) {
      this.sacked -= seqDiff(rights[gone]!, lefts[gone]!);
      gone++;
    }
    if (gone > 0) {
      lefts.splice(0, gone);
      rights.splice(0, gone);
    }
    if (lefts.length > 0 && seqLt(lefts[0]!, una)) {
      this.sacked -= seqDiff(una, lefts[0]!);
      lefts[0] = una;
    }
  }

  clear(): void {
    this.sacked = 0;
    this.lefts.length = 0;
    this.rights.length = 0;
  }

  /**
   * IsLost() of RFC 6675, for all octets at once: everything below the returned number that is not SACKed counts as
   * lost, since `threshold` ranges or more than (threshold - 1) * mss octets above it have been SACKed. `una` if none.
   */
  lostEdge(una: SeqNum, threshold: number, mss: number): SeqNum {
    let octets = 0;
    let ranges = 0;
    for (let i = this.lefts.length - 1; i >= 0; i--) {
      octets += seqDiff(this.rights[i]!, this.lefts[i]!);
      ranges++;
      if (ranges >= threshold || octets > (threshold - 1) * mss) return this.lefts[i]!;
    }
    return una;
  }

  /** SACKed octets below `seq`. */
  sackedBelow(seq: SeqNum): number {
    let octets = 0;
    for (let i = 0; i < this.lefts.length && seqLt(this.lefts[i]!, seq); i++) {
      octets += seqDiff(seqMin(this.rights[i]!, seq), this.lefts[i]!);
    }
    return octets;
  }

  /** The first octet at or above `from` that is not SACKed. */
  firstHole(from: SeqNum): SeqNum {
    const i = this.indexAtOrAbove(from);
    return i < this.lefts.length && seqLeq(this.lefts[i]!, from) ? this.rights[i]! : from;
  }

  /** Left edge of the first range above `from`, or `limit` if there is none below it. */
  holeEnd(from: SeqNum, limit: SeqNum): SeqNum {
    const i = this.indexAtOrAbove(from);
    return i < this.lefts.length ? seqMin(this.lefts[i]!, limit) : limit;
  }

  /** Index of the first range whose right edge lies above `seq`. */
  private indexAtOrAbove(seq: SeqNum): number {
    let low = 0;
    let high = this.lefts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (seqLeq(this.rights[middle]!, seq)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private add(left: SeqNum, right: SeqNum): void {
    const { lefts, rights } = this;
    let to = lefts.length;
    while (to > 0 && seqLt(right, lefts[to - 1]!)) to--;
    let from = to;
    while (from > 0 && seqLeq(left, rights[from - 1]!)) from--;
    if (from === to) {
      if (lefts.length >= MAX_RANGES) return;
      lefts.splice(from, 0, left);
      rights.splice(from, 0, right);
      this.sacked += seqDiff(right, left);
      return;
    }
    let held = 0;
    for (let i = from; i < to; i++) held += seqDiff(rights[i]!, lefts[i]!);
    lefts[from] = seqMin(left, lefts[from]!);
    rights[from] = seqMax(right, rights[to - 1]!);
    this.sacked += seqDiff(rights[from]!, lefts[from]!) - held;
    if (to - from > 1) {
      lefts.splice(from + 1, to - from - 1);
      rights.splice(from + 1, to - from - 1);
    }
  }
}
