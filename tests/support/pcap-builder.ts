/**
 * Builds frames and capture files octet by octet, for tests of everything that reads captures. It can build what no
 * sane stack sends: wrong checksums, impossible lengths, truncated frames.
 */

export interface TcpFrameSpec {
  src?: string;
  dst?: string;
  srcPort?: number;
  dstPort?: number;
  seq?: number;
  ack?: number;
  /** Low 12 bits of octets 13-14. */
  flags?: number;
  window?: number;
  urgent?: number;
  /** Option octets as on the wire; padded with EOL to a multiple of four. */
  options?: readonly number[];
  payload?: string | Uint8Array;
  ttl?: number;
  dscp?: number;
  ecn?: number;
  ipId?: number;
  dontFragment?: boolean;
  /** Written as is instead of the right one. */
  checksum?: number;
  /** Data offset in octets, wrong on purpose. */
  headerLen?: number;
}

const octets = (...parts: (readonly number[] | Uint8Array)[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => [...part]));
const be16 = (value: number): number[] => [(value >>> 8) & 0xff, value & 0xff];
const be32 = (value: number): number[] => [...be16(value >>> 16), ...be16(value & 0xffff)];

/** A TCP segment with its IP header, without a link layer; IPv6 where `src` has a colon. */
export function ipTcp(spec: TcpFrameSpec): Uint8Array {
  const src = spec.src ?? '10.0.0.1';
  const dst = spec.dst ?? '10.0.0.2';
  return ipPacket({ ...spec, src, dst, protocol: 6, body: tcpSegment(src, dst, spec) });
}

/** An Ethernet frame with a TCP segment. */
export function tcpFrame(spec: TcpFrameSpec): Uint8Array {
  return etherIp(ipTcp(spec));
}

/** A TCP segment: header, options and payload with a right checksum unless told otherwise. */
export function tcpSegment(src: string, dst: string, spec: TcpFrameSpec): Uint8Array {
  const options = [...(spec.options ?? [])];
  while (options.length % 4 !== 0) options.push(0);
  const payload =
    typeof spec.payload === 'string'
      ? new TextEncoder().encode(spec.payload)
      : (spec.payload ?? new Uint8Array());
  const headerLen = spec.headerLen ?? 20 + options.length;
  const segment = octets(
    be16(spec.srcPort ?? 12345),
    be16(spec.dstPort ?? 8080),
    be32(spec.seq ?? 0),
    be32(spec.ack ?? 0),
    be16(((headerLen / 4) << 12) | (spec.flags ?? 0x010)),
    be16(spec.window ?? 65535),
    [0, 0],
    be16(spec.urgent ?? 0),
    options,
    payload,
  );
  const pseudo = octets(address(src), address(dst), be32(segment.length), be32(6));
  const sum = spec.checksum ?? checksum(octets(pseudo, segment));
  segment.set(be16(sum), 16);
  return segment;
}

export interface IpSpec {
  src: string;
  dst: string;
  protocol: number;
  body: Uint8Array;
  ttl?: number;
  dscp?: number;
  ecn?: number;
  ipId?: number;
  dontFragment?: boolean;
  moreFragments?: boolean;
  /** Offset in units of 8 octets. */
  fragmentOffset?: number;
}

/** An IPv4 or (where `src` has a colon) IPv6 packet. */
export function ipPacket(spec: IpSpec): Uint8Array {
  const trafficClass = ((spec.dscp ?? 0) << 2) | (spec.ecn ?? 0);
  if (spec.src.includes(':')) {
    return octets(
      be32(0x60000000 | (trafficClass << 20)),
      be16(spec.body.length),
      [spec.protocol, spec.ttl ?? 64],
      address(spec.src),
      address(spec.dst),
      spec.body,
    );
  }
  const fragment =
    ((spec.dontFragment ?? false) ? 0x4000 : 0) |
    ((spec.moreFragments ?? false) ? 0x2000 : 0) |
    (spec.fragmentOffset ?? 0);
  const header = octets(
    [0x45, trafficClass],
    be16(20 + spec.body.length),
    be16(spec.ipId ?? 0),
    be16(fragment),
    [spec.ttl ?? 64, spec.protocol, 0, 0],
    address(spec.src),
    address(spec.dst),
  );
  header.set(be16(checksum(header)), 10);
  return octets(header, spec.body);
}

/** An ICMP "destination unreachable" (type 3, or 1 for IPv6) or other error that quotes a packet. */
export function icmpError(spec: {
  src: string;
  dst: string;
  type: number;
  code: number;
  mtu?: number;
  quoted: Uint8Array;
}): Uint8Array {
  const six = spec.src.includes(':');
  const body = octets([spec.type, spec.code, 0, 0], be32(spec.mtu ?? 0), spec.quoted);
  const pseudo = six
    ? octets(address(spec.src), address(spec.dst), be32(body.length), be32(58))
    : new Uint8Array();
  body.set(be16(checksum(octets(pseudo, body))), 2);
  return ipPacket({ src: spec.src, dst: spec.dst, protocol: six ? 58 : 1, body });
}

/** Ethernet around an IP packet, with VLAN tags outermost first. */
export function etherIp(packet: Uint8Array, vlans: readonly number[] = []): Uint8Array {
  const six = (packet[0] ?? 0) >> 4 === 6;
  return ether(six ? 0x86dd : 0x0800, packet, vlans);
}

export function ether(type: number, body: Uint8Array, vlans: readonly number[] = []): Uint8Array {
  return octets(
    [2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1],
    ...vlans.map((id) => [...be16(0x8100), ...be16(id)]),
    be16(type),
    body,
  );
}

/** An ARP request: who has `target`, tell `sender`. */
export function arpRequest(sender: string, target: string): Uint8Array {
  return ether(
    0x0806,
    octets([0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 1], address(sender), [0, 0, 0, 0, 0, 0], address(target)),
  );
}

/** The Internet checksum (RFC 1071) over octets whose own checksum field is zero. */
export function checksum(data: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < data.length; i += 2) sum += ((data[i] ?? 0) << 8) | (data[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

export interface CapturedFrameSpec {
  /** Nanoseconds since the Unix epoch. */
  time: bigint;
  bytes: Uint8Array;
  interfaceId?: number;
  /** Length on the wire, where the capture cut the frame. */
  originalLength?: number;
}

export const LINKTYPE_ETHERNET = 1;
export const LINKTYPE_NULL = 0;
export const LINKTYPE_RAW = 101;
export const LINKTYPE_SLL = 113;

/** Frames one millisecond apart from 2026-11-18 on. */
export function everyMillisecond(frames: readonly Uint8Array[]): CapturedFrameSpec[] {
  return frames.map((bytes, i) => ({ time: 1795000000000000000n + BigInt(i) * 1000000n, bytes }));
}

/** A pcapng file, little-endian, nanosecond time stamps. */
export function pcapngFile(
  frames: readonly CapturedFrameSpec[],
  interfaces: readonly { name: string; linkType?: number; snapLen?: number }[] = [{ name: 'v0' }],
): Uint8Array {
  const section = [...le32(0x1a2b3c4d), ...le16(1), ...le16(0), ...Array<number>(8).fill(0xff)];
  const blocks = [block(0x0a0d0d0a, section)];
  for (const { name, linkType, snapLen } of interfaces) {
    blocks.push(
      block(1, [
        ...le16(linkType ?? LINKTYPE_ETHERNET),
        ...le16(0),
        ...le32(snapLen ?? 262144),
        ...option(2, [...new TextEncoder().encode(name)]),
        ...option(9, [9]),
        ...le32(0),
      ]),
    );
  }
  for (const frame of frames) {
    blocks.push(
      block(6, [
        ...le32(frame.interfaceId ?? 0),
        ...le32(Number(frame.time >> 32n)),
        ...le32(Number(frame.time & 0xffffffffn)),
        ...le32(frame.bytes.length),
        ...le32(frame.originalLength ?? frame.bytes.length),
        ...padded(frame.bytes),
      ]),
    );
  }
  return octets(...blocks);
}

/** A classic pcap file, little-endian, microseconds. */
export function pcapFile(frames: readonly CapturedFrameSpec[], linkType = LINKTYPE_ETHERNET): Uint8Array {
  const header = [
    ...le32(0xa1b2c3d4),
    ...le16(2),
    ...le16(4),
    ...le32(0),
    ...le32(0),
    ...le32(262144),
    ...le32(linkType),
  ];
  const records = frames.map((frame) => [
    ...le32(Number(frame.time / 1000000000n)),
    ...le32(Number((frame.time % 1000000000n) / 1000n)),
    ...le32(frame.bytes.length),
    ...le32(frame.originalLength ?? frame.bytes.length),
    ...frame.bytes,
  ]);
  return octets(header, ...records);
}

const le16 = (value: number): number[] => [value & 0xff, (value >>> 8) & 0xff];
const le32 = (value: number): number[] => [...le16(value & 0xffff), ...le16(value >>> 16)];
const padded = (data: readonly number[] | Uint8Array): number[] => [
  ...data,
  ...Array<number>((4 - (data.length % 4)) % 4).fill(0),
];
const option = (code: number, value: number[]): number[] => [
  ...le16(code),
  ...le16(value.length),
  ...padded(value),
];

function block(type: number, body: number[]): number[] {
  const length = body.length + 12;
  return [...le32(type), ...le32(length), ...body, ...le32(length)];
}

function address(text: string): number[] {
  if (!text.includes(':')) return text.split('.').map(Number);
  const [head = '', tail] = text.split('::');
  const words = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((word) => parseInt(word, 16));
  const front = words(head);
  const back = tail === undefined ? [] : words(tail);
  const middle = Array<number>(8 - front.length - back.length).fill(0);
  return [...front, ...middle, ...back].flatMap((word) => be16(word));
}
