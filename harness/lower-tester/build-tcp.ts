import { addressOctets } from '../../tcp-lite/wire/address.js';
import { complement, sum16 } from '../../tcp-lite/wire/checksum.js';
import { encodeOptions, optionsLength } from '../../tcp-lite/wire/tcp-options.js';
import type { SegmentOptions } from '../../tcp-lite/wire/segment.js';
import type { Overrides } from '../case/overrides.js';
import { wantedChecksum } from './wanted-checksum.js';

/** A segment with every number worked out, before anything is made wrong on purpose. Numbers are raw. */
export interface TesterSegment {
  version: 4 | 6;
  src: string;
  dst: string;
  srcPort: number;
  dstPort: number;
  seq: number;
  ack: number;
  /** The low 12 bits of octets 13-14. */
  flags: number;
  window: number;
  urgent: number;
  options: SegmentOptions;
  payload: Uint8Array;
  ttl: number;
  dscp: number;
  ecn: number;
  overrides: Overrides;
}

const TCP_HEADER = 20;
const PROTOCOL_TCP = 6;
const MAX_DATA_OFFSET = 60;

/**
 * The octets of the TCP segment. Fields that the case overrides are as it says, whether right or wrong; the checksum is
 * right for the result unless it is overridden itself, so that one wrong field is the only one.
 */
export function buildTcp(segment: TesterSegment): Uint8Array {
  const { overrides } = segment;
  const options = optionOctets(segment);
  const length = TCP_HEADER + options.length;
  const octets = Buffer.alloc(length + segment.payload.length);
  const dataOffset = overrides['tcp.hdr_len'] ?? Math.min(length, MAX_DATA_OFFSET);
  const reserved = overrides['tcp.flags.res'];
  const flags = reserved === undefined ? segment.flags : (segment.flags & 0x1ff) | (reserved << 9);
  octets.writeUInt16BE(overrides['tcp.srcport'] ?? segment.srcPort, 0);
  octets.writeUInt16BE(overrides['tcp.dstport'] ?? segment.dstPort, 2);
  octets.writeUInt32BE(segment.seq >>> 0, 4);
  octets.writeUInt32BE(segment.ack >>> 0, 8);
  octets.writeUInt16BE(((dataOffset / 4) << 12) | (flags & 0xfff), 12);
  octets.writeUInt16BE(overrides['tcp.window_size_value'] ?? segment.window, 14);
  octets.writeUInt16BE(segment.urgent & 0xffff, 18);
  octets.set(options, TCP_HEADER);
  octets.set(segment.payload, length);
  octets.writeUInt16BE(checksumOf(segment, octets), 16);
  return octets;
}

/** Source and destination address as they stand in the IP header. */
export function addressesOf({ version, src, dst, overrides }: TesterSegment): { src: string; dst: string } {
  return version === 4
    ? { src: overrides['ip.src'] ?? src, dst: overrides['ip.dst'] ?? dst }
    : { src: overrides['ipv6.src'] ?? src, dst: overrides['ipv6.dst'] ?? dst };
}

function optionOctets({ options, overrides }: TesterSegment): Uint8Array {
  const raw = overrides['tcp.options'];
  if (raw !== undefined) {
    if (overrides['tcp.hdr_len'] !== undefined) return raw;
    const padded = new Uint8Array(Math.ceil(raw.length / 4) * 4);
    padded.set(raw);
    return padded;
  }
  const shift = overrides['tcp.options.wscale.shift'];
  const complete = shift === undefined ? options : { ...options, windowScale: shift };
  const octets = new Uint8Array(optionsLength(complete));
  encodeOptions(complete, octets, 0);
  return octets;
}

function checksumOf(segment: TesterSegment, octets: Uint8Array): number {
  const { src, dst } = addressesOf(segment);
  const [from, to] = [addressOctets(src), addressOctets(dst)];
  const pseudo = sum16(from, 0, from.length) + sum16(to, 0, to.length) + PROTOCOL_TCP + octets.length;
  const right = complement(pseudo + sum16(octets, 0, octets.length));
  return wantedChecksum(segment.overrides['tcp.checksum'], right, 'tcp.checksum');
}
