import koffi from 'koffi';
import {
  accept4,
  bind,
  check,
  close,
  codeOf,
  connect,
  EAGAIN,
  errno,
  getpeername,
  getsockname,
  getsockopt,
  listen,
  recv,
  send,
  shutdown,
  socket,
} from '../../../native/libc.js';
import { withNamespace } from '../../../native/namespace.js';
import { AF_INET, AF_INET6, decodeSocketAddress, encodeSocketAddress } from './socket-address.js';
import { lingerZero, setInteger } from './socket-options.js';

/** What a read found: data, the end of the stream, an error of the connection, or nothing yet. */
export type ReadResult = { data: Uint8Array } | { end: true } | { error: string } | { again: true };

/**
 * One TCP socket of the kernel inside a namespace, driven from this process. Nothing is read that was not asked for, so
 * that the receive window shows what the application does.
 */
export class KernelSocket {
  private poll: ReturnType<typeof koffi.node.poll> | undefined;
  private readonly waiters = new Set<Waiter>();
  private open = true;

  private constructor(
    readonly fd: number,
    readonly version: 4 | 6,
  ) {}

  /** Opens an unbound socket in the namespace. Throws SystemError. */
  static create(netnsPath: string, version: 4 | 6): KernelSocket {
    const family = version === 4 ? AF_INET : AF_INET6;
    const fd = withNamespace(netnsPath, () =>
      check(socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), 'socket'),
    );
    setInteger(fd, SOL_SOCKET, SO_REUSEADDR, 1);
    if (version === 6) setInteger(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
    return new KernelSocket(fd, version);
  }

  bind(address: string, port: number): void {
    const name = encodeSocketAddress(address, port);
    check(bind(this.fd, name, name.length), 'bind', `${address} port ${port}`);
  }

  listen(backlog: number): void {
    check(listen(this.fd, backlog), 'listen');
  }

  /** Starts the handshake. Throws SystemError when the kernel refuses at once. */
  connect(address: string, port: number): void {
    const name = encodeSocketAddress(address, port);
    if (connect(this.fd, name, name.length) < 0 && errno() !== EINPROGRESS) check(-1, 'connect', address);
  }

  /** A connection that arrived, or undefined when none has. */
  accept(): KernelSocket | undefined {
    const fd = accept4(this.fd, null, null, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) return new KernelSocket(fd, this.version);
    if (errno() === EAGAIN) return undefined;
    check(fd, 'accept');
    return undefined;
  }

  /** The error that ended the connection, taken from the socket, or undefined. */
  takeError(): string | undefined {
    const value = this.option(SOL_SOCKET, SO_ERROR, 4).readInt32LE(0);
    return value === 0 ? undefined : codeOf(value);
  }

  read(max: number): ReadResult {
    const memory = Buffer.from(new ArrayBuffer(max));
    const length = recv(this.fd, memory, max, 0);
    if (length > 0) return { data: memory.subarray(0, length) };
    if (length === 0) return { end: true };
    return errno() === EAGAIN ? { again: true } : { error: codeOf(errno()) };
  }

  /** Octets taken, or the error. */
  write(data: Uint8Array, urgent: boolean): number | { error: string } {
    const taken = send(this.fd, data, data.length, MSG_NOSIGNAL | (urgent ? MSG_OOB : 0));
    if (taken >= 0) return taken;
    return errno() === EAGAIN ? 0 : { error: codeOf(errno()) };
  }

  /** Ends the sending half; the error if the kernel refuses. */
  shutdown(): string | undefined {
    return shutdown(this.fd, SHUT_WR) < 0 ? codeOf(errno()) : undefined;
  }

  close(): void {
    if (!this.open) return;
    this.open = false;
    // The handle first: a descriptor number that is closed may at once be somebody else's.
    this.poll?.close();
    this.poll = undefined;
    for (const waiter of this.waiters) waiter.resolve(false);
    this.waiters.clear();
    close(this.fd);
  }

  abort(): void {
    if (this.open) lingerZero(this.fd);
    this.close();
  }

  /** RFC 9293 name of the connection's state as TCP_INFO tells it. */
  get state(): string {
    if (!this.open) return 'CLOSED';
    return STATES[this.option(IPPROTO_TCP, TCP_INFO, 8)[0]!] ?? 'CLOSED';
  }

  get isOpen(): boolean {
    return this.open;
  }

  get local(): { address: string; port: number } {
    return this.name(getsockname);
  }

  get peer(): { address: string; port: number } {
    return this.name(getpeername);
  }

  /** Waits until the kernel says so or `timeoutMs` have passed; false at the timeout or when the socket was closed. */
  async ready(what: Readiness, timeoutMs: number): Promise<boolean> {
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

  /** One poll handle serves all waiters: libuv allows no second one on a descriptor. */
  private watch(): void {
    const wants = (what: Readiness) => [...this.waiters].some((waiter) => waiter.what === what);
    const events = { readable: wants('readable'), writable: wants('writable') };
    if (!this.open || (!events.readable && !events.writable)) {
      this.poll?.close();
      this.poll = undefined;
      return;
    }
    const wake = (seen: Partial<Record<Readiness, boolean>>) => {
      for (const waiter of this.waiters) {
        if (!seen[waiter.what]) continue;
        this.waiters.delete(waiter);
        waiter.resolve(true);
      }
      this.poll?.stop();
    };
    if (this.poll) this.poll.start(events, wake);
    else this.poll = koffi.node.poll(this.fd, events, wake);
  }

  private option(level: number, name: number, length: number): Buffer {
    const value = Buffer.alloc(length);
    const size = Buffer.alloc(4);
    size.writeInt32LE(length, 0);
    check(getsockopt(this.fd, level, name, value, size), 'getsockopt');
    return value;
  }

  private name(call: typeof getsockname): { address: string; port: number } {
    const value = Buffer.alloc(28);
    const size = Buffer.alloc(4);
    size.writeInt32LE(value.length, 0);
    check(call(this.fd, value, size), 'getsockname');
    return decodeSocketAddress(value);
  }
}

type Readiness = 'readable' | 'writable';

interface Waiter {
  what: Readiness;
  resolve(happened: boolean): void;
}

const SOCK_STREAM = 1;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const SOL_SOCKET = 1;
const SO_REUSEADDR = 2;
const SO_ERROR = 4;
const IPPROTO_TCP = 6;
const IPPROTO_IPV6 = 41;
const IPV6_V6ONLY = 26;
const TCP_INFO = 11;
const MSG_OOB = 1;
const MSG_NOSIGNAL = 0x4000;
const SHUT_WR = 1;
const EINPROGRESS = 115;

/** Linux's numbers of the states, include/net/tcp_states.h. */
const STATES: Record<number, string | undefined> = {
  1: 'ESTABLISHED',
  2: 'SYN-SENT',
  3: 'SYN-RECEIVED',
  4: 'FIN-WAIT-1',
  5: 'FIN-WAIT-2',
  6: 'TIME-WAIT',
  7: 'CLOSED',
  8: 'CLOSE-WAIT',
  9: 'LAST-ACK',
  10: 'LISTEN',
  11: 'CLOSING',
};
