import { readFileSync } from 'node:fs';

/**
 * Frames that crossed the interfaces of a capture and did not come out of it: the second-best evidence of loss, for
 * machines that keep a capture's own drop counter to themselves. Interfaces count some frames that a capture never
 * sees and the other way round, so this only tells of losses that are larger than such differences.
 */
export class InterfaceLosses {
  readonly #pid: number;
  readonly #interfaces: readonly string[];
  readonly #crossedBefore: readonly number[];
  readonly #seen: number[];

  /** Counts from now on, by the interface counters of the namespace that process `pid` is in. */
  constructor(pid: number, interfaces: readonly string[]) {
    this.#pid = pid;
    this.#interfaces = interfaces;
    this.#seen = interfaces.map(() => 0);
    this.#crossedBefore = this.#crossed();
  }

  /** Takes note of a frame that came out of the capture. */
  see(interfaceId: number): void {
    this.#seen[interfaceId] = (this.#seen[interfaceId] ?? 0) + 1;
  }

  /** Frames on their way or lost: those that crossed the interfaces and have not been seen. */
  outstanding(): number {
    return this.#crossed().reduce((sum, crossed, i) => {
      const missing = crossed - (this.#crossedBefore[i] ?? 0) - (this.#seen[i] ?? 0);
      return sum + Math.max(0, missing);
    }, 0);
  }

  #crossed(): number[] {
    const rows = new Map(
      readFileSync(`/proc/${this.#pid}/net/dev`, 'latin1')
        .split('\n')
        .map((line) => line.trim().split(/:\s*|\s+/))
        .map(([name = '', , received, ...rest]) => [
          name,
          Number(received) + (name === 'lo' ? 0 : Number(rest[7])),
        ]),
    );
    return this.#interfaces.map((name) => rows.get(name) ?? 0);
  }
}
