/** What a timer wheel needs to know of its members. */
export interface Timed {
  /** When to look at it, ms; never later than its earliest deadline. Infinity: not in the heap. */
  wakeAt: number;
  /** Position in the heap, -1 outside. */
  heapIndex: number;
}

/**
 * Deadlines of many connections: a binary heap, updated lazily. A deadline that moves later, as a retransmission timer
 * does with every ACK, costs nothing: the member is looked at when its old deadline comes and put back.
 */
export class TimerHeap<T extends Timed> {
  private readonly heap: T[] = [];

  get size(): number {
    return this.heap.length;
  }

  /** When the first member wants to be looked at, ms; Infinity when none does. */
  next(): number {
    return this.heap.length === 0 ? Infinity : this.heap[0]!.wakeAt;
  }

  /** Makes sure that the member is looked at no later than `at`. */
  wake(member: T, at: number): void {
    if (at >= member.wakeAt) return;
    member.wakeAt = at;
    if (member.heapIndex < 0) {
      member.heapIndex = this.heap.length;
      this.heap.push(member);
    }
    this.up(member.heapIndex);
  }

  /** Takes the first member out, if it is due. */
  takeDue(now: number): T | undefined {
    const first = this.heap[0];
    if (first === undefined || first.wakeAt > now) return undefined;
    this.remove(first);
    return first;
  }

  remove(member: T): void {
    const index = member.heapIndex;
    if (index < 0) return;
    member.heapIndex = -1;
    member.wakeAt = Infinity;
    const last = this.heap.pop()!;
    if (last === member) return;
    this.heap[index] = last;
    last.heapIndex = index;
    this.up(index);
    this.down(last.heapIndex);
  }

  private up(start: number): void {
    const { heap } = this;
    const member = heap[start]!;
    let index = start;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent]!;
      if (above.wakeAt <= member.wakeAt) break;
      heap[index] = above;
      above.heapIndex = index;
      index = parent;
    }
    heap[index] = member;
    member.heapIndex = index;
  }

  private down(start: number): void {
    const { heap } = this;
    const member = heap[start]!;
    let index = start;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && heap[child + 1]!.wakeAt < heap[child]!.wakeAt) child++;
      const below = heap[child]!;
      if (below.wakeAt >= member.wakeAt) break;
      heap[index] = below;
      below.heapIndex = index;
      index = child;
    }
    heap[index] = member;
    member.heapIndex = index;
  }
}
