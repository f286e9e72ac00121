import type { WireWatch } from './wire-watch.js';

/** Both ends of a wire that changes, delays or loses what it carries: over is only what is over at either end. */
export class WireWatches {
  constructor(private readonly watches: readonly WireWatch[]) {}

  /** Forgets everything, as at the start of a case. */
  reset(): void {
    for (const watch of this.watches) watch.reset();
  }

  /** ms since the last TCP frame at either end; Infinity when none has passed. */
  idleMs(now: number): number {
    return Math.min(...this.watches.map((watch) => watch.idleMs(now)));
  }

  get seen(): number {
    return Math.max(...this.watches.map((watch) => watch.seen));
  }

  /** As seen from each end, every conversation was reset or closed. */
  get ended(): boolean {
    return this.watches.every((watch) => watch.ended);
  }

  /** Neither end waits for an acknowledgement. */
  get quiescent(): boolean {
    return this.watches.every((watch) => watch.quiescent);
  }
}
