import type { KeepAlive, SocketOptions } from '../protocol.js';
import type { SocketCalls } from './calls.js';

const SOL_SOCKET = 1;
const IPPROTO_IP = 0;
const IPPROTO_TCP = 6;
const IPPROTO_IPV6 = 41;
const SO_KEEPALIVE = 9;
const SO_OOBINLINE = 10;
const SO_LINGER = 13;
const SO_SNDBUFFORCE = 32;
const SO_RCVBUFFORCE = 33;
const IP_TOS = 1;
const IP_TTL = 2;
const IP_OPTIONS = 4;
const IPV6_UNICAST_HOPS = 16;
const IPV6_TCLASS = 67;
const TCP_NODELAY = 1;
const TCP_MAXSEG = 2;
const TCP_KEEPIDLE = 4;
const TCP_KEEPINTVL = 5;
const TCP_KEEPCNT = 6;
const TCP_WINDOW_CLAMP = 10;
const TCP_QUICKACK = 12;
const TCP_CONGESTION = 13;
const TCP_USER_TIMEOUT = 18;

const LOOSE_SOURCE_ROUTE = 131;

type Setter = (calls: SocketCalls, fd: number, value: unknown, version: 4 | 6) => boolean;

const SETTERS: Record<string, Setter | undefined> = {
  noDelay: (calls, fd, value) => setInteger(calls, fd, IPPROTO_TCP, TCP_NODELAY, value ? 1 : 0),
  keepAlive: setKeepAlive,
  userTimeoutMs: (calls, fd, value) => setInteger(calls, fd, IPPROTO_TCP, TCP_USER_TIMEOUT, Number(value)),
  receiveBuffer: (calls, fd, value) => setInteger(calls, fd, SOL_SOCKET, SO_RCVBUFFORCE, Number(value)),
  sendBuffer: (calls, fd, value) => setInteger(calls, fd, SOL_SOCKET, SO_SNDBUFFORCE, Number(value)),
  mss: (calls, fd, value) => setInteger(calls, fd, IPPROTO_TCP, TCP_MAXSEG, Number(value)),
  window: (calls, fd, value) => setInteger(calls, fd, IPPROTO_TCP, TCP_WINDOW_CLAMP, Number(value)),
  dscp: (calls, fd, value, version) =>
    version === 4
      ? setInteger(calls, fd, IPPROTO_IP, IP_TOS, Number(value) << 2)
      : setInteger(calls, fd, IPPROTO_IPV6, IPV6_TCLASS, Number(value) << 2),
  ttl: (calls, fd, value, version) =>
    version === 4
      ? setInteger(calls, fd, IPPROTO_IP, IP_TTL, Number(value))
      : setInteger(calls, fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, Number(value)),
  congestion: (calls, fd, value) => setText(calls, fd, IPPROTO_TCP, TCP_CONGESTION, String(value)),
  sourceRoute: setSourceRoute,
  // The kernel has no such number; acknowledging at once is the one value that it can be told.
  ackDelayMs: (calls, fd, value) => value === 0 && setInteger(calls, fd, IPPROTO_TCP, TCP_QUICKACK, 1),
};

/** Sets each option; returns the name of the first that this stack cannot be told, or undefined. */
export function setOptions(
  calls: SocketCalls,
  fd: number,
  options: SocketOptions,
  version: 4 | 6,
): string | undefined {
  for (const [name, value] of Object.entries(options)) {
    const setter = SETTERS[name];
    if (!setter?.(calls, fd, value, version)) return name;
  }
  return undefined;
}

/** Makes the next close() of the socket an abort: a reset instead of a FIN. False where the stack knows no such thing. */
export function lingerZero(calls: SocketCalls, fd: number): boolean {
  const value = Buffer.alloc(8);
  value.writeInt32LE(1, 0);
  return calls.setsockopt(fd, SOL_SOCKET, SO_LINGER, value, value.length) === 0;
}

/**
 * Leaves urgent octets in the stream, as RFC 9293 section 3.8.5 has it and RFC 6093 section 4 advises; nothing to tell a
 * stack that knows no other way.
 */
export function keepUrgentInline(calls: SocketCalls, fd: number): void {
  setInteger(calls, fd, SOL_SOCKET, SO_OOBINLINE, 1);
}

export function setInteger(
  calls: SocketCalls,
  fd: number,
  level: number,
  name: number,
  value: number,
): boolean {
  if (!Number.isInteger(value)) return false;
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value, 0);
  return calls.setsockopt(fd, level, name, bytes, 4) === 0;
}

function setText(calls: SocketCalls, fd: number, level: number, name: number, value: string): boolean {
  const bytes = Buffer.from(value);
  return calls.setsockopt(fd, level, name, bytes, bytes.length) === 0;
}

function setKeepAlive(calls: SocketCalls, fd: number, value: unknown): boolean {
  if (typeof value === 'boolean') return setInteger(calls, fd, SOL_SOCKET, SO_KEEPALIVE, value ? 1 : 0);
  const { idleMs, intervalMs, count, enable = true } = value as KeepAlive;
  const seconds = (ms: number) => Math.max(1, Math.ceil(ms / 1000));
  return (
    (!enable || setInteger(calls, fd, SOL_SOCKET, SO_KEEPALIVE, 1)) &&
    setInteger(calls, fd, IPPROTO_TCP, TCP_KEEPIDLE, seconds(idleMs)) &&
    (intervalMs === undefined || setInteger(calls, fd, IPPROTO_TCP, TCP_KEEPINTVL, seconds(intervalMs))) &&
    (count === undefined || setInteger(calls, fd, IPPROTO_TCP, TCP_KEEPCNT, count))
  );
}

/** IPv4 gateways in the order of travel, as the socket takes them: each octet of a loose source route but the destination. */
function setSourceRoute(calls: SocketCalls, fd: number, value: unknown, version: 4 | 6): boolean {
  if (version !== 4 || !Array.isArray(value)) return false;
  const gateways = value.flatMap((address) => String(address).split('.').map(Number));
  const option = Buffer.from([LOOSE_SOURCE_ROUTE, 3 + gateways.length, 4, ...gateways]);
  return calls.setsockopt(fd, IPPROTO_IP, IP_OPTIONS, option, option.length) === 0;
}
