import { addressOctets, macOctets } from '../../tcp-lite/wire/address.js';
import { complement, sum16 } from '../../tcp-lite/wire/checksum.js';
import type { Overrides } from '../case/overrides.js';
import { addressesOf, buildTcp, type TesterSegment } from './build-tcp.js';
import { wantedChecksum } from './wanted-checksum.js';

export interface LinkAddresses {
  /** Hardware addresses, 6 octets. */
  own: Uint8Array;
  peer: Uint8Array;
}

const ETHERTYPE = { 4: 0x0800, 6: 0x86dd } as const;
const PROTOCOL_TCP = 6;
const NEXT_FRAGMENT = 44;
const IPV6_HEADER = 40;
const IPV4_HEADER = 20;

let identification = 1;

/** The Ethernet frames that carry the segment: one, unless the case has it cut into IP fragments. */
export function buildFrames(segment: TesterSegment, link: LinkAddresses): Uint8Array[] {
  const tcp = buildTcp(segment);
  const sent = segment.overrides.truncate === undefined ? tcp : tcp.subarray(0, segment.overrides.truncate);
  const id = segment.overrides['ip.id'] ?? identification++ & 0xffff;
  const packets =
    segment.overrides.fragments === undefined
      ? [ipPacket(segment, sent, tcp.length, { id, offset: 0, more: false, fragment: false })]
      : fragmentsOf(segment, sent, id);
  const pad = segment.overrides.pad ?? new Uint8Array();
  return packets.map((packet) => ethernet(segment, Buffer.concat([packet, pad]), link));
}

interface FragmentPlace {
  id: number;
  /** Octets. */
  offset: number;
  more: boolean;
  fragment: boolean;
}

function fragmentsOf(segment: TesterSegment, tcp: Uint8Array, id: number): Uint8Array[] {
  const { size = 8, order } = segment.overrides.fragments ?? {};
  const count = Math.ceil(tcp.length / size);
  const wanted = order ?? Array.from({ length: count }, (_, index) => index);
  return wanted
    .filter((index) => index < count)
    .map((index) => {
      const part = tcp.subarray(index * size, (index + 1) * size);
      return ipPacket(segment, part, part.length, {
        id,
        offset: index * size,
        more: index < count - 1,
        fragment: true,
      });
    });
}

function ipPacket(
  segment: TesterSegment,
  body: Uint8Array,
  length: number,
  place: FragmentPlace,
): Uint8Array {
  return segment.version === 4 ? ipv4(segment, body, length, place) : ipv6(segment, body, length, place);
}

function ipv4(segment: TesterSegment, body: Uint8Array, length: number, place: FragmentPlace): Uint8Array {
  const { overrides } = segment;
  const { src, dst } = addressesOf(segment);
  const options = paddedTo4(overrides['ip.options']);
  const headerLength = IPV4_HEADER + options.length;
  const header = Buffer.alloc(headerLength);
  header[0] = ((overrides['ip.version'] ?? 4) << 4) | ((overrides['ip.hdr_len'] ?? headerLength) / 4);
  header[1] = overrides['ip.dsfield'] ?? dsField(segment);
  header.writeUInt16BE(overrides['ip.len'] ?? headerLength + length, 2);
  header.writeUInt16BE(place.id, 4);
  header.writeUInt16BE(fragmentField(overrides, place), 6);
  header[8] = overrides['ip.ttl'] ?? segment.ttl;
  header[9] = overrides['ip.proto'] ?? PROTOCOL_TCP;
  header.set(addressOctets(src), 12);
  header.set(addressOctets(dst), 16);
  header.set(options, IPV4_HEADER);
  const right = complement(sum16(header, 0, headerLength));
  header.writeUInt16BE(wantedChecksum(overrides['ip.checksum'], right, 'ip.checksum'), 10);
  return Buffer.concat([header, body]);
}

function fragmentField(overrides: Overrides, place: FragmentPlace): number {
  const reserved = overrides['ip.flags.rb'] ? 0x8000 : 0;
  const dontFragment = (overrides['ip.flags.df'] ?? !place.fragment) ? 0x4000 : 0;
  const more = (overrides['ip.flags.mf'] ?? place.more) ? 0x2000 : 0;
  return reserved | dontFragment | more | ((overrides['ip.frag_offset'] ?? place.offset) / 8);
}

function ipv6(segment: TesterSegment, body: Uint8Array, length: number, place: FragmentPlace): Uint8Array {
  const { overrides } = segment;
  const { src, dst } = addressesOf(segment);
  const extension = place.fragment ? fragmentHeader(place) : new Uint8Array();
  const header = Buffer.alloc(IPV6_HEADER);
  const trafficClass = overrides['ipv6.tclass'] ?? dsField(segment);
  const version = overrides['ipv6.version'] ?? 6;
  header.writeUInt32BE(((version << 28) | (trafficClass << 20) | (overrides['ipv6.flow'] ?? 0)) >>> 0, 0);
  header.writeUInt16BE(overrides['ipv6.plen'] ?? extension.length + length, 4);
  header[6] = overrides['ipv6.nxt'] ?? (place.fragment ? NEXT_FRAGMENT : PROTOCOL_TCP);
  header[7] = overrides['ipv6.hlim'] ?? segment.ttl;
  header.set(addressOctets(src), 8);
  header.set(addressOctets(dst), 24);
  return Buffer.concat([header, extension, body]);
}

function fragmentHeader({ id, offset, more }: FragmentPlace): Uint8Array {
  const header = Buffer.alloc(8);
  header[0] = PROTOCOL_TCP;
  header.writeUInt16BE(offset | (more ? 1 : 0), 2);
  header.writeUInt32BE(id, 4);
  return header;
}

function ethernet(segment: TesterSegment, packet: Uint8Array, link: LinkAddresses): Uint8Array {
  const { overrides, version } = segment;
  const mac = (text: string | undefined, otherwise: Uint8Array) =>
    text === undefined ? otherwise : macOctets(text);
  const type = Buffer.alloc(2);
  type.writeUInt16BE(ETHERTYPE[version], 0);
  return Buffer.concat([
    mac(overrides['eth.dst'], link.peer),
    mac(overrides['eth.src'], link.own),
    type,
    packet,
  ]);
}

function dsField({ dscp, ecn }: TesterSegment): number {
  return (dscp << 2) | ecn;
}

function paddedTo4(octets: Uint8Array = new Uint8Array()): Uint8Array {
  const padded = new Uint8Array(Math.ceil(octets.length / 4) * 4);
  padded.set(octets);
  return padded;
}
