import { isIPv6 } from 'node:net';

/** A TCP segment in an Ethernet frame with right checksums, built without any code of the project. */
export interface BuiltSegment {
  from: 'client' | 'server';
  family?: 'ipv4' | 'ipv6';
  clientPort?: number;
  serverPort?: number;
  seq?: number;
  ack?: number;
  flags?: number;
  window?: number;
  ttl?: number;
  options?: readonly number[];
  payload?: string;
}

export const ADDRESSES = {
  ipv4: { client: '10.0.0.1', server: '10.0.0.2' },
  ipv6: { client: 'fd00::1', server: 'fd00::2' },
} as const;
export const MACS = { client: '020000000001', server: '020000000002' } as const;

export function buildFrame(segment: BuiltSegment): Uint8Array {
  const { from, family = 'ipv4', clientPort = 40000, serverPort = 8080, options = [] } = segment;
  const to = from === 'client' ? 'server' : 'client';
  const ports = from === 'client' ? [clientPort, serverPort] : [serverPort, clientPort];
  const source = addressOf(ADDRESSES[family][from]);
  const destination = addressOf(ADDRESSES[family][to]);
  const tcp = Buffer.alloc(20 + options.length);
  tcp.writeUInt16BE(ports[0] ?? 0, 0);
  tcp.writeUInt16BE(ports[1] ?? 0, 2);
  tcp.writeUInt32BE(segment.seq ?? 1000, 4);
  tcp.writeUInt32BE(segment.ack ?? 0, 8);
  tcp.writeUInt16BE((((20 + options.length) / 4) << 12) | (segment.flags ?? 0x10), 12);
  tcp.writeUInt16BE(segment.window ?? 65535, 14);
  tcp.set(options, 20);
  const whole = Buffer.concat([tcp, Buffer.from(segment.payload ?? '')]);
  whole.writeUInt16BE(
    onesComplement([...source, ...destination, 0, 6, whole.length >> 8, whole.length & 255, ...whole]),
    16,
  );
  const ethernet = Buffer.from(`${MACS[to]}${MACS[from]}${family === 'ipv4' ? '0800' : '86dd'}`, 'hex');
  return new Uint8Array(
    Buffer.concat([ethernet, ipHeader(source, destination, whole.length, segment.ttl ?? 64), whole]),
  );
}

/** Whether the checksums of IP and TCP are right. */
export function sumsOf(frame: Uint8Array): { ip: boolean; tcp: boolean } {
  const v4 = frame[12] === 8;
  const header = v4 ? 20 : 40;
  const tcp = frame.subarray(14 + header);
  const addresses = frame.subarray(14 + (v4 ? 12 : 8), 14 + header);
  return {
    ip: !v4 || onesComplement([...frame.subarray(14, 34)]) === 0,
    tcp: onesComplement([...addresses, 0, 6, tcp.length >> 8, tcp.length & 255, ...tcp]) === 0,
  };
}

function ipHeader(source: number[], destination: number[], length: number, ttl: number): Buffer {
  if (source.length === 16)
    return Buffer.from([0x60, 0, 0, 0, length >> 8, length & 255, 6, ttl, ...source, ...destination]);
  const total = 20 + length;
  const start = [0x45, 0, total >> 8, total & 255, 0, 7, 0x40, 0, ttl, 6];
  const sum = onesComplement([...start, 0, 0, ...source, ...destination]);
  return Buffer.from([...start, sum >> 8, sum & 255, ...source, ...destination]);
}

function addressOf(address: string): number[] {
  if (!isIPv6(address)) return address.split('.').map(Number);
  return [0xfd, ...new Array<number>(14).fill(0), Number(address.at(-1))];
}

function onesComplement(octets: number[]): number {
  let sum = 0;
  for (let i = 0; i < octets.length; i += 2) sum += ((octets[i] ?? 0) << 8) | (octets[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
