/**
 * Unwraps a 32-bit sequence number: the value next to `near` that is congruent to `raw - base` modulo 2^32.
 * Relative numbers are plain numbers that grow past 2^32 (exact up to 2^53).
 */
export function unwrap(raw: number, base: number, near: number): number {
  return near + ((raw - ((base + near) >>> 0)) | 0);
}

export interface Range {
  /** First octet. */
  start: number;
  /** One past the last octet. */
  end: number;
}

const NOTHING: readonly never[] = [];

/** Disjoint ranges in ascending order, at most `limit` of them; beyond that only the total stays exact enough. */
export class RangeSet {
  ranges: readonly Range[] = NOTHING;
  /** Octets that did not fit into the list any more. */
  private dropped = 0;

  constructor(private readonly limit = 128) {}

  add(start: number, end: number): void {
    if (end <= start) return;
    const ranges = this.own();
    const index = this.firstTouching(start);
    let merged = { start, end };
    let removed = 0;
    for (; ; removed++) {
      const next = ranges[index + removed];
      if (next === undefined || next.start > merged.end) break;
      merged = { start: Math.min(merged.start, next.start), end: Math.max(merged.end, next.end) };
    }
    ranges.splice(index, removed, merged);
    if (ranges.length > this.limit) {
      const first = ranges.shift();
      if (first) this.dropped += first.end - first.start;
    }
  }

  remove(start: number, end: number): void {
    if (this.ranges.length === 0) return;
    const ranges = this.own();
    for (let i = ranges.length - 1; i >= 0; i--) {
      const range = ranges[i];
      if (range === undefined || range.end <= start || range.start >= end) continue;
      const left = { start: range.start, end: start };
      const right = { start: end, end: range.end };
      ranges.splice(i, 1, ...[left, right].filter((part) => part.end > part.start));
    }
  }

  private own(): Range[] {
    if (this.ranges === NOTHING) this.ranges = [];
    return this.ranges as Range[];
  }

  get octets(): number {
    return this.ranges.reduce((sum, range) => sum + range.end - range.start, this.dropped);
  }

  get size(): number {
    return this.ranges.length;
  }

  private firstTouching(start: number): number {
    let low = 0;
    let high = this.ranges.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.ranges[middle]?.end ?? Infinity) < start) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** A list that keeps its first entries and counts the rest: memory stays bounded whatever a capture holds. */
export class Bounded<T> {
  /** Shared and empty until something is kept: most lists of most conversations stay empty. */
  items: readonly T[] = NOTHING;
  count = 0;
  latest: T | undefined;

  constructor(private readonly limit = 64) {}

  push(item: T): void {
    this.count++;
    this.latest = item;
    if (this.items.length >= this.limit) return;
    if (this.items === NOTHING) this.items = [item];
    else (this.items as T[]).push(item);
  }
}
