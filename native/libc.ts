import { getSystemErrorMap } from 'node:util';
import koffi from 'koffi';

/*
 * The C library's calls that Node does not offer. Each is bound as it stands in its manual page: it returns what C
 * returns and leaves the error in errno(), because the hot paths must not throw. `check` turns a result into an error.
 *
 * No koffi struct types: a named one throws when a second copy of this module is loaded, as each jest file does.
 * koffi knows no ssize_t; int64_t is the same on the 64-bit machines that this runs on.
 */

// null is the program itself, which has the C library loaded already: glibc and musl alike.
const c = koffi.load(null);

type Memory = Uint8Array | bigint | null;

export const socket = c.func('int socket(int domain, int type, int protocol)') as (
  domain: number,
  type: number,
  protocol: number,
) => number;
export const bind = c.func('int bind(int fd, const void *address, uint32_t length)') as AddressCall;
export const connect = c.func('int connect(int fd, const void *address, uint32_t length)') as AddressCall;
export const listen = c.func('int listen(int fd, int backlog)') as (fd: number, backlog: number) => number;
export const accept4 = c.func('int accept4(int fd, void *address, void *length, int flags)') as (
  fd: number,
  address: Memory,
  length: Memory,
  flags: number,
) => number;
export const getsockname = c.func('int getsockname(int fd, void *address, void *length)') as NameCall;
export const getpeername = c.func('int getpeername(int fd, void *address, void *length)') as NameCall;
export const shutdown = c.func('int shutdown(int fd, int how)') as (fd: number, how: number) => number;
export const setsockopt = c.func(
  'int setsockopt(int fd, int level, int name, const void *value, uint32_t length)',
) as (fd: number, level: number, name: number, value: Uint8Array, length: number) => number;
export const getsockopt = c.func(
  'int getsockopt(int fd, int level, int name, void *value, void *length)',
) as (fd: number, level: number, name: number, value: Uint8Array, length: Uint8Array) => number;

export const recv = c.func('int64_t recv(int fd, void *memory, size_t length, int flags)') as TransferCall;
export const send = c.func(
  'int64_t send(int fd, const void *memory, size_t length, int flags)',
) as TransferCall;
export const recvfrom = c.func(
  'int64_t recvfrom(int fd, void *memory, size_t length, int flags, void *address, void *addressLength)',
) as (
  fd: number,
  memory: Memory,
  length: number,
  flags: number,
  address: Memory,
  addressLength: Memory,
) => number;
export const sendto = c.func(
  'int64_t sendto(int fd, const void *memory, size_t length, int flags, const void *address, uint32_t addressLength)',
) as (
  fd: number,
  memory: Memory,
  length: number,
  flags: number,
  address: Memory,
  addressLength: number,
) => number;
/** `messages` points to `count` mmsghdr structures; returns how many were filled. */
export const recvmmsg = c.func(
  'int recvmmsg(int fd, void *messages, uint32_t count, int flags, void *timeout)',
) as (fd: number, messages: Memory, count: number, flags: number, timeout: null) => number;
/** `messages` points to `count` mmsghdr structures; returns how many were sent. */
export const sendmmsg = c.func('int sendmmsg(int fd, void *messages, uint32_t count, int flags)') as (
  fd: number,
  messages: Memory,
  count: number,
  flags: number,
) => number;
export const read = c.func('int64_t read(int fd, void *memory, size_t length)') as (
  fd: number,
  memory: Memory,
  length: number,
) => number;
export const write = c.func('int64_t write(int fd, const void *memory, size_t length)') as (
  fd: number,
  memory: Memory,
  length: number,
) => number;

export const open = c.func('int open(const char *path, int flags, uint32_t mode)') as (
  path: string,
  flags: number,
  mode: number,
) => number;
export const close = c.func('int close(int fd)') as (fd: number) => number;
export const ioctl = c.func('int ioctl(int fd, unsigned long request, void *argument)') as (
  fd: number,
  request: number,
  argument: Memory,
) => number;

/** 0 when the calling thread's namespace has no such interface. */
export const if_nametoindex = c.func('uint32_t if_nametoindex(const char *name)') as (name: string) => number;
/** Moves the calling thread, not the process. */
export const setns = c.func('int setns(int fd, int kind)') as (fd: number, kind: number) => number;

const syscall = c.func('int64_t syscall(int64_t number, int64_t a, int64_t b, int64_t c)') as (
  number: number,
  a: number,
  b: number,
  c: number,
) => number;

/** A descriptor that stands for the process, and becomes readable when it ends. */
export const pidfd_open = (pid: number, flags = 0): number => syscall(SYS_pidfd_open, pid, flags, 0);
/** A duplicate here of the descriptor that is `targetFd` in that process. */
export const pidfd_getfd = (pidfd: number, targetFd: number, flags = 0): number =>
  syscall(SYS_pidfd_getfd, pidfd, targetFd, flags);

export const errno = (): number => koffi.errno();

/** Address of the memory behind a view, which must have an ArrayBuffer of its own so that it never moves. */
export const addressOf = (memory: Uint8Array): bigint => koffi.address(memory);

/** A call of the operating system that failed. */
export class SystemError extends Error {
  override readonly name = 'SystemError';
  /** Symbolic error, such as EPERM. */
  readonly code: string;
  /** Manual-page name of the call. */
  readonly syscall: string;
  readonly remedy?: string;

  constructor(code: string, syscall: string, about?: string) {
    const text = describe(code);
    super(`${syscall}${about === undefined ? '' : ` ${about}`}: ${text} (${code})`);
    this.code = code;
    this.syscall = syscall;
    const remedy = REMEDIES[code];
    if (remedy !== undefined) this.remedy = remedy;
  }
}

/**
 * Returns `result`, or throws the SystemError of errno when it is negative. `about` says what the call was about (an
 * interface, a path).
 */
export function check(result: number, call: string, about?: string): number {
  if (result < 0) throw new SystemError(codeOf(koffi.errno()), call, about);
  return result;
}

/** EAGAIN for 11. */
export function codeOf(number: number): string {
  return getSystemErrorMap().get(-number)?.[0] ?? `errno ${number}`;
}

export const EINTR = 4;
export const EAGAIN = 11;
export const ENETDOWN = 100;
export const ENOBUFS = 105;

type AddressCall = (fd: number, address: Uint8Array, length: number) => number;
type NameCall = (fd: number, address: Uint8Array, length: Uint8Array) => number;
type TransferCall = (fd: number, memory: Memory, length: number, flags: number) => number;

// These two have one number on every architecture, as all calls since Linux 5.1.
const SYS_pidfd_open = 434;
const SYS_pidfd_getfd = 438;

const REMEDIES: Record<string, string | undefined> = {
  EPERM: 'Run it as root: sudo, or a container started with --privileged.',
  EACCES: 'Run it as root: sudo, or a container started with --privileged.',
};

function describe(code: string): string {
  for (const [name, message] of getSystemErrorMap().values()) if (name === code) return message;
  return 'unknown error';
}
