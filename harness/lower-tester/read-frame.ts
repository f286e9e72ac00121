import { ipv4Text, ipv6Text } from '../../tcp-lite/wire/address.js';
import type { Packet, TcpOptions } from '../dissect/packet.js';
import { readIpv4Options } from './read-ip-options.js';

const ETHERNET_HEADER = 14;
const IPV4 = 0x0800;
const IPV6 = 0x86dd;
const PROTOCOL_TCP = 6;
const IPV6_FRAGMENT = 44;

/**
 * The tester's live view of a frame: a Packet as far as headers tell, or undefined where it is no whole TCP segment.
 * Relative numbers are left 0 (the matcher works them out), checksums are not looked at: the verdict is tshark's.
 */
export function readFrame(frame: Uint8Array, timeMs: number, number: number): Packet | undefined {
  if (frame.length < ETHERNET_HEADER + 20) return undefined;
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const type = view.getUint16(12);
  const packet = type === IPV4 ? readIpv4(frame, view) : type === IPV6 ? readIpv6(frame, view) : undefined;
  if (!packet) return undefined;
  const tcp = readTcp(frame, view, packet.start, Math.min(packet.end, frame.length));
  if (!tcp) return undefined;
  return { frame: number, time: timeMs / 1000, interfaceId: 0, ip: packet.ip, tcp, fields: packet.fields };
}

interface IpPart {
  ip: Packet['ip'];
  /** By tshark's names. */
  fields: Packet['fields'];
  start: number;
  end: number;
}

function readIpv4(frame: Uint8Array, view: DataView): IpPart | undefined {
  const at = ETHERNET_HEADER;
  const headerLength = (frame[at]! & 15) * 4;
  const fragment = view.getUint16(at + 6);
  if (frame[at + 9] !== PROTOCOL_TCP || (fragment & 0x3fff) !== 0) return undefined;
  const { fields, destination } = readIpv4Options(frame, at);
  return {
    fields,
    ip: {
      version: 4,
      src: ipv4Text(frame, at + 12),
      dst: destination,
      ttl: frame[at + 8]!,
      dscp: frame[at + 1]! >>> 2,
      ecn: frame[at + 1]! & 3,
      id: view.getUint16(at + 4),
      dontFragment: (fragment & 0x4000) !== 0,
    },
    start: at + headerLength,
    end: at + view.getUint16(at + 2),
  };
}

function readIpv6(frame: Uint8Array, view: DataView): IpPart | undefined {
  const at = ETHERNET_HEADER;
  if (frame.length < at + 40) return undefined;
  const next = frame[at + 6]!;
  // Only a packet that is whole in one frame: a fragment header with nothing before and after it.
  const atomic =
    next === IPV6_FRAGMENT && frame[at + 40] === PROTOCOL_TCP && (view.getUint16(at + 42) & 0xfff9) === 0;
  if (next !== PROTOCOL_TCP && !atomic) return undefined;
  const trafficClass = (view.getUint16(at) >>> 4) & 0xff;
  return {
    fields: {},
    ip: {
      version: 6,
      src: ipv6Text(frame, at + 8),
      dst: ipv6Text(frame, at + 24),
      ttl: frame[at + 7]!,
      dscp: trafficClass >>> 2,
      ecn: trafficClass & 3,
    },
    start: at + 40 + (atomic ? 8 : 0),
    end: at + 40 + view.getUint16(at + 4),
  };
}

function readTcp(frame: Uint8Array, view: DataView, start: number, end: number): Packet['tcp'] | undefined {
  if (end - start < 20) return undefined;
  const headerLength = (frame[start + 12]! >>> 4) * 4;
  const dataStart = Math.min(end, start + Math.max(20, headerLength));
  const window = view.getUint16(start + 14);
  return {
    stream: 0,
    srcPort: view.getUint16(start),
    dstPort: view.getUint16(start + 2),
    seqRaw: view.getUint32(start + 4),
    ackRaw: view.getUint32(start + 8),
    seq: 0,
    ack: 0,
    flags: view.getUint16(start + 12) & 0x0fff,
    len: end - dataStart,
    headerLen: headerLength,
    windowRaw: window,
    window,
    urgentPointer: view.getUint16(start + 18),
    checksum: view.getUint16(start + 16),
    checksumStatus: 'unverified',
    options: readOptions(view, start + 20, dataStart),
    payload: frame.slice(dataStart, end),
    analysis: [],
  };
}

function readOptions(view: DataView, start: number, end: number): TcpOptions {
  const options: TcpOptions = { kinds: [] };
  for (let at = start; at < end;) {
    const kind = view.getUint8(at);
    options.kinds.push(kind);
    if (kind === 0) break;
    if (kind === 1) {
      at++;
      continue;
    }
    const length = at + 1 < end ? view.getUint8(at + 1) : 0;
    if (length < 2 || at + length > end) break;
    readOption(view, at, kind, length, options);
    at += length;
  }
  return options;
}

function readOption(view: DataView, at: number, kind: number, length: number, options: TcpOptions): void {
  if (kind === 2 && length === 4) options.mss = view.getUint16(at + 2);
  if (kind === 3 && length === 3) options.windowScale = view.getUint8(at + 2);
  if (kind === 4 && length === 2) options.sackPermitted = true;
  if (kind === 8 && length === 10) {
    options.timestamp = { value: view.getUint32(at + 2), echoReply: view.getUint32(at + 6) };
  }
  if (kind !== 5) return;
  options.sackBlocks = [];
  for (let edge = at + 2; edge + 8 <= at + length; edge += 8) {
    options.sackBlocks.push({ left: view.getUint32(edge), right: view.getUint32(edge + 4) });
  }
}
