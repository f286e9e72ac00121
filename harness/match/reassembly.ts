import { before, distance, plus } from './sequence-space.js';

/** Data and FIN that arrived, merged into what may be acknowledged: RCV.NXT and what waits beyond a gap. Raw numbers. */
export class Reassembly {
  readonly #waiting: { from: number; to: number }[] = [];
  #fin: number | undefined;
  #ended = false;

  constructor(public next: number) {}

  /** The FIN was taken: nothing that comes after it counts. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Takes octets [from, to) and, where `fin`, the FIN that stands at `to`. */
  take(from: number, to: number, fin: boolean): void {
    if (this.#ended) return;
    if (before(from, to)) this.#waiting.push({ from, to });
    if (fin) this.#fin = to;
    this.#merge();
  }

  #merge(): void {
    for (let merged = true; merged;) {
      merged = false;
      for (let index = this.#waiting.length - 1; index >= 0; index--) {
        const { from, to } = this.#waiting[index] ?? { from: 0, to: 0 };
        if (before(this.next, from)) continue;
        this.#waiting.splice(index, 1);
        if (before(this.next, to)) this.next = to;
        merged = true;
      }
    }
    if (this.#fin !== undefined && distance(this.#fin, this.next) >= 0) {
      this.next = plus(this.#fin, 1);
      this.#ended = true;
    }
  }
}
