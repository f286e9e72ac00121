import { codeOf, EAGAIN, SystemError } from '../../../native/libc.js';
import type { Readiness, SocketCalls, Watcher } from './calls.js';
import { AF_INET, AF_INET6, decodeSocketAddress, encodeSocketAddress } from './socket-address.js';
import { keepUrgentInline, lingerZero, setInteger } from './socket-options.js';

/** What a read found: data, the end of the stream, an error of the connection, or nothing yet. */
export type ReadResult = { data: Uint8Array } | { end: true } | { error: string } | { again: true };

/**
 * One non-blocking TCP socket driven from this process. Nothing is read that was not asked for, so that the receive
 * window shows what the application does.
 */
export class StreamSocket {
  private watcher: Watcher | undefined;
  private readonly waiters = new Set<Waiter>();
  private open = true;

  private constructor(
    readonly calls: SocketCalls,
    readonly fd: number,
    readonly version: 4 | 6,
  ) {}

  /** Opens an unbound socket. Throws SystemError. */
  static create(calls: SocketCalls, version: 4 | 6): StreamSocket {
    const fd = calls.socket(version === 4 ? AF_INET : AF_INET6, SOCK_STREAM);
    if (fd < 0) throw new SystemError(codeOf(calls.errno()), 'socket');
    setInteger(calls, fd, SOL_SOCKET, SO_REUSEADDR, 1);
    if (version === 6) setInteger(calls, fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
    keepUrgentInline(calls, fd);
    return new StreamSocket(calls, fd, version);
  }

  bind(address: string, port: number): void {
    this.check(
      this.calls.bind(this.fd, encodeSocketAddress(address, port)),
      'bind',
      `${address} port ${port}`,
    );
  }

  listen(backlog: number): void {
    this.check(this.calls.listen(this.fd, backlog), 'listen');
  }

  /** Starts the handshake. Throws SystemError when the stack refuses at once. */
  connect(address: string, port: number): void {
    const result = this.calls.connect(this.fd, encodeSocketAddress(address, port));
    if (result < 0 && this.calls.errno() !== EINPROGRESS) this.check(result, 'connect', address);
  }

  /** A connection that arrived, or undefined when none has. */
  accept(): StreamSocket | undefined {
    const fd = this.calls.accept(this.fd);
    if (fd >= 0) return new StreamSocket(this.calls, fd, this.version);
    if (this.calls.errno() === EAGAIN) return undefined;
    this.check(fd, 'accept');
    return undefined;
  }

  /** The error that ended the connection, taken from the socket, or undefined. */
  takeError(): string | undefined {
    const value = Buffer.alloc(4);
    const size = lengthOf(value);
    this.check(this.calls.getsockopt(this.fd, SOL_SOCKET, SO_ERROR, value, size), 'getsockopt SO_ERROR');
    const number = value.readInt32LE(0);
    return number === 0 ? undefined : codeOf(number);
  }

  read(max: number): ReadResult {
    const memory = Buffer.from(new ArrayBuffer(max));
    const length = this.calls.recv(this.fd, memory, max);
    if (length > 0) return { data: memory.subarray(0, length) };
    if (length === 0) return { end: true };
    return this.calls.errno() === EAGAIN ? { again: true } : { error: codeOf(this.calls.errno()) };
  }

  /** Octets taken, or the error. */
  write(data: Uint8Array, urgent: boolean): number | { error: string } {
    const taken = this.calls.send(this.fd, data, MSG_NOSIGNAL | (urgent ? MSG_OOB : 0));
    if (taken >= 0) return taken;
    const errno = this.calls.errno();
    // lwIP says of a connection that is being opened that it is in progress.
    return errno === EAGAIN || errno === EINPROGRESS ? 0 : { error: codeOf(errno) };
  }

  /** Ends the sending half; the error if the stack refuses. */
  shutdown(): string | undefined {
    return this.calls.shutdown(this.fd, SHUT_WR) < 0 ? codeOf(this.calls.errno()) : undefined;
  }

  close(): void {
    if (!this.open) return;
    this.open = false;
    // The watcher first: a descriptor number that is closed may at once be somebody else's.
    this.watcher?.close();
    for (const waiter of this.waiters) waiter.resolve(false);
    this.waiters.clear();
    this.calls.close(this.fd);
  }

  /** Resets the connection; false where the stack knows only an orderly close, which it then got. */
  abort(): boolean {
    const isAbort = this.open && lingerZero(this.calls, this.fd);
    this.close();
    return isAbort;
  }

  /** RFC 9293 name of the connection's state, where the stack tells it. */
  get state(): string | undefined {
    return this.open ? this.calls.state(this.fd) : 'CLOSED';
  }

  get isOpen(): boolean {
    return this.open;
  }

  get local(): { address: string; port: number } {
    return this.name((...parts) => this.calls.getsockname(...parts));
  }

  get peer(): { address: string; port: number } {
    return this.name((...parts) => this.calls.getpeername(...parts));
  }

  /** Waits until the stack says so or `timeoutMs` have passed; false at the timeout or when the socket was closed. */
  async ready(what: keyof Readiness, timeoutMs: number): Promise<boolean> {
    if (!this.open || timeoutMs <= 0) return false;
    let timer: NodeJS.Timeout | undefined;
    let waiter: Waiter | undefined;
    const happened = await new Promise<boolean>((resolve) => {
      waiter = { what, resolve };
      this.waiters.add(waiter);
      if (Number.isFinite(timeoutMs)) timer = setTimeout(() => resolve(false), timeoutMs);
      this.watch();
    });
    clearTimeout(timer);
    if (waiter) this.waiters.delete(waiter);
    this.watch();
    return happened && this.open;
  }

  private watch(): void {
    if (!this.open) return;
    const wants = (what: keyof Readiness) => [...this.waiters].some((waiter) => waiter.what === what);
    this.watcher ??= this.calls.watch(this.fd, (seen) => {
      for (const waiter of this.waiters) {
        if (!seen[waiter.what]) continue;
        this.waiters.delete(waiter);
        waiter.resolve(true);
      }
      this.watch();
    });
    this.watcher.want({ readable: wants('readable'), writable: wants('writable') });
  }

  private check(result: number, call: string, about?: string): void {
    if (result < 0) throw new SystemError(codeOf(this.calls.errno()), call, about);
  }

  private name(call: SocketCalls['getsockname']): { address: string; port: number } {
    const value = Buffer.alloc(28);
    this.check(call(this.fd, value, lengthOf(value)), 'getsockname');
    return decodeSocketAddress(value);
  }
}

interface Waiter {
  what: keyof Readiness;
  resolve(happened: boolean): void;
}

function lengthOf(value: Buffer): Buffer {
  const size = Buffer.alloc(4);
  size.writeInt32LE(value.length, 0);
  return size;
}

const SOCK_STREAM = 1;
const SOL_SOCKET = 1;
const SO_REUSEADDR = 2;
const SO_ERROR = 4;
const IPPROTO_IPV6 = 41;
const IPV6_V6ONLY = 26;
const MSG_OOB = 1;
const MSG_NOSIGNAL = 0x4000;
const SHUT_WR = 1;
const EINPROGRESS = 115;
