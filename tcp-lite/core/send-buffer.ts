const EMPTY = new Uint8Array(0);
const SMALLEST = 512;

/**
 * What the application gave and the peer has not acknowledged: a ring that grows by doubling up to the limit, so that an
 * idle connection holds nothing. Offsets count from the oldest octet held. Nothing is copied per segment, except where
 * a segment straddles the end of the ring.
 */
export class SendBuffer {
  /** Octets held. */
  length = 0;
  private ring: Uint8Array = EMPTY;
  private head = 0;

  /** Takes as much of `data` as fits below `limit` octets in all; returns how many octets were taken. */
  append(data: Uint8Array, limit: number): number {
    const taken = Math.max(0, Math.min(data.length, limit - this.length));
    if (taken === 0) return 0;
    this.reserve(this.length + taken);
    const at = (this.head + this.length) & (this.ring.length - 1);
    const first = Math.min(taken, this.ring.length - at);
    this.ring.set(data.length === first ? data : data.subarray(0, first), at);
    if (first < taken) this.ring.set(data.subarray(first, taken), 0);
    this.length += taken;
    return taken;
  }

  /** Octets `offset .. offset + octets`, contiguous: a view that holds until the buffer changes, or a copy. */
  view(offset: number, octets: number): Uint8Array {
    if (octets === 0) return EMPTY;
    const at = (this.head + offset) & (this.ring.length - 1);
    if (at + octets <= this.ring.length) return this.ring.subarray(at, at + octets);
    const joined = new Uint8Array(octets);
    const first = this.ring.length - at;
    joined.set(this.ring.subarray(at), 0);
    joined.set(this.ring.subarray(0, octets - first), first);
    return joined;
  }

  /** Forgets the oldest `octets`, which the peer has acknowledged. */
  drop(octets: number): void {
    this.length -= octets;
    if (this.length === 0) {
      this.head = 0;
      if (this.ring.length > KEPT_WHEN_EMPTY) this.ring = EMPTY;
    } else {
      this.head = (this.head + octets) & (this.ring.length - 1);
    }
  }

  clear(): void {
    this.length = 0;
    this.head = 0;
    this.ring = EMPTY;
  }

  /** Octets of memory in use, for the bounds that tests assert. */
  get allocated(): number {
    return this.ring.length;
  }

  private reserve(octets: number): void {
    if (octets <= this.ring.length) return;
    let size = Math.max(SMALLEST, this.ring.length);
    while (size < octets) size *= 2;
    const larger = new Uint8Array(size);
    const first = Math.min(this.length, this.ring.length - this.head);
    larger.set(this.ring.subarray(this.head, this.head + first), 0);
    if (first < this.length) larger.set(this.ring.subarray(0, this.length - first), first);
    this.ring = larger;
    this.head = 0;
  }
}

/** A larger ring is given back when it runs empty. */
const KEPT_WHEN_EMPTY = 262_144;
