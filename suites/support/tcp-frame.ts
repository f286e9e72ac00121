import { isIPv6 } from 'node:net';
import type { LabEnd } from '../../netns/lab.js';

/** An Ethernet frame with a bare TCP segment, checksums right; built here so that no codec of ours vouches for itself. */
export function tcpFrame(
  from: LabEnd,
  to: LabEnd,
  family: 'ipv4' | 'ipv6',
  segment: BareSegment,
): Uint8Array {
  const tcp = new DataView(new ArrayBuffer(20));
  tcp.setUint16(0, segment.sourcePort);
  tcp.setUint16(2, segment.destinationPort);
  tcp.setUint32(4, segment.seq);
  tcp.setUint8(12, 5 << 4);
  tcp.setUint8(13, segment.flags);
  const [source, destination] = [octetsOf(from[family]), octetsOf(to[family])];
  tcp.setUint16(16, checksum([...source, ...destination, 0, TCP, 0, 20, ...octets(tcp)]));
  const ethernet = [...macOf(to), ...macOf(from), ...(family === 'ipv4' ? [0x08, 0x00] : [0x86, 0xdd])];
  return Uint8Array.from([...ethernet, ...ipHeader(source, destination), ...octets(tcp)]);
}

export interface BareSegment {
  sourcePort: number;
  destinationPort: number;
  seq: number;
  flags: number;
}

export const SYN = 0x02;
export const RST = 0x04;

/** Flags of a TCP segment in an Ethernet frame without IP options; undefined when it is something else. */
export function tcpFlagsOf(frame: Uint8Array): number | undefined {
  const etherType = ((frame[12] ?? 0) << 8) | (frame[13] ?? 0);
  if (etherType === 0x0800 && frame[23] === TCP) return frame[14 + 20 + 13];
  if (etherType === 0x86dd && frame[20] === TCP) return frame[14 + 40 + 13];
  return undefined;
}

function ipHeader(source: number[], destination: number[]): number[] {
  if (source.length === 16) return [0x60, 0, 0, 0, 0, 20, TCP, 64, ...source, ...destination];
  const before = [0x45, 0, 0, 40, 0, 1, 0x40, 0, 64, TCP];
  const sum = checksum([...before, 0, 0, ...source, ...destination]);
  return [...before, sum >> 8, sum & 0xff, ...source, ...destination];
}

function checksum(data: number[]): number {
  let sum = 0;
  for (let i = 0; i < data.length; i += 2) sum += ((data[i] ?? 0) << 8) | (data[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

/** Of an IPv4 address, or of an IPv6 address of the lab: fd00::N. */
function octetsOf(address: string): number[] {
  if (!isIPv6(address)) return address.split('.').map(Number);
  const [high = '', low = ''] = address.split('::');
  const last = Number.parseInt(low, 16);
  return [Number.parseInt(high.slice(0, 2), 16), 0, ...new Array<number>(12).fill(0), last >> 8, last & 0xff];
}

function macOf(end: LabEnd): number[] {
  return end.mac.split(':').map((octet) => Number.parseInt(octet, 16));
}

function octets(view: DataView): Uint8Array {
  return new Uint8Array(view.buffer);
}

const TCP = 6;
