import { isIPv6, SocketAddress } from 'node:net';

export const AF_INET = 2;
export const AF_INET6 = 10;

/** sockaddr_in or sockaddr_in6 of an address without a zone, in network byte order. Throws on text that is no address. */
export function encodeSocketAddress(address: string, port: number): Buffer {
  if (!isIPv6(address)) {
    const bytes = Buffer.alloc(16);
    bytes.writeUInt16LE(AF_INET, 0);
    bytes.writeUInt16BE(port, 2);
    const octets = address.split('.').map(Number);
    if (octets.length !== 4 || octets.some((octet) => !(octet >= 0 && octet <= 255))) {
      throw new TypeError(`not an IP address: ${address}`);
    }
    bytes.set(octets, 4);
    return bytes;
  }
  const bytes = Buffer.alloc(28);
  bytes.writeUInt16LE(AF_INET6, 0);
  bytes.writeUInt16BE(port, 2);
  groupsOf(address).forEach((group, index) => bytes.writeUInt16BE(group, 8 + 2 * index));
  return bytes;
}

export function decodeSocketAddress(bytes: Buffer): { address: string; port: number } {
  const port = bytes.readUInt16BE(2);
  if (bytes.readUInt16LE(0) === AF_INET) return { address: [...bytes.subarray(4, 8)].join('.'), port };
  const words = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(8 + 2 * index).toString(16));
  // SocketAddress writes the canonical text of RFC 5952.
  return { address: new SocketAddress({ address: words.join(':'), family: 'ipv6' }).address, port };
}

/** The eight 16-bit groups of an IPv6 address. */
export function groupsOf(address: string): number[] {
  const [head = '', tail] = address.split('::');
  const parse = (part: string) => (part === '' ? [] : part.split(':').map((group) => parseInt(group, 16)));
  const left = parse(head);
  if (tail === undefined) return left;
  const right = parse(tail);
  return [...left, ...new Array<number>(8 - left.length - right.length).fill(0), ...right];
}
