import { ipv4Text, ipv6Text } from './address.js';
import { complement, fold, sum16 } from './checksum.js';
import type { DropReason } from './drop-reason.js';
import { IpPacket, PROTOCOL_ICMP, PROTOCOL_ICMPV6, PROTOCOL_TCP } from './ip-packet.js';
import { encodeIpv4 } from './ipv4.js';
import { encodeIpv6, IPV6_HEADER, walkExtensionHeaders } from './ipv6.js';
import type { IcmpError } from './segment.js';
import { uint16, uint32, writeUint16, writeUint32 } from './octets.js';

export const ICMP_HEADER = 8;

/** ICMP types, by version (RFC 792, RFC 4443). */
export const ICMPV4 = {
  echoReply: 0,
  unreachable: 3,
  sourceQuench: 4,
  echoRequest: 8,
  timeExceeded: 11,
  parameterProblem: 12,
} as const;
export const ICMPV6 = {
  unreachable: 1,
  packetTooBig: 2,
  timeExceeded: 3,
  parameterProblem: 4,
  echoRequest: 128,
  echoReply: 129,
  neighbourSolicitation: 135,
  neighbourAdvertisement: 136,
} as const;

/** Whether the ICMP message in `packet` is whole: eight octets at least and a right checksum. */
export function verifyIcmp(bytes: Uint8Array, packet: IpPacket): DropReason | undefined {
  const length = packet.payloadEnd - packet.payloadStart;
  if (length < ICMP_HEADER) return 'icmp-truncated';
  const pseudoHeader =
    packet.version === 4
      ? 0
      : sum16(bytes, packet.addressOffset, packet.addressOffset + 32) + PROTOCOL_ICMPV6 + length;
  const sum = fold(pseudoHeader + sum16(bytes, packet.payloadStart, packet.payloadEnd));
  return sum === 0xffff ? undefined : 'icmp-bad-checksum';
}

/**
 * Reads a verified ICMP message that reports an error about a TCP segment and quotes at least its ports and sequence
 * number. 'icmp-ignored' for messages that are no such thing.
 */
export function decodeIcmpError(bytes: Uint8Array, packet: IpPacket): IcmpError | DropReason {
  const start = packet.payloadStart;
  const type = bytes[start]!;
  const code = bytes[start + 1]!;
  if (!(packet.version === 4 ? V4_ERRORS : V6_ERRORS).has(type)) return 'icmp-ignored';
  const quote = start + ICMP_HEADER;
  const tcp =
    packet.version === 4
      ? quotedTcpInIpv4(bytes, quote, packet.payloadEnd)
      : quotedTcpInIpv6(bytes, quote, packet.payloadEnd);
  if (typeof tcp === 'string') return tcp;
  const text = packet.version === 4 ? ipv4Text : ipv6Text;
  const addresses = quote + (packet.version === 4 ? 12 : 8);
  return {
    version: packet.version,
    type,
    code,
    mtu: nextHopMtu(bytes, start, packet.version),
    src: text(bytes, addresses),
    dst: text(bytes, addresses + (packet.version === 4 ? 4 : 16)),
    srcPort: uint16(bytes, tcp),
    dstPort: uint16(bytes, tcp + 2),
    seq: uint32(bytes, tcp + 4),
  };
}

/** What an ICMP message is written from; `rest` is the four octets behind the checksum, `body` what follows them. */
export interface IcmpMessage {
  version: 4 | 6;
  src: string;
  dst: string;
  type: number;
  code: number;
  rest: number;
  body: Uint8Array;
  /** 64 unless given; neighbour discovery wants 255. */
  ttl?: number;
}

/** Writes the message as an IP packet into `target` at `offset` and returns its length in octets. */
export function encodeIcmp(message: IcmpMessage, target: Uint8Array, offset: number): number {
  const length = ICMP_HEADER + message.body.length;
  const header = {
    src: message.src,
    dst: message.dst,
    protocol: message.version === 4 ? PROTOCOL_ICMP : PROTOCOL_ICMPV6,
    ttl: message.ttl ?? 64,
    dscp: 0,
    ecn: 0,
    dontFragment: false,
    identification: 0,
    length,
  };
  const at = message.version === 4 ? encodeIpv4(header, target, offset) : encodeIpv6(header, target, offset);
  target[at] = message.type;
  target[at + 1] = message.code;
  target[at + 2] = 0;
  target[at + 3] = 0;
  writeUint32(target, at + 4, message.rest);
  target.set(message.body, at + ICMP_HEADER);
  const pseudoHeader = message.version === 4 ? 0 : sum16(target, at - 32, at) + PROTOCOL_ICMPV6 + length;
  const checksum = complement(pseudoHeader + sum16(target, at, at + length));
  writeUint16(target, at + 2, checksum);
  return at + length - offset;
}

// Redirects (5) speak of routes, which TCP Lite has not.
const V4_ERRORS: ReadonlySet<number> = new Set([
  ICMPV4.unreachable,
  ICMPV4.sourceQuench,
  ICMPV4.timeExceeded,
  ICMPV4.parameterProblem,
]);
const V6_ERRORS: ReadonlySet<number> = new Set([
  ICMPV6.unreachable,
  ICMPV6.packetTooBig,
  ICMPV6.timeExceeded,
  ICMPV6.parameterProblem,
]);
const FRAGMENTATION_NEEDED = 4;

function nextHopMtu(bytes: Uint8Array, start: number, version: 4 | 6): number {
  const type = bytes[start]!;
  if (version === 6) return type === ICMPV6.packetTooBig ? uint32(bytes, start + 4) : 0;
  return type === ICMPV4.unreachable && bytes[start + 1] === FRAGMENTATION_NEEDED
    ? uint16(bytes, start + 6)
    : 0;
}

/** Offset of the quoted TCP header. The quoted header's checksum is not verified: routers change what it covers. */
function quotedTcpInIpv4(bytes: Uint8Array, quote: number, end: number): number | DropReason {
  if (quote + 20 > end) return 'icmp-malformed';
  const headerLength = (bytes[quote]! & 15) * 4;
  const isFirstFragment = (uint16(bytes, quote + 6) & 0x1fff) === 0;
  if (bytes[quote]! >>> 4 !== 4 || headerLength < 20) return 'icmp-malformed';
  if (bytes[quote + 9] !== PROTOCOL_TCP || !isFirstFragment) return 'icmp-ignored';
  return quote + headerLength + 8 > end ? 'icmp-malformed' : quote + headerLength;
}

function quotedTcpInIpv6(bytes: Uint8Array, quote: number, end: number): number | DropReason {
  if (quote + IPV6_HEADER > end || bytes[quote]! >>> 4 !== 6) return 'icmp-malformed';
  quoted.headerStart = quote;
  quoted.payloadEnd = end;
  quoted.isFragment = false;
  quoted.fragmentOffset = 0;
  if (walkExtensionHeaders(bytes, quote + IPV6_HEADER, bytes[quote + 6]!, quoted) !== undefined) {
    return 'icmp-malformed';
  }
  if (quoted.protocol !== PROTOCOL_TCP || quoted.fragmentOffset !== 0) return 'icmp-ignored';
  return quoted.payloadStart + 8 > end ? 'icmp-malformed' : quoted.payloadStart;
}

const quoted = new IpPacket();
