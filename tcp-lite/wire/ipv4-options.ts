import { addressOctets, ipv4Text } from './address.js';

/** Options of an IPv4 header that mean something to a host: only source routes (RFC 791 section 3.1). */
export interface Ipv4Options {
  /** Addresses of a route that is completed, in the order of travel. */
  route: readonly string[] | undefined;
  /** There is a route that is not completed: this host is not the end of it. */
  incomplete: boolean;
}

const END = 0;
const NOP = 1;
const LOOSE_SOURCE_ROUTE = 131;
const STRICT_SOURCE_ROUTE = 137;
const FIRST_POINTER = 4;

/**
 * Walks the options between `start` and `end`. What is not a source route is skipped (RFC 9293 MUST-50); the walk ends
 * at a length that cannot be.
 */
export function decodeIpv4Options(bytes: Uint8Array, start: number, end: number): Ipv4Options {
  for (let at = start; at < end;) {
    const type = bytes[at]!;
    if (type === END) break;
    if (type === NOP) {
      at++;
      continue;
    }
    const length = at + 1 < end ? bytes[at + 1]! : 0;
    if (length < 2 || at + length > end) break;
    if ((type === LOOSE_SOURCE_ROUTE || type === STRICT_SOURCE_ROUTE) && length >= 3) {
      return readRoute(bytes, at, length);
    }
    at += length;
  }
  return { route: undefined, incomplete: false };
}

/** Octets of header that a route through these gateways takes. */
export function sourceRouteOctets(gateways: readonly string[] | undefined): number {
  return gateways === undefined || gateways.length === 0 ? 0 : 4 + 4 * gateways.length;
}

/**
 * Writes a loose source route: the header's own destination is the first gateway, the option lists the others and, at
 * its end, `destination`. Returns the offset behind the padding.
 */
export function encodeSourceRoute(
  gateways: readonly string[],
  destination: string,
  target: Uint8Array,
  offset: number,
): number {
  target[offset] = LOOSE_SOURCE_ROUTE;
  target[offset + 1] = 3 + 4 * gateways.length;
  target[offset + 2] = FIRST_POINTER;
  let at = offset + 3;
  for (const address of [...gateways.slice(1), destination]) {
    target.set(addressOctets(address), at);
    at += 4;
  }
  target[at] = END;
  return at + 1;
}

function readRoute(bytes: Uint8Array, at: number, length: number): Ipv4Options {
  const pointer = bytes[at + 2]!;
  if (pointer <= length) return { route: undefined, incomplete: true };
  const route: string[] = [];
  for (let next = at + 3; next + 4 <= at + length; next += 4) route.push(ipv4Text(bytes, next));
  return { route: route.length === 0 ? undefined : route, incomplete: false };
}
