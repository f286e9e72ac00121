/**
 * Sequence numbers: unsigned 32-bit, with arithmetic modulo 2^32 (RFC 9293 section 3.4). Comparisons hold for numbers
 * less than 2^31 apart, which windows of at most 2^30 guarantee.
 */
export type SeqNum = number;

/** `seq + octets`, wrapped; `octets` may be negative. */
export function seqAdd(seq: SeqNum, octets: number): SeqNum {
  return (seq + octets) >>> 0;
}

/** How far `a` lies ahead of `b`: negative when it lies behind. */
export function seqDiff(a: SeqNum, b: SeqNum): number {
  return (a - b) | 0;
}

/** `a < b` in sequence space. */
export function seqLt(a: SeqNum, b: SeqNum): boolean {
  return ((a - b) | 0) < 0;
}

/** `a =< b` in sequence space. */
export function seqLeq(a: SeqNum, b: SeqNum): boolean {
  return ((a - b) | 0) <= 0;
}

/** The later of two. */
export function seqMax(a: SeqNum, b: SeqNum): SeqNum {
  return ((a - b) | 0) >= 0 ? a : b;
}

/** The earlier of two. */
export function seqMin(a: SeqNum, b: SeqNum): SeqNum {
  return ((a - b) | 0) <= 0 ? a : b;
}
