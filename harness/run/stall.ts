/** How often the clock is looked at, ms, and how many looks are remembered. */
const EVERY_MS = 20;
const REMEMBERED = 3000;

/**
 * Notices when this process did not get to run: on a busy machine an in-process stack or the lower tester may miss its
 * own timers, and what the wire then shows is the machine's doing and not the implementation's.
 */
export class StallMonitor {
  private readonly stalls: { at: number; ms: number }[] = [];
  private last = performance.now();
  private readonly timer = setInterval(() => this.look(), EVERY_MS);

  constructor() {
    this.timer.unref();
  }

  /** Longest stall that ended after `since` (performance.now()), ms. */
  worstSince(since: number): number {
    this.look();
    let worst = 0;
    for (let index = this.stalls.length - 1; index >= 0; index--) {
      const stall = this.stalls[index]!;
      if (stall.at < since) break;
      worst = Math.max(worst, stall.ms);
    }
    return worst;
  }

  /** Resolves once this process has run for `forMs` without a stall of `stallMs`, or after `atMostMs`. */
  async calm(stallMs: number, forMs: number, atMostMs: number): Promise<void> {
    const until = performance.now() + atMostMs;
    for (let since = performance.now(); performance.now() < Math.min(since + forMs, until);) {
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
      if (this.worstSince(since) >= stallMs) since = performance.now();
    }
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private look(): void {
    const now = performance.now();
    const ms = now - this.last - EVERY_MS;
    this.last = now;
    if (ms < EVERY_MS) return;
    this.stalls.push({ at: now, ms });
    if (this.stalls.length > REMEMBERED) this.stalls.shift();
  }
}
