import koffi from 'koffi';
import type { Readiness, SocketCalls, Watcher } from '../sockets/calls.js';
import type { Lwip } from './library.js';

/** How often a descriptor that somebody waits for is asked, ms: lwIP has none that the kernel could watch. */
const ASK_EVERY_MS = 1;

/** lwIP's sockets API. The distribution builds it with the system's numbers and address layouts. */
export function lwipCalls(lwip: Lwip): SocketCalls {
  const bound = bindCalls(lwip);
  const nonBlocking = (fd: number) => {
    if (fd >= 0) bound.fcntl(fd, F_SETFL, O_NONBLOCK);
    return fd;
  };
  return {
    stack: 'lwIP',
    socket: (family, type) => nonBlocking(bound.socket(family, type, 0)),
    bind: (fd, address) => bound.bind(fd, address, address.length),
    connect: (fd, address) => bound.connect(fd, address, address.length),
    listen: (fd, backlog) => bound.listen(fd, backlog),
    accept: (fd) => nonBlocking(bound.accept(fd, null, null)),
    recv: (fd, memory, length) => bound.recv(fd, memory, length, 0),
    // lwIP raises no signals and knows neither MSG_NOSIGNAL nor urgent data.
    send: (fd, data) => bound.send(fd, data, data.length, 0),
    shutdown: (fd, how) => bound.shutdown(fd, how),
    close: (fd) => bound.close(fd),
    getsockname: (fd, address, length) => bound.getsockname(fd, address, length),
    getpeername: (fd, address, length) => bound.getpeername(fd, address, length),
    getsockopt: (fd, level, name, value, length) => bound.getsockopt(fd, level, name, value, length),
    setsockopt: (fd, level, name, value, length) => bound.setsockopt(fd, level, name, value, length),
    errno: () => koffi.errno(),
    watch: (fd, onReady) => new AskingWatcher(fd, bound, onReady),
    state: () => undefined,
  };
}

class AskingWatcher implements Watcher {
  private timer: NodeJS.Timeout | undefined;
  private wanted: Readiness = { readable: false, writable: false };

  constructor(
    private readonly fd: number,
    private readonly bound: ReturnType<typeof bindCalls>,
    private readonly onReady: (seen: Readiness) => void,
  ) {}

  want(events: Readiness): void {
    this.wanted = events;
    if (!events.readable && !events.writable) this.close();
    else this.timer ??= setInterval(() => this.ask(), ASK_EVERY_MS);
  }

  close(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private ask(): void {
    const entry = Buffer.alloc(8);
    entry.writeInt32LE(this.fd, 0);
    entry.writeInt16LE((this.wanted.readable ? POLLIN : 0) | (this.wanted.writable ? POLLOUT : 0), 4);
    if (this.bound.poll(entry, 1, 0) <= 0) return;
    const seen = entry.readInt16LE(6);
    const broken = (seen & (POLLERR | POLLHUP | POLLNVAL)) !== 0;
    this.onReady({ readable: broken || (seen & POLLIN) !== 0, writable: broken || (seen & POLLOUT) !== 0 });
  }
}

/** Unknown names end with the symbol that the library lacks. */
function bindCalls(lwip: Lwip) {
  const func = <T>(declaration: string) => lwip.func(declaration) as unknown as T;
  type Address = (fd: number, address: Uint8Array, length: number) => number;
  type Name = (fd: number, address: Uint8Array, length: Uint8Array) => number;
  return {
    socket: func<(family: number, type: number, protocol: number) => number>(
      'int lwip_socket(int family, int type, int protocol)',
    ),
    bind: func<Address>('int lwip_bind(int fd, const void *address, uint32_t length)'),
    connect: func<Address>('int lwip_connect(int fd, const void *address, uint32_t length)'),
    listen: func<(fd: number, backlog: number) => number>('int lwip_listen(int fd, int backlog)'),
    accept: func<(fd: number, address: null, length: null) => number>(
      'int lwip_accept(int fd, void *address, void *length)',
    ),
    recv: func<(fd: number, memory: Uint8Array, length: number, flags: number) => number>(
      'int64_t lwip_recv(int fd, void *memory, size_t length, int flags)',
    ),
    send: func<(fd: number, data: Uint8Array, length: number, flags: number) => number>(
      'int64_t lwip_send(int fd, const void *data, size_t length, int flags)',
    ),
    shutdown: func<(fd: number, how: number) => number>('int lwip_shutdown(int fd, int how)'),
    close: func<(fd: number) => number>('int lwip_close(int fd)'),
    fcntl: func<(fd: number, command: number, value: number) => number>(
      'int lwip_fcntl(int fd, int command, int value)',
    ),
    poll: func<(entries: Uint8Array, count: number, timeout: number) => number>(
      'int lwip_poll(void *entries, uint64_t count, int timeout)',
    ),
    getsockname: func<Name>('int lwip_getsockname(int fd, void *address, void *length)'),
    getpeername: func<Name>('int lwip_getpeername(int fd, void *address, void *length)'),
    getsockopt: func<
      (fd: number, level: number, name: number, value: Uint8Array, length: Uint8Array) => number
    >('int lwip_getsockopt(int fd, int level, int name, void *value, void *length)'),
    setsockopt: func<(fd: number, level: number, name: number, value: Uint8Array, length: number) => number>(
      'int lwip_setsockopt(int fd, int level, int name, const void *value, uint32_t length)',
    ),
  };
}

const F_SETFL = 4;
const O_NONBLOCK = 0o4000;
const POLLIN = 0x01;
const POLLOUT = 0x04;
const POLLERR = 0x08;
const POLLHUP = 0x10;
const POLLNVAL = 0x20;
