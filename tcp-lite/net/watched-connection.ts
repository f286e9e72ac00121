import type { Connection } from '../core/connection.js';
import type { RunningHost } from '../link/run-host.js';

/** A connection of the core with promises for what happens to it. */
export class WatchedConnection {
  private waiters: (() => void)[] = [];

  constructor(
    readonly connection: Connection,
    private readonly running: RunningHost,
  ) {
    const changed = () => this.changed();
    connection.onEstablished = changed;
    connection.onReadable = changed;
    connection.onWritable = changed;
    connection.onEnd = changed;
    connection.onClosed = changed;
  }

  /** A call on the connection at the right time. Throws what the call throws. */
  call<T>(call: (connection: Connection, now: number) => T): T {
    try {
      return call(this.connection, this.running.enter());
    } finally {
      this.running.leave();
    }
  }

  /** True at the next thing that happens, false at the deadline (ms of performance.now) if nothing does. */
  change(deadline: number): Promise<boolean> {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        resolve(true);
      };
      const timer =
        deadline === Infinity
          ? undefined
          : setTimeout(
              () => {
                this.waiters = this.waiters.filter((waiter) => waiter !== wake);
                resolve(false);
              },
              Math.max(0, deadline - performance.now()),
            ).unref();
      this.waiters.push(wake);
    });
  }

  private changed(): void {
    const waiters = this.waiters;
    this.waiters = [];
    for (const wake of waiters) wake();
  }
}
