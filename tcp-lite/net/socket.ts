import { Duplex } from 'node:stream';
import type { ConnectionOptions } from '../core/config.js';
import type { Connection, ConnectionStatus } from '../core/connection.js';
import type { SoftError, TcpError } from '../core/errors.js';
import type { RunningHost } from '../link/run-host.js';
import { socketError } from './errors.js';
import { IdleTimer } from './idle-timer.js';

/** What `net.Socket` and `net.createServer` take, and every option of the core by its name. */
export interface SocketSettings extends ConnectionOptions {
  /** Keep the sending side open when the peer has closed its own. Default false, as in `net`. */
  allowHalfOpen?: boolean;
  /** As in `net`: idle time before the first keep-alive probe, ms. */
  keepAliveInitialDelay?: number;
  highWaterMark?: number;
}

export interface SocketEvents {
  close: [hadError: boolean];
  connect: [];
  ready: [];
  data: [data: Buffer];
  drain: [];
  end: [];
  error: [error: Error];
  timeout: [];
  /** The peer announced urgent data (RFC 9293 section 3.8.5). */
  urgent: [];
  /** Something that does not end the connection: an ICMP report, repeated retransmission. */
  softError: [error: SoftError];
}

/**
 * A connection as a Duplex with the interface of `net.Socket`. Beyond that: `status()`, `abort()`, `setOption()` and the
 * events `urgent` and `softError`.
 */
export class TcpSocket extends Duplex {
  connecting: boolean;
  bytesRead = 0;
  timeout: number | undefined;
  readonly #running: RunningHost;
  readonly #idle: IdleTimer;
  #connection: Connection | undefined;
  #closed = false;
  #wantsData = false;
  #pulling = false;
  #endPushed = false;
  #bytesWritten = 0;
  /** Of the chunk being written, which writableLength counts whole. */
  #partlyWritten = 0;
  // What could not be handed to the connection yet, and whom to tell once it is.
  #waiting: Uint8Array | undefined;
  #whenWritten: ((error?: Error | null) => void) | undefined;
  #whenConnected: (() => void)[] = [];
  #referenced = true;
  #used = false;
  #aborting = false;

  /** For the stack: `connection` is undefined where it could not even be opened. */
  constructor(running: RunningHost, connection: Connection | undefined, settings: SocketSettings) {
    const { highWaterMark } = settings;
    super({
      // 'close' comes with an argument here, as in net.
      emitClose: false,
      allowHalfOpen: settings.allowHalfOpen ?? false,
      ...(highWaterMark === undefined ? {} : { highWaterMark }),
    });
    this.#running = running;
    this.#connection = connection;
    this.#idle = new IdleTimer(() => this.emit('timeout'));
    this.connecting = connection?.state === 'SYN-SENT';
    if (connection !== undefined) this.#attach(connection);
  }

  get pending(): boolean {
    return this.#connection === undefined || this.connecting;
  }

  get readyState(): 'opening' | 'open' | 'readOnly' | 'writeOnly' | 'closed' {
    if (this.connecting) return 'opening';
    if (this.readable && this.writable) return 'open';
    if (this.readable) return 'readOnly';
    return this.writable ? 'writeOnly' : 'closed';
  }

  get bytesWritten(): number {
    return this.#bytesWritten + this.writableLength - this.#partlyWritten;
  }

  get localAddress(): string | undefined {
    return this.#connection?.localAddress;
  }

  get localPort(): number | undefined {
    return this.#connection?.localPort;
  }

  get localFamily(): string | undefined {
    return family(this.#connection?.localAddress);
  }

  get remoteAddress(): string | undefined {
    return this.#connection?.remoteAddress;
  }

  get remotePort(): number | undefined {
    return this.#connection?.remotePort;
  }

  get remoteFamily(): string | undefined {
    return family(this.#connection?.remoteAddress);
  }

  address(): { address: string; family: string; port: number } | Record<string, never> {
    const connection = this.#connection;
    if (connection === undefined) return {};
    const { localAddress, localPort } = connection;
    return { address: localAddress, family: family(localAddress)!, port: localPort };
  }

  /** The connection's state and numbers; undefined where it could not be opened. */
  status(): ConnectionStatus | undefined {
    return this.#connection?.status();
  }

  setNoDelay(noDelay = true): this {
    return this.setOption('noDelay', noDelay);
  }

  setKeepAlive(enable = false, initialDelay = 0): this {
    return this.setOption('keepAlive', enable && initialDelay > 0 ? { idleMs: initialDelay } : enable);
  }

  /** Changes an option of the core by its name. Throws OptionError. */
  setOption(name: string, value: unknown): this {
    const connection = this.#connection;
    if (connection !== undefined) this.#call((now) => connection.setOption(name, value, now));
    return this;
  }

  /** Emits 'timeout' after `timeoutMs` without traffic; 0 ends that. The connection is left alone. */
  setTimeout(timeoutMs: number, callback?: () => void): this {
    this.timeout = timeoutMs;
    this.#idle.set(timeoutMs);
    if (callback === undefined) return this;
    return timeoutMs === 0 ? this.removeListener('timeout', callback) : this.once('timeout', callback);
  }

  ref(): this {
    this.#referenced = true;
    this.#account();
    return this;
  }

  unref(): this {
    this.#referenced = false;
    this.#account();
    return this;
  }

  /** Ends the connection with a reset; 'close' follows. */
  resetAndDestroy(): this {
    const connection = this.#connection;
    this.#aborting = true;
    if (connection !== undefined && !this.#closed) this.#call((now) => connection.abort(now));
    return this.destroy();
  }

  /** Ends the writable side and destroys the socket once everything is written. */
  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', () => this.destroy());
  }

  /** Sends `data` as urgent (RFC 9293 section 3.8.5); returns how many octets were taken. */
  sendUrgent(data: Uint8Array): number {
    const connection = this.#connection;
    if (connection === undefined) return 0;
    return this.#call((now) => connection.write(data, now, { urgent: true }));
  }

  override _read(): void {
    this.#wantsData = true;
    this.#pull();
  }

  override _write(chunk: Buffer, _encoding: string, callback: (error?: Error | null) => void): void {
    this.#waiting = chunk;
    this.#whenWritten = callback;
    if (this.connecting) this.#whenConnected.push(() => this.#push());
    else this.#push();
  }

  override _writev(
    chunks: { chunk: Buffer; encoding: BufferEncoding }[],
    callback: (error?: Error | null) => void,
  ): void {
    this._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), 'buffer', callback);
  }

  override _final(callback: (error?: Error | null) => void): void {
    const connection = this.#connection;
    const shutdown = () => {
      if (connection !== undefined && !this.#closed) this.#call((now) => connection.shutdown(now));
      // In net the kernel's answer comes a turn later, and programs see the events in that order.
      setImmediate(callback);
    };
    if (this.connecting) this.#whenConnected.push(shutdown);
    else shutdown();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.connecting = false;
    this.#idle.set(0);
    const connection = this.#connection;
    if (connection !== undefined && !this.#closed) this.#call((now) => connection.close(now));
    callback(error);
    process.nextTick(() => this.emit('close', error !== null));
  }

  /** Hands as much of what waits to the connection as it takes. */
  #push(): void {
    const connection = this.#connection;
    const data = this.#waiting;
    const written = this.#whenWritten;
    if (connection === undefined || data === undefined || written === undefined || this.destroyed) return;
    let taken: number;
    try {
      taken = this.#call((now) => connection.write(data, now));
    } catch (error) {
      this.#waiting = this.#whenWritten = undefined;
      written(socketError(error as TcpError, 'write'));
      return;
    }
    this.#bytesWritten += taken;
    if (taken > 0) this.#idle.touch();
    if (taken < data.length) {
      this.#waiting = data.subarray(taken);
      this.#partlyWritten += taken;
      return;
    }
    this.#waiting = this.#whenWritten = undefined;
    this.#partlyWritten = 0;
    written();
  }

  /** Hands what has arrived to the reader, until the reader has enough. */
  #pull(): void {
    const connection = this.#connection;
    if (connection === undefined || this.#pulling || this.destroyed) return;
    this.#pulling = true;
    while (this.#wantsData && !this.destroyed) {
      const data = this.#call((now) => connection.read(CHUNK, now));
      if (data === undefined) break;
      this.bytesRead += data.length;
      this.#idle.touch();
      this.#wantsData = this.push(Buffer.from(data.buffer, data.byteOffset, data.length));
    }
    this.#pulling = false;
    if (connection.ended && !this.#endPushed && !this.destroyed) {
      this.#endPushed = true;
      this.push(null);
      // As net does: the end is seen even by a socket that nobody reads from.
      if (this.readableLength === 0) this.read(0);
    }
  }

  #attach(connection: Connection): void {
    this.#account();
    connection.onEstablished = () => this.#established();
    connection.onReadable = () => this.#running.soon(this.#readable);
    connection.onEnd = () => this.#running.soon(this.#readable);
    connection.onWritable = () => this.#push();
    connection.onUrgent = () => this.emit('urgent');
    connection.onSoftError = (error) => this.emit('softError', error);
    connection.onClosed = (error) => this.#ended(connection, error);
  }

  readonly #readable = (): void => this.#pull();

  #established(): void {
    if (!this.connecting) return;
    this.connecting = false;
    this.#idle.touch();
    this.emit('connect');
    this.emit('ready');
    for (const action of this.#whenConnected.splice(0)) action();
    this.#pull();
  }

  #ended(connection: Connection, error: TcpError | undefined): void {
    this.#closed = true;
    this.#account();
    if (error === undefined) {
      this.#running.soon(this.#readable);
      return;
    }
    if (this.destroyed || this.#aborting) return;
    const opening = this.connecting;
    const { remoteAddress, remotePort } = connection;
    this.destroy(
      opening
        ? socketError(error, 'connect', remoteAddress, remotePort)
        : socketError(error, this.#whenWritten === undefined ? 'read' : 'write'),
    );
  }

  /** The process stays alive for a connection until it is over on the wire. */
  #account(): void {
    const use = this.#referenced && !this.#closed && this.#connection !== undefined;
    if (use === this.#used) return;
    this.#used = use;
    if (use) this.#running.use();
    else this.#running.unuse();
  }

  #call<T>(call: (now: number) => T): T {
    const now = this.#running.enter();
    try {
      return call(now);
    } finally {
      this.#running.leave();
    }
  }
}

/** Most octets handed to the reader at once; what net reads at once. */
const CHUNK = 65_536;

function family(address: string | undefined): 'IPv4' | 'IPv6' | undefined {
  if (address === undefined) return undefined;
  return address.includes(':') ? 'IPv6' : 'IPv4';
}
