import type koffi from 'koffi';
import { loadLwip, startInterface } from '../../harness/upper-tester/lwip/library.js';
import type { EndArguments } from './stacks.js';
import { PORT } from './workloads.js';
import type { Figures, Workload } from './workloads.js';

/**
 * The same workloads on lwIP, through its sockets with blocking calls from this one thread, beside lwIP's own: no event
 * loop in between, the fastest way that its API offers. Throws LwipMissing.
 */
export function lwipEnd(end: EndArguments, { name, amount }: Workload, ready: () => void): Figures {
  const library = loadLwip();
  netifs.push(
    startInterface(library, { tap: end.interface, ipv4: end.address, ipv6: 'fd00::9', gateway: end.peer }),
  );
  const lwip = bind(library);
  if (name !== 'bulk' && name !== 'request-response') throw new Error(`lwIP is not measured with ${name}`);
  const socket = end.role === 'server' ? accept(lwip, ready) : connect(lwip, end.peer);
  lwip.setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, int32(1), 4);
  const figures = end.role === 'server' ? serve(lwip, socket, name) : call(lwip, socket, { name, amount });
  lwip.close(socket);
  return figures;
}

/** lwIP's threads use it to the end, so it must never be collected. */
const netifs: Uint8Array[] = [];

function serve(lwip: Lwip, socket: number, name: Workload['name']): Figures {
  const memory = new Uint8Array(new ArrayBuffer(65_536));
  const start = performance.now();
  const cpu = process.cpuUsage();
  let octets = 0;
  for (;;) {
    const received = lwip.recv(socket, memory, memory.length, 0);
    if (received <= 0) break;
    octets += received;
    if (name === 'request-response') sendAll(lwip, socket, memory.subarray(0, received));
  }
  const seconds = (performance.now() - start) / 1000;
  return { gbitPerSecond: (octets * 8) / seconds / 1e9, cpuSecondsPerGB: cpuSince(cpu) / (octets / 1e9) };
}

function call(lwip: Lwip, socket: number, { name, amount }: Workload): Figures {
  const memory = new Uint8Array(new ArrayBuffer(65_536)).fill(120);
  if (name === 'bulk') {
    const cpu = process.cpuUsage();
    for (let left = amount; left > 0; left -= memory.length) {
      sendAll(lwip, socket, left < memory.length ? memory.subarray(0, left) : memory);
    }
    lwip.shutdown(socket, SHUT_WR);
    while (lwip.recv(socket, memory, memory.length, 0) > 0);
    return { cpuSecondsPerGB: cpuSince(cpu) / (amount / 1e9) };
  }
  const request = memory.subarray(0, 64);
  const times = new Float64Array(amount);
  for (let i = -Math.ceil(amount / 10); i < amount; i++) {
    const start = performance.now();
    sendAll(lwip, socket, request);
    for (let missing = request.length; missing > 0;) missing -= lwip.recv(socket, memory.subarray(64), 64, 0);
    if (i >= 0) times[i] = performance.now() - start;
  }
  times.sort();
  const microseconds = (share: number) => times[Math.floor(amount * share)]! * 1000;
  return { p50Us: microseconds(0.5), p90Us: microseconds(0.9), p99Us: microseconds(0.99) };
}

function sendAll(lwip: Lwip, socket: number, data: Uint8Array): void {
  for (let sent = 0; sent < data.length;) {
    const taken = lwip.send(socket, data.subarray(sent), data.length - sent, 0);
    if (taken < 0) throw new Error('lwIP refused to send');
    sent += taken;
  }
}

function accept(lwip: Lwip, ready: () => void): number {
  const listener = lwip.socket(AF_INET, SOCK_STREAM, 0);
  lwip.bind(listener, socketAddress('0.0.0.0'), 16);
  lwip.listen(listener, 1);
  ready();
  return lwip.accept(listener, null, null);
}

function connect(lwip: Lwip, peer: string): number {
  const socket = lwip.socket(AF_INET, SOCK_STREAM, 0);
  if (lwip.connect(socket, socketAddress(peer), 16) < 0) throw new Error('lwIP could not connect');
  return socket;
}

function socketAddress(address: string): Uint8Array {
  const octets = new Uint8Array(new ArrayBuffer(16));
  octets.set([AF_INET, 0, PORT >> 8, PORT & 255, ...address.split('.').map(Number)]);
  return octets;
}

function int32(value: number): Uint8Array {
  return new Uint8Array(new Int32Array([value]).buffer);
}

function cpuSince(start: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
}

type Lwip = ReturnType<typeof bind>;

function bind(library: ReturnType<typeof koffi.load>) {
  const func = <T>(declaration: string) => library.func(declaration) as unknown as T;
  type Data = (socket: number, memory: Uint8Array, length: number, flags: number) => number;
  type Address = (socket: number, address: Uint8Array, length: number) => number;
  return {
    socket: func<(family: number, type: number, protocol: number) => number>(
      'int lwip_socket(int family, int type, int protocol)',
    ),
    bind: func<Address>('int lwip_bind(int socket, const void *address, uint32_t length)'),
    connect: func<Address>('int lwip_connect(int socket, const void *address, uint32_t length)'),
    listen: func<(socket: number, backlog: number) => number>('int lwip_listen(int socket, int backlog)'),
    accept: func<(socket: number, address: null, length: null) => number>(
      'int lwip_accept(int socket, void *address, void *length)',
    ),
    recv: func<Data>('int64_t lwip_recv(int socket, void *memory, size_t length, int flags)'),
    send: func<Data>('int64_t lwip_send(int socket, const void *data, size_t length, int flags)'),
    shutdown: func<(socket: number, how: number) => number>('int lwip_shutdown(int socket, int how)'),
    close: func<(socket: number) => number>('int lwip_close(int socket)'),
    setsockopt: func<
      (socket: number, level: number, name: number, value: Uint8Array, length: number) => number
    >('int lwip_setsockopt(int socket, int level, int name, const void *value, uint32_t length)'),
  };
}

const AF_INET = 2;
const SOCK_STREAM = 1;
const IPPROTO_TCP = 6;
const TCP_NODELAY = 1;
const SHUT_WR = 1;
