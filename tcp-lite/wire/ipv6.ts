import { addressOctets, ipv6Text } from './address.js';
import type { DropReason } from './drop-reason.js';
import type { IpPacket } from './ip-packet.js';
import type { IpHeader } from './ipv4.js';
import { uint16, uint32, writeUint16 } from './octets.js';

export const IPV6_HEADER = 40;

/**
 * Reads an IPv6 header and its extension headers (RFC 8200) into `packet`: hop-by-hop and destination options are
 * walked and unknown ones treated as their type asks, used-up routing headers skipped, a fragment header recorded.
 */
export function decodeIpv6(
  bytes: Uint8Array,
  start: number,
  end: number,
  packet: IpPacket,
): DropReason | undefined {
  if (end - start < IPV6_HEADER) return 'ipv6-truncated';
  if (bytes[start]! >>> 4 !== 6) return 'ipv6-malformed';
  const payloadLength = uint16(bytes, start + 4);
  if (start + IPV6_HEADER + payloadLength > end) return 'ipv6-truncated';
  const trafficClass = ((bytes[start]! & 15) << 4) | (bytes[start + 1]! >>> 4);
  packet.version = 6;
  packet.dscp = trafficClass >>> 2;
  packet.ecn = trafficClass & 3;
  packet.identification = 0;
  packet.dontFragment = true;
  packet.moreFragments = false;
  packet.fragmentOffset = 0;
  packet.isFragment = false;
  packet.sourceRoute = undefined;
  packet.ttl = bytes[start + 7]!;
  packet.addressOffset = start + 8;
  packet.src = ipv6Text(bytes, start + 8);
  packet.dst = ipv6Text(bytes, start + 24);
  packet.headerStart = start;
  packet.payloadEnd = start + IPV6_HEADER + payloadLength;
  return walkExtensionHeaders(bytes, start + IPV6_HEADER, bytes[start + 6]!, packet);
}

/**
 * Walks extension headers from `at`, the first of type `next`, up to the transport header or the first fragment header.
 * Also used for what a reassembled packet holds behind its fragment header.
 */
export function walkExtensionHeaders(
  bytes: Uint8Array,
  at: number,
  next: number,
  packet: IpPacket,
): DropReason | undefined {
  const end = packet.payloadEnd;
  let offset = at;
  let type = next;
  while (type === HOP_BY_HOP || type === ROUTING || type === FRAGMENT || type === DESTINATION) {
    if (offset + 8 > end) return 'ipv6-malformed';
    const following = bytes[offset]!;
    if (type === FRAGMENT) {
      readFragmentHeader(bytes, offset, packet);
      offset += 8;
      type = following;
      if (packet.isFragment) break;
      continue;
    }
    const length = 8 + bytes[offset + 1]! * 8;
    if (offset + length > end) return 'ipv6-malformed';
    // Hop-by-hop options stand first or not at all (RFC 8200, 4.1).
    if (type === HOP_BY_HOP && offset !== packet.headerStart + IPV6_HEADER) return 'ipv6-malformed';
    if (type === ROUTING && bytes[offset + 3] !== 0) return 'ipv6-refused-option';
    if (type !== ROUTING && !optionsAcceptable(bytes, offset + 2, offset + length))
      return 'ipv6-refused-option';
    offset += length;
    type = following;
  }
  packet.protocol = type;
  packet.payloadStart = offset;
  return undefined;
}

/** Writes a header without extensions and returns the offset behind it. */
export function encodeIpv6(header: IpHeader, target: Uint8Array, offset: number): number {
  const trafficClass = (header.dscp << 2) | header.ecn;
  const src = addressOctets(header.src);
  const dst = addressOctets(header.dst);
  target[offset] = 0x60 | (trafficClass >>> 4);
  target[offset + 1] = (trafficClass & 15) << 4;
  target[offset + 2] = 0;
  target[offset + 3] = 0;
  writeUint16(target, offset + 4, header.length);
  target[offset + 6] = header.protocol;
  target[offset + 7] = header.ttl;
  for (let i = 0; i < 16; i++) {
    target[offset + 8 + i] = src[i]!;
    target[offset + 24 + i] = dst[i]!;
  }
  return offset + IPV6_HEADER;
}

const HOP_BY_HOP = 0;
const ROUTING = 43;
const FRAGMENT = 44;
const DESTINATION = 60;

function readFragmentHeader(bytes: Uint8Array, offset: number, packet: IpPacket): void {
  const field = uint16(bytes, offset + 2);
  packet.fragmentOffset = field & 0xfff8;
  packet.moreFragments = (field & 1) === 1;
  // An "atomic" fragment (offset 0, no more) is a whole packet (RFC 6946).
  packet.isFragment = packet.fragmentOffset !== 0 || packet.moreFragments;
  packet.identification = uint32(bytes, offset + 4);
}

/** Unknown options whose two high bits are zero are skipped; the others ask for the packet to be dropped. */
function optionsAcceptable(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end;) {
    const type = bytes[at]!;
    if (type === PAD1) {
      at++;
      continue;
    }
    if (at + 1 >= end) return false;
    if (type !== PADN && type >>> 6 !== 0) return false;
    at += 2 + bytes[at + 1]!;
    if (at > end) return false;
  }
  return true;
}

const PAD1 = 0;
const PADN = 1;
