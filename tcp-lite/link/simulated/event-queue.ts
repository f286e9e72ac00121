/** What happens at a time of a virtual clock; events of the same time keep the order in which they were added. */
export class EventQueue<T> {
  private readonly times: number[] = [];
  private readonly orders: number[] = [];
  private readonly events: T[] = [];
  private added = 0;

  get size(): number {
    return this.events.length;
  }

  /** Time of the first event, ms; Infinity when there is none. */
  next(): number {
    return this.times.length === 0 ? Infinity : this.times[0]!;
  }

  add(at: number, event: T): void {
    let index = this.events.length;
    const order = this.added++;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (this.times[parent]! <= at) break;
      this.move(parent, index);
      index = parent;
    }
    this.set(index, at, order, event);
  }

  /** Takes the first event out. Undefined when there is none. */
  take(): T | undefined {
    const first = this.events[0];
    if (first === undefined) return undefined;
    const at = this.times.pop()!;
    const order = this.orders.pop()!;
    const event = this.events.pop()!;
    const size = this.events.length;
    if (size === 0) return first;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= size) break;
      if (child + 1 < size && this.before(child + 1, child)) child++;
      if (at < this.times[child]! || (at === this.times[child]! && order < this.orders[child]!)) break;
      this.move(child, index);
      index = child;
    }
    this.set(index, at, order, event);
    return first;
  }

  private before(a: number, b: number): boolean {
    const difference = this.times[a]! - this.times[b]!;
    return difference < 0 || (difference === 0 && this.orders[a]! < this.orders[b]!);
  }

  private move(from: number, to: number): void {
    this.set(to, this.times[from]!, this.orders[from]!, this.events[from]!);
  }

  private set(index: number, at: number, order: number, event: T): void {
    this.times[index] = at;
    this.orders[index] = order;
    this.events[index] = event;
  }
}
