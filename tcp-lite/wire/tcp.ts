import { addressOctets } from './address.js';
import { complement, fold, sum16 } from './checksum.js';
import type { DropReason } from './drop-reason.js';
import type { IpPacket } from './ip-packet.js';
import { PROTOCOL_TCP } from './ip-packet.js';
import { encodeIpv4, IPV4_HEADER } from './ipv4.js';
import type { IpHeader } from './ipv4.js';
import { sourceRouteOctets } from './ipv4-options.js';
import { encodeIpv6, IPV6_HEADER } from './ipv6.js';
import type { Segment } from './segment.js';
import { decodeOptions, encodeOptions, optionsLength } from './tcp-options.js';
import { uint16, uint32, writeUint16, writeUint32 } from './octets.js';

export const TCP_HEADER = 20;

/**
 * Reads the TCP segment in `packet`, verifying the checksum over the pseudo-header (RFC 9293 MUST-3). The payload is a
 * view on `bytes`.
 */
export function decodeSegment(bytes: Uint8Array, packet: IpPacket): Segment | DropReason {
  const start = packet.payloadStart;
  const end = packet.payloadEnd;
  if (end - start < TCP_HEADER) return 'tcp-truncated';
  const headerLength = (bytes[start + 12]! >>> 4) * 4;
  if (headerLength < TCP_HEADER || start + headerLength > end) return 'tcp-malformed';
  const addresses = packet.version === 4 ? 8 : 32;
  const pseudoHeader =
    sum16(bytes, packet.addressOffset, packet.addressOffset + addresses) + PROTOCOL_TCP + (end - start);
  if (fold(pseudoHeader + sum16(bytes, start, end)) !== 0xffff) return 'tcp-bad-checksum';
  return {
    version: packet.version,
    src: packet.src,
    dst: packet.dst,
    srcPort: uint16(bytes, start),
    dstPort: uint16(bytes, start + 2),
    seq: uint32(bytes, start + 4),
    ack: uint32(bytes, start + 8),
    flags: uint16(bytes, start + 12) & 0x0fff,
    window: uint16(bytes, start + 14),
    urgent: uint16(bytes, start + 18),
    options: decodeOptions(bytes, start + TCP_HEADER, start + headerLength),
    payload: bytes.subarray(start + headerLength, end),
    ttl: packet.ttl,
    dscp: packet.dscp,
    ecn: packet.ecn,
    dontFragment: packet.dontFragment,
    sourceRoute: packet.sourceRoute,
  };
}

/** Octets that `encodeSegment` will write: IP header, TCP header with options, payload. */
export function encodedLength(segment: Segment): number {
  const ip = segment.version === 4 ? IPV4_HEADER + sourceRouteOctets(segment.sourceRoute) : IPV6_HEADER;
  return ip + TCP_HEADER + optionsLength(segment.options) + segment.payload.length;
}

/**
 * Writes the segment as an IP packet into `target` at `offset`, both checksums right, and returns its length in
 * octets. `target` must have room for `encodedLength(segment)`; `identification` is IPv4's.
 */
export function encodeSegment(
  segment: Segment,
  target: Uint8Array,
  offset: number,
  identification = 0,
): number {
  const headerLength = TCP_HEADER + optionsLength(segment.options);
  const length = headerLength + segment.payload.length;
  ipHeader.src = segment.src;
  ipHeader.dst = segment.dst;
  ipHeader.ttl = segment.ttl;
  ipHeader.dscp = segment.dscp;
  ipHeader.ecn = segment.ecn;
  ipHeader.dontFragment = segment.dontFragment;
  ipHeader.identification = identification;
  ipHeader.sourceRoute = segment.sourceRoute;
  ipHeader.length = length;
  const at =
    segment.version === 4 ? encodeIpv4(ipHeader, target, offset) : encodeIpv6(ipHeader, target, offset);
  encodeTcpHeader(segment, headerLength, target, at);
  if (segment.payload.length > 0) target.set(segment.payload, at + headerLength);
  const pseudoHeader = addressSum(segment, target, at) + PROTOCOL_TCP + length;
  const checksum = complement(pseudoHeader + sum16(target, at, at + length));
  writeUint16(target, at + 16, checksum);
  return at + length - offset;
}

/** Both addresses are in the header just written, except when it names a gateway in place of the destination. */
function addressSum(segment: Segment, target: Uint8Array, at: number): number {
  if (segment.version === 6) return sum16(target, at - 32, at);
  if (segment.sourceRoute === undefined) return sum16(target, at - 8, at);
  const src = addressOctets(segment.src);
  const dst = addressOctets(segment.dst);
  return sum16(src, 0, 4) + sum16(dst, 0, 4);
}

const ipHeader: IpHeader = {
  src: '',
  dst: '',
  protocol: PROTOCOL_TCP,
  ttl: 64,
  dscp: 0,
  ecn: 0,
  dontFragment: true,
  identification: 0,
  length: 0,
  sourceRoute: undefined,
};

function encodeTcpHeader(segment: Segment, headerLength: number, target: Uint8Array, at: number): void {
  writeUint16(target, at, segment.srcPort);
  writeUint16(target, at + 2, segment.dstPort);
  writeUint32(target, at + 4, segment.seq);
  writeUint32(target, at + 8, segment.ack);
  target[at + 12] = (headerLength << 2) | ((segment.flags >>> 8) & 15);
  target[at + 13] = segment.flags;
  writeUint16(target, at + 14, segment.window);
  target[at + 16] = 0;
  target[at + 17] = 0;
  writeUint16(target, at + 18, segment.urgent);
  encodeOptions(segment.options, target, at + TCP_HEADER);
}
