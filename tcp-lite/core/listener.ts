import type { ConnectionSettings } from './config.js';
import type { Connection } from './connection.js';
import type { Tcb } from './tcb.js';

/**
 * A passive open (RFC 9293 section 3.9.1.1): stays in LISTEN while its connections come and go. Connections are handed
 * over once established, to `onConnection` or, if there is none, to whoever calls `accept`.
 */
export class Listener {
  onConnection: ((connection: Connection) => void) | undefined;
  readonly address: string | undefined;
  readonly port: number;
  readonly backlog: number;
  readonly settings: ConnectionSettings;
  /** Connections in SYN-RECEIVED. */
  halfOpen = 0;
  closed = false;
  private readonly waiting: Connection[] = [];
  private readonly whenClosed: (listener: Listener) => void;

  constructor(
    address: string | undefined,
    port: number,
    backlog: number,
    settings: ConnectionSettings,
    whenClosed: (listener: Listener) => void,
  ) {
    this.address = address;
    this.port = port;
    this.backlog = backlog;
    this.settings = settings;
    this.whenClosed = whenClosed;
  }

  /** No further SYN is taken. */
  get full(): boolean {
    return this.halfOpen + this.waiting.length >= this.backlog;
  }

  /** The oldest established connection not yet handed over. */
  accept(): Connection | undefined {
    return this.waiting.shift();
  }

  /** A SYN was taken: the connection counts against the backlog until it is established or gone. */
  admit(tcb: Tcb): void {
    tcb.listener = this;
    tcb.halfOpen = true;
    this.halfOpen++;
  }

  /** Established or gone. */
  release(tcb: Tcb): void {
    if (!tcb.halfOpen) return;
    tcb.halfOpen = false;
    this.halfOpen--;
  }

  /** Hands a connection over. */
  offer(connection: Connection): void {
    if (this.onConnection === undefined) this.waiting.push(connection);
    else this.onConnection(connection);
  }

  /** Stops listening. Established connections live on; half-open ones and those nobody accepted are reset. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.whenClosed(this);
  }

  /** Those that nobody accepted, taken out. */
  drain(): Connection[] {
    return this.waiting.splice(0);
  }
}
