import { addressOctets, ipv6Text } from './address.js';
import type { DropReason } from './drop-reason.js';
import { encodeIcmp, ICMPV6 } from './icmp.js';
import type { IpPacket } from './ip-packet.js';

/** Neighbour solicitation and advertisement (RFC 4861, 4.3 and 4.4), as far as address resolution needs them. */
export interface NeighbourMessage {
  kind: 'solicitation' | 'advertisement';
  src: string;
  dst: string;
  /** The address that is asked for or announced. */
  target: string;
  /** Source link-layer address of a solicitation, target link-layer address of an advertisement. */
  mac?: Uint8Array;
  solicited?: boolean;
  override?: boolean;
}

/** Reads a verified ICMPv6 message of type 135 or 136. */
export function decodeNeighbour(bytes: Uint8Array, packet: IpPacket): NeighbourMessage | DropReason {
  const start = packet.payloadStart;
  const type = bytes[start]!;
  // A hop limit below 255 means that a router forwarded it: it is not from this link (RFC 4861, 7.1).
  if (packet.ttl !== 255 || bytes[start + 1] !== 0) return 'icmp-malformed';
  if (packet.payloadEnd - start < 24 || bytes[start + 8] === 0xff) return 'icmp-malformed';
  const solicitation = type === ICMPV6.neighbourSolicitation;
  const mac = linkLayerOption(bytes, start + 24, packet.payloadEnd, solicitation ? 1 : 2);
  if (mac === 'malformed') return 'icmp-malformed';
  const flags = bytes[start + 4]!;
  return {
    kind: solicitation ? 'solicitation' : 'advertisement',
    src: packet.src,
    dst: packet.dst,
    target: ipv6Text(bytes, start + 8),
    ...(mac === undefined ? {} : { mac }),
    ...(solicitation ? {} : { solicited: (flags & 0x40) !== 0, override: (flags & 0x20) !== 0 }),
  };
}

/** Writes the message as an IPv6 packet into `target` at `offset` and returns its length in octets. */
export function encodeNeighbour(message: NeighbourMessage, target: Uint8Array, offset: number): number {
  const solicitation = message.kind === 'solicitation';
  const body = new Uint8Array(message.mac === undefined ? 16 : 24);
  body.set(addressOctets(message.target));
  if (message.mac !== undefined) {
    body[16] = solicitation ? 1 : 2;
    body[17] = 1;
    body.set(message.mac, 18);
  }
  const flags = (message.solicited === true ? 0x40000000 : 0) | (message.override === true ? 0x20000000 : 0);
  return encodeIcmp(
    {
      version: 6,
      src: message.src,
      dst: message.dst,
      type: solicitation ? ICMPV6.neighbourSolicitation : ICMPV6.neighbourAdvertisement,
      code: 0,
      rest: flags,
      body,
      ttl: 255,
    },
    target,
    offset,
  );
}

/** The solicited-node multicast address that belongs to a unicast address (RFC 4291, 2.7.1). */
export function solicitedNodeAddress(address: string): string {
  const octets = Uint8Array.from([0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, 0, 0, 0]);
  octets.set(addressOctets(address).subarray(13), 13);
  return ipv6Text(octets, 0);
}

/** The Ethernet group address that an IPv6 multicast address is sent to (RFC 2464, 7). */
export function multicastMac(address: string): Uint8Array {
  const octets = addressOctets(address);
  return Uint8Array.from([0x33, 0x33, octets[12]!, octets[13]!, octets[14]!, octets[15]!]);
}

function linkLayerOption(
  bytes: Uint8Array,
  start: number,
  end: number,
  wanted: number,
): Uint8Array | 'malformed' | undefined {
  let mac: Uint8Array | undefined;
  for (let at = start; at < end;) {
    const length = at + 1 < end ? bytes[at + 1]! * 8 : 0;
    if (length === 0 || at + length > end) return 'malformed';
    if (bytes[at] === wanted) mac = bytes.slice(at + 2, at + 8);
    at += length;
  }
  return mac;
}
