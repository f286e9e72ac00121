import { isIPv4, isIPv6 } from 'node:net';

/** The sockaddr_in or sockaddr_in6 of an address in text and a port, as bind and connect want it. */
export function socketAddress(address: string, port: number): Uint8Array {
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new RangeError(`${port} is not a port`);
  if (isIPv4(address)) {
    const memory = new DataView(new ArrayBuffer(16));
    memory.setUint16(0, AF_INET, true);
    memory.setUint16(2, port);
    address.split('.').forEach((octet, index) => memory.setUint8(4 + index, Number(octet)));
    return new Uint8Array(memory.buffer);
  }
  if (!isIPv6(address) || address.includes('%')) throw new RangeError(`'${address}' is not an IP address`);
  const memory = new DataView(new ArrayBuffer(28));
  memory.setUint16(0, AF_INET6, true);
  memory.setUint16(2, port);
  groupsOf(address).forEach((group, index) => memory.setUint16(8 + 2 * index, group));
  return new Uint8Array(memory.buffer);
}

/** What getsockname, getpeername, accept4 or recvfrom wrote. */
export function parseSocketAddress(memory: Uint8Array): { address: string; port: number } {
  const view = new DataView(memory.buffer, memory.byteOffset, memory.byteLength);
  const family = view.getUint16(0, true);
  const port = view.getUint16(2);
  if (family === AF_INET) return { address: memory.subarray(4, 8).join('.'), port };
  if (family !== AF_INET6) throw new RangeError(`address family ${family} is neither IPv4 nor IPv6`);
  const groups = Array.from({ length: 8 }, (_, index) => view.getUint16(8 + 2 * index).toString(16));
  return { address: new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1), port };
}

/** Room for an address of either family. */
export const SOCKET_ADDRESS_SIZE = 28;
export const AF_INET = 2;
export const AF_INET6 = 10;

function groupsOf(address: string): number[] {
  // The URL parser knows all spellings, dotted ends included.
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const groups = (text: string) =>
    text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
  const [before, after] = [groups(head), groups(tail ?? '')];
  return [...before, ...new Array<number>(8 - before.length - after.length).fill(0), ...after];
}
