import { check, close, ioctl, socket } from './libc.js';

/** Hardware address of `name` in the namespace that `fd`, any socket, belongs to. Throws SystemError. */
export function hardwareAddress(fd: number, name: string): Uint8Array {
  const request = interfaceRequest(name);
  check(ioctl(fd, SIOCGIFHWADDR, request), 'ioctl SIOCGIFHWADDR', name);
  return request.slice(IFNAMSIZ + 2, IFNAMSIZ + 8);
}

/** MTU of `name` in the namespace that `fd`, any socket, belongs to, octets. Throws SystemError. */
export function mtu(fd: number, name: string): number {
  const request = interfaceRequest(name);
  check(ioctl(fd, SIOCGIFMTU, request), 'ioctl SIOCGIFMTU', name);
  return new DataView(request.buffer).getInt32(IFNAMSIZ, true);
}

/** True when `name`, of the calling thread's namespace, is up and its other end too. Throws SystemError. */
export function isRunning(name: string): boolean {
  return withAnySocket((fd) => {
    const request = interfaceRequest(name);
    check(ioctl(fd, SIOCGIFFLAGS, request), 'ioctl SIOCGIFFLAGS', name);
    return (new DataView(request.buffer).getInt16(IFNAMSIZ, true) & IFF_RUNNING) !== 0;
  });
}

/** Lends a socket of the calling thread's namespace, for requests about its interfaces. */
export function withAnySocket<T>(use: (fd: number) => T): T {
  const fd = check(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), 'socket');
  try {
    return use(fd);
  } finally {
    close(fd);
  }
}

/** A struct ifreq that names an interface: 16 octets of name, 24 of union. Throws RangeError for a name too long. */
export function interfaceRequest(name: string): Uint8Array<ArrayBuffer> {
  const octets = new TextEncoder().encode(name);
  if (octets.length === 0 || octets.length >= IFNAMSIZ)
    throw new RangeError(`interface name '${name}' must have 1 to ${IFNAMSIZ - 1} octets`);
  const request = new Uint8Array(new ArrayBuffer(40));
  request.set(octets);
  return request;
}

/** Octets that a struct ifreq keeps for the name, its closing zero included. */
export const IFNAMSIZ = 16;

const AF_INET = 2;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0o2000000;

const SIOCGIFFLAGS = 0x8913;
const SIOCGIFMTU = 0x8921;
const SIOCGIFHWADDR = 0x8927;
const IFF_RUNNING = 0x40;
