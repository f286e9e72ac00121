/** How often the clock is looked at, ms, and how many looks are remembered. */
const EVERY_MS = 20;
const REMEMBERED = 3000;
/** Many short stalls in a row delay what takes several turns as much as a long one does. */
const WITHIN_MS = 1000;

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

  /** How long this process stood still within any one second since `since` (performance.now()), at most, ms. */
  worstSince(since: number): number {
    this.look();
    let worst = 0;
    let sum = 0;
    let newest = this.stalls.length - 1;
    for (let index = newest; index >= 0; index--) {
      const stall = this.stalls[index]!;
      if (stall.at < since) break;
      sum += stall.ms;
      while (this.stalls[newest]!.at - stall.at > WITHIN_MS) sum -= this.stalls[newest--]!.ms;
      worst = Math.max(worst, sum);
    }
    return worst;
  }

  /** Resolves once this process has run for `forMs` without standing still for `stallMs`, or after `atMostMs`. */
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
