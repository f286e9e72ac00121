import { addressOf, check, close, ioctl, socket } from './libc.js';

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

/**
 * What `ethtool -K NAME tx off sg off tso off gso off gro off` does, on an interface of the calling thread's
 * namespace, in microseconds instead of milliseconds: afterwards what leaves NAME has its checksum filled in and is no
 * longer than the MTU allows. Throws SystemError.
 */
export function disableOffloads(name: string): void {
  const fd = check(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), 'socket');
  try {
    for (const command of [ETHTOOL_STXCSUM, ETHTOOL_SSG, ETHTOOL_STSO, ETHTOOL_SGSO, ETHTOOL_SGRO]) {
      const value = new Uint32Array(new ArrayBuffer(8));
      value[0] = command;
      const request = interfaceRequest(name);
      const octets = new Uint8Array(value.buffer);
      new DataView(request.buffer).setBigUint64(IFNAMSIZ, addressOf(octets), true);
      check(ioctl(fd, SIOCETHTOOL, request), 'ioctl SIOCETHTOOL', name);
    }
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

const SIOCGIFMTU = 0x8921;
const SIOCGIFHWADDR = 0x8927;
const SIOCETHTOOL = 0x8946;
const ETHTOOL_STXCSUM = 0x17;
const ETHTOOL_SSG = 0x19;
const ETHTOOL_STSO = 0x1f;
const ETHTOOL_SGSO = 0x24;
const ETHTOOL_SGRO = 0x2c;
