import { addressOctets, ipv4Text } from './address.js';
import { complement, sum16 } from './checksum.js';
import type { DropReason } from './drop-reason.js';
import type { IpPacket } from './ip-packet.js';
import { decodeIpv4Options, encodeSourceRoute, sourceRouteOctets } from './ipv4-options.js';
import { uint16, writeUint16 } from './octets.js';

export const IPV4_HEADER = 20;

/**
 * Reads an IPv4 header (RFC 791) into `packet`. Options other than source routes are skipped (RFC 9293 MUST-50), octets behind the total length
 * (Ethernet padding) are left out, the header checksum is verified.
 */
export function decodeIpv4(
  bytes: Uint8Array,
  start: number,
  end: number,
  packet: IpPacket,
): DropReason | undefined {
  if (end - start < IPV4_HEADER) return 'ipv4-truncated';
  const headerLength = (bytes[start]! & 0x0f) * 4;
  const totalLength = uint16(bytes, start + 2);
  if (bytes[start]! >>> 4 !== 4 || headerLength < IPV4_HEADER || totalLength < headerLength)
    return 'ipv4-malformed';
  if (start + totalLength > end) return 'ipv4-truncated';
  if (sum16(bytes, start, start + headerLength) !== 0xffff) return 'ipv4-bad-checksum';
  const fragment = uint16(bytes, start + 6);
  packet.version = 4;
  packet.dscp = bytes[start + 1]! >>> 2;
  packet.ecn = bytes[start + 1]! & 3;
  packet.identification = uint16(bytes, start + 4);
  packet.dontFragment = (fragment & 0x4000) !== 0;
  packet.moreFragments = (fragment & 0x2000) !== 0;
  packet.fragmentOffset = (fragment & 0x1fff) * 8;
  packet.isFragment = (fragment & 0x3fff) !== 0;
  packet.ttl = bytes[start + 8]!;
  packet.protocol = bytes[start + 9]!;
  packet.addressOffset = start + 12;
  packet.src = ipv4Text(bytes, start + 12);
  packet.dst = ipv4Text(bytes, start + 16);
  packet.headerStart = start;
  packet.payloadStart = start + headerLength;
  packet.payloadEnd = start + totalLength;
  packet.sourceRoute = undefined;
  return headerLength === IPV4_HEADER ? undefined : readOptions(bytes, packet);
}

/** What an IP header is written from; `length` is that of the payload, in octets. */
export interface IpHeader {
  src: string;
  dst: string;
  protocol: number;
  ttl: number;
  dscp: number;
  ecn: number;
  dontFragment: boolean;
  identification: number;
  length: number;
  /** Gateways to pass on the way to `dst`; IPv4 only. */
  sourceRoute?: readonly string[] | undefined;
}

/** Writes a header and returns the offset behind it; the only option that it may have is a source route. */
export function encodeIpv4(header: IpHeader, target: Uint8Array, offset: number): number {
  const { sourceRoute } = header;
  const headerLength = IPV4_HEADER + sourceRouteOctets(sourceRoute);
  const totalLength = headerLength + header.length;
  const src = addressOctets(header.src);
  const dst = addressOctets(sourceRoute?.[0] ?? header.dst);
  target[offset] = 0x40 | (headerLength >>> 2);
  target[offset + 1] = (header.dscp << 2) | header.ecn;
  writeUint16(target, offset + 2, totalLength);
  writeUint16(target, offset + 4, header.identification);
  target[offset + 6] = header.dontFragment ? 0x40 : 0;
  target[offset + 7] = 0;
  target[offset + 8] = header.ttl;
  target[offset + 9] = header.protocol;
  target[offset + 10] = 0;
  target[offset + 11] = 0;
  for (let i = 0; i < 4; i++) {
    target[offset + 12 + i] = src[i]!;
    target[offset + 16 + i] = dst[i]!;
  }
  if (headerLength > IPV4_HEADER) encodeSourceRoute(sourceRoute!, header.dst, target, offset + IPV4_HEADER);
  writeUint16(target, offset + 10, complement(sum16(target, offset, offset + headerLength)));
  return offset + headerLength;
}

function readOptions(bytes: Uint8Array, packet: IpPacket): DropReason | undefined {
  const { route, incomplete } = decodeIpv4Options(
    bytes,
    packet.headerStart + IPV4_HEADER,
    packet.payloadStart,
  );
  packet.sourceRoute = route;
  return incomplete ? 'ipv4-source-route' : undefined;
}
