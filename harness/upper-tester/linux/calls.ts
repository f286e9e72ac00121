import koffi from 'koffi';
import * as libc from '../../../native/libc.js';
import { withNamespace } from '../../../native/namespace.js';
import type { Readiness, SocketCalls, Watcher } from '../sockets/calls.js';

/** The kernel's sockets inside one namespace: a socket stays where it was opened. */
export function linuxCalls(netnsPath: string): SocketCalls {
  return {
    stack: 'Linux',
    socket: (family, type) =>
      withNamespace(netnsPath, () => libc.socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)),
    bind: (fd, address) => libc.bind(fd, address, address.length),
    connect: (fd, address) => libc.connect(fd, address, address.length),
    listen: (fd, backlog) => libc.listen(fd, backlog),
    accept: (fd) => libc.accept4(fd, null, null, SOCK_NONBLOCK | SOCK_CLOEXEC),
    recv: (fd, memory, length) => libc.recv(fd, memory, length, 0),
    send: (fd, data, flags) => libc.send(fd, data, data.length, flags),
    shutdown: (fd, how) => libc.shutdown(fd, how),
    close: (fd) => libc.close(fd),
    getsockname: (fd, address, length) => libc.getsockname(fd, address, length),
    getpeername: (fd, address, length) => libc.getpeername(fd, address, length),
    getsockopt: (fd, level, name, value, length) => libc.getsockopt(fd, level, name, value, length),
    setsockopt: (fd, level, name, value, length) => libc.setsockopt(fd, level, name, value, length),
    errno: () => libc.errno(),
    watch: (fd, onReady) => new PollWatcher(fd, onReady),
    state: stateOf,
  };
}

/** libuv allows one poll handle a descriptor, so one serves both directions. */
class PollWatcher implements Watcher {
  private handle: ReturnType<typeof koffi.node.poll> | undefined;

  constructor(
    private readonly fd: number,
    private readonly onReady: (seen: Readiness) => void,
  ) {}

  want(events: Readiness): void {
    if (!events.readable && !events.writable) {
      this.close();
      return;
    }
    // koffi hands over libuv's status before the events, whatever its types say, and calls back outside of Node's
    // bookkeeping: promises settled right there would wait for another event.
    const report = (...results: unknown[]) => {
      this.handle?.stop();
      const failed = results[0] !== 0;
      const { readable, writable } = results[1] as Readiness;
      setImmediate(() => this.onReady({ readable: failed || readable, writable: failed || writable }));
    };
    if (this.handle) this.handle.start(events, report);
    else this.handle = koffi.node.poll(this.fd, events, report);
  }

  close(): void {
    this.handle?.close();
    this.handle = undefined;
  }
}

function stateOf(fd: number): string | undefined {
  const info = Buffer.alloc(8);
  const length = Buffer.from([8, 0, 0, 0]);
  if (libc.getsockopt(fd, IPPROTO_TCP, TCP_INFO, info, length) < 0) return undefined;
  return STATES[info[0]!];
}

const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const IPPROTO_TCP = 6;
const TCP_INFO = 11;

/** The kernel's numbers of the states, include/net/tcp_states.h. */
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
