import type { Connection } from '../core/connection.js';
import type { Listener } from '../core/listener.js';

/**
 * Those who wait for a connection, in order. While nobody does, connections wait in the listener, where they count for
 * the backlog.
 */
export class AcceptQueue {
  private waiters: Waiter[] = [];

  constructor(readonly listener: Listener) {}

  /** The next connection; undefined when none came within `timeoutMs` or the listener was closed. */
  accept(timeoutMs: number): Promise<Connection | undefined> {
    const waiting = this.listener.accept();
    if (waiting !== undefined) return Promise.resolve(waiting);
    return new Promise((resolve) => {
      const waiter: Waiter = { resolve, timer: undefined };
      if (timeoutMs !== Infinity)
        waiter.timer = setTimeout(() => this.finish(waiter, undefined), timeoutMs).unref();
      this.waiters.push(waiter);
      this.listener.onConnection = (connection) => this.finish(this.waiters[0]!, connection);
    });
  }

  close(): void {
    this.listener.close();
    for (const waiter of [...this.waiters]) this.finish(waiter, undefined);
  }

  private finish(waiter: Waiter, connection: Connection | undefined): void {
    clearTimeout(waiter.timer);
    this.waiters = this.waiters.filter((other) => other !== waiter);
    if (this.waiters.length === 0) this.listener.onConnection = undefined;
    waiter.resolve(connection);
  }
}

interface Waiter {
  resolve(connection: Connection | undefined): void;
  timer: NodeJS.Timeout | undefined;
}
