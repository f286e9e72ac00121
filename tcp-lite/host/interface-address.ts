import { addressOctets, addressVersion, canonicalAddress, ipv4Text } from '../wire/address.js';

/** One address of an interface with the network it is on. */
export interface InterfaceAddress {
  /** Canonical text, without the prefix length. */
  address: string;
  version: 4 | 6;
  /** 0 where none was given: then every address of this version counts as a neighbour. */
  prefixLength: number;
  /** The directed broadcast address of an IPv4 network; undefined for IPv6, /31, /32 and without a prefix length. */
  broadcast: string | undefined;
}

/** An address or prefix that cannot be one of an interface's own. */
export class InterfaceAddressError extends Error {
  override readonly name = 'InterfaceAddressError';
  readonly remedy = 'write an address of this host, as 10.0.0.1/24 or fd00::1/64';
}

/** Reads `10.0.0.1/24`, `fd00::1/64` or an address alone. Throws AddressError, InterfaceAddressError. */
export function parseInterfaceAddress(text: string): InterfaceAddress {
  const [bare = '', length, ...rest] = text.split('/');
  const address = canonicalAddress(bare);
  const version = addressVersion(address);
  const longest = version === 4 ? 32 : 128;
  const prefixLength = length === undefined ? 0 : /^\d{1,3}$/.test(length) ? Number(length) : NaN;
  if (rest.length > 0 || !(prefixLength <= longest)) {
    throw new InterfaceAddressError(`"${text}" has no prefix length between 0 and ${longest}`);
  }
  const broadcast = version === 4 ? broadcastOf(addressOctets(address), prefixLength) : undefined;
  if (!isPossibleSource(address) || address === broadcast) {
    throw new InterfaceAddressError(`"${text}" is not an address that a host can have`);
  }
  return { address, version, prefixLength, broadcast };
}

/** Whether `address` is on the network of `own`, and so reached without a gateway. */
export function isOnLink(own: InterfaceAddress, address: string): boolean {
  if (addressVersion(address) !== own.version) return false;
  return samePrefix(addressOctets(own.address), addressOctets(address), own.prefixLength);
}

/**
 * Whether a segment may come from `address`: not "this network", loopback, multicast, the reserved class E or the
 * limited broadcast, nor unspecified (RFC 1122 section 3.2.1.3; RFC 9293 MUST-63).
 */
export function isPossibleSource(address: string): boolean {
  const octets = addressOctets(address);
  if (octets.length === 4) return octets[0] !== 0 && octets[0] !== 127 && octets[0]! < 224;
  if (octets[0] === 0xff) return false;
  const head = octets.subarray(0, 12).every((octet) => octet === 0);
  return !(head && octets[12] === 0 && octets[13] === 0 && octets[14] === 0 && octets[15]! <= 1);
}

function broadcastOf(octets: Uint8Array, prefixLength: number): string | undefined {
  if (prefixLength === 0 || prefixLength > 30) return undefined;
  const number = ((octets[0]! << 24) | (octets[1]! << 16) | (octets[2]! << 8) | octets[3]!) >>> 0;
  const host = 0xffffffff >>> prefixLength;
  const all = (number | host) >>> 0;
  return ipv4Text(Uint8Array.from([all >>> 24, (all >>> 16) & 255, (all >>> 8) & 255, all & 255]), 0);
}

function samePrefix(a: Uint8Array, b: Uint8Array, prefixLength: number): boolean {
  const whole = prefixLength >> 3;
  for (let i = 0; i < whole; i++) if (a[i] !== b[i]) return false;
  const bits = prefixLength & 7;
  return bits === 0 || (a[whole]! ^ b[whole]!) >>> (8 - bits) === 0;
}
