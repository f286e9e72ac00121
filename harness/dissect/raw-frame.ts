import type { OtherFrame, Packet } from './packet.js';
import { readTcpOptions } from './tcp-options.js';

/**
 * The fields by which every frame is asked for, from sharkd and from tshark alike. A frame comes as their values in
 * this order, '' where it has none, several joined by BETWEEN_VALUES.
 */
export const BASE_FIELDS = [
  'frame.time_epoch',
  'frame.interface_id',
  'frame.protocols',
  'ip.src',
  'ip.dst',
  'ip.ttl',
  'ip.dsfield',
  'ip.id',
  'ip.flags.df',
  'ipv6.src',
  'ipv6.dst',
  'ipv6.hlim',
  'ipv6.tclass',
  'tcp.stream',
  'tcp.srcport',
  'tcp.dstport',
  'tcp.seq_raw',
  'tcp.ack_raw',
  'tcp.flags',
  'tcp.len',
  'tcp.hdr_len',
  'tcp.window_size_value',
  'tcp.window_size',
  'tcp.urgent_pointer',
  'tcp.checksum',
  'tcp.checksum.status',
  'tcp.options',
] as const;

/** Position of a base field in a frame's values. */
export const AT = Object.fromEntries(BASE_FIELDS.map((name, index) => [name, index])) as Record<
  (typeof BASE_FIELDS)[number],
  number
>;

/** What stands in a frame, by its `frame.protocols`. */
export interface Layers {
  /** TCP that is not quoted by an ICMP error. */
  tcp: boolean;
  icmp: 4 | 6 | undefined;
  /** Version of the IP header that carries the TCP or ICMP, or of the outermost one. */
  version: 4 | 6 | undefined;
  /** Which of the frame's IP headers of that version it is, from 0. */
  ip: number;
  /** Octets before the IP header where they are only Ethernet and VLAN tags. */
  linkLength: number | undefined;
}

/** Reads `eth:ethertype:ip:tcp`. */
export function layersOf(protocols: string): Layers {
  let layers = known.get(protocols);
  if (layers === undefined) {
    // Hostile captures may nest at will; real ones have a few dozen forms.
    if (known.size > 1000) known.clear();
    layers = readLayers(protocols.split(':'));
    known.set(protocols, layers);
  }
  return layers;
}

const known = new Map<string, Layers>();

function readLayers(names: readonly string[]): Layers {
  const seen = { 4: 0, 6: 0 };
  let outermost: 4 | 6 | undefined;
  const layers: Layers = { tcp: false, icmp: undefined, version: undefined, ip: 0, linkLength: undefined };
  for (const [index, name] of names.entries()) {
    const version = name === 'ip' ? 4 : name === 'ipv6' ? 6 : undefined;
    if (version !== undefined) {
      outermost ??= version;
      layers.version = version;
      layers.ip = seen[version]++;
      layers.linkLength = ethernetLength(names.slice(0, index));
    } else if (name === 'tcp') {
      layers.tcp = true;
      return layers;
    } else if (name === 'icmp' || name === 'icmpv6') {
      layers.icmp = name === 'icmp' ? 4 : 6;
      return layers;
    }
  }
  return { ...layers, version: outermost, ip: 0 };
}

function ethernetLength(names: readonly string[]): number | undefined {
  const [first, second, ...rest] = names;
  if (first !== 'eth' || second !== 'ethertype') return undefined;
  for (let i = 0; i < rest.length; i += 2)
    if (rest[i] !== 'vlan' || rest[i + 1] !== 'ethertype') return undefined;
  return 14 + 2 * rest.length;
}

/**
 * The TCP packet of a frame, with relative numbers still 0 and without payload and analysis. Undefined where the frame
 * holds no TCP of its own or not a whole TCP header.
 */
export function toPacket(frame: number, values: readonly string[]): Packet | undefined {
  const layers = layersOf(values[AT['frame.protocols']] ?? '');
  if (!layers.tcp || layers.version === undefined) return undefined;
  const six = layers.version === 6;
  const ip = (four: number, other: number): string => nth(values[six ? other : four] ?? '', layers.ip);
  const tcp = (index: number): number => numberOf(nth(values[index] ?? '', 0));

  const [srcPort, dstPort] = [tcp(AT['tcp.srcport']), tcp(AT['tcp.dstport'])];
  const [seqRaw, ackRaw] = [tcp(AT['tcp.seq_raw']), tcp(AT['tcp.ack_raw'])];
  const [flags, len, headerLen] = [tcp(AT['tcp.flags']), tcp(AT['tcp.len']), tcp(AT['tcp.hdr_len'])];
  const [windowRaw, checksum] = [tcp(AT['tcp.window_size_value']), tcp(AT['tcp.checksum'])];
  // A header that is cut short or impossible lacks some of these.
  if (Number.isNaN(srcPort + dstPort + seqRaw + ackRaw + flags + len + headerLen + windowRaw + checksum))
    return undefined;

  const trafficClass = numberOf(ip(AT['ip.dsfield'], AT['ipv6.tclass']));
  const packet: Packet = {
    frame,
    time: Number(values[AT['frame.time_epoch']]),
    interfaceId: numberOf(values[AT['frame.interface_id']] ?? '') || 0,
    ip: {
      version: layers.version,
      src: ip(AT['ip.src'], AT['ipv6.src']),
      dst: ip(AT['ip.dst'], AT['ipv6.dst']),
      ttl: numberOf(ip(AT['ip.ttl'], AT['ipv6.hlim'])),
      dscp: trafficClass >> 2,
      ecn: trafficClass & 3,
    },
    tcp: {
      stream: tcp(AT['tcp.stream']) || 0,
      srcPort,
      dstPort,
      seqRaw,
      ackRaw,
      seq: 0,
      ack: 0,
      flags,
      len,
      headerLen,
      windowRaw,
      window: orElse(tcp(AT['tcp.window_size']), windowRaw),
      urgentPointer: orElse(tcp(AT['tcp.urgent_pointer']), 0),
      checksum,
      checksumStatus: checksumStatusOf(nth(values[AT['tcp.checksum.status']] ?? '', 0), checksum),
      options: readTcpOptions(octetsOf(nth(values[AT['tcp.options']] ?? '', 0)), headerLen - SHORTEST_HEADER),
      payload: NO_PAYLOAD,
      analysis: [],
    },
    fields: {},
  };
  if (!six) {
    packet.ip.id = numberOf(ip(AT['ip.id'], 0)) || 0;
    packet.ip.dontFragment = isSet(ip(AT['ip.flags.df'], 0));
  }
  return packet;
}

/** What is asked for in addition of frames that are no TCP packets. */
export const OTHER_FIELDS = [
  'eth.src',
  'eth.dst',
  'sll.src.eth',
  'icmp.type',
  'icmp.code',
  'icmp.mtu',
  'icmpv6.type',
  'icmpv6.code',
  'icmpv6.mtu',
] as const;

/** The values of OTHER_FIELDS and of Wireshark's columns. */
export interface OtherValues {
  values: readonly string[];
  protocol: string;
  info: string;
}

/** A frame that is no TCP packet; an ICMP error with whose TCP header it quotes. */
export function toOtherFrame(frame: number, values: readonly string[], other: OtherValues): OtherFrame {
  const layers = layersOf(values[AT['frame.protocols']] ?? '');
  const [etherSrc, etherDst, cookedSrc, ...icmp] = other.values;
  const address = (four: number, six: number, index = layers.ip): string =>
    layers.version === undefined ? '' : nth(values[layers.version === 6 ? six : four] ?? '', index);
  const result: OtherFrame = {
    frame,
    time: Number(values[AT['frame.time_epoch']]),
    interfaceId: numberOf(values[AT['frame.interface_id']] ?? '') || 0,
    protocol: other.protocol,
    info: other.info.trim(),
    src: address(AT['ip.src'], AT['ipv6.src']) || nth(etherSrc ?? '', 0) || nth(cookedSrc ?? '', 0),
    dst: address(AT['ip.dst'], AT['ipv6.dst']) || nth(etherDst ?? '', 0),
  };
  const type = layers.icmp === undefined ? NaN : numberOf(nth(icmp[layers.icmp === 4 ? 0 : 3] ?? '', 0));
  if (layers.icmp === undefined || Number.isNaN(type)) return result;
  const [code, mtu] = layers.icmp === 4 ? [icmp[1], icmp[2]] : [icmp[4], icmp[5]];
  result.icmp = { version: layers.icmp, type, code: orElse(numberOf(nth(code ?? '', 0)), 0) };
  if (mtu !== undefined && mtu !== '') result.icmp.mtu = numberOf(nth(mtu, 0));
  const quoted = {
    src: address(AT['ip.src'], AT['ipv6.src'], layers.ip + 1),
    dst: address(AT['ip.dst'], AT['ipv6.dst'], layers.ip + 1),
    srcPort: numberOf(nth(values[AT['tcp.srcport']] ?? '', 0)),
    dstPort: numberOf(nth(values[AT['tcp.dstport']] ?? '', 0)),
  };
  if (!Number.isNaN(quoted.srcPort + quoted.dstPort)) result.icmp.quoted = quoted;
  return result;
}

/** Between several values of a field: a character that no value has. */
export const BETWEEN_VALUES = '\x1f';

/** The value at `index` of several; the last one where there are fewer. */
function nth(text: string, index: number): string {
  if (!text.includes(BETWEEN_VALUES)) return text;
  const all = text.split(BETWEEN_VALUES);
  return all[index] ?? all.at(-1) ?? '';
}

/** `4660`, `0x1234` and `0x1234 (4660)`; NaN for any other text. */
export function numberOf(text: string): number {
  if (text === '') return NaN;
  const space = text.indexOf(' ');
  return Number(space < 0 ? text : text.slice(0, space));
}

/** Whether a boolean field is set, in the words of any version. */
export function isSet(text: string): boolean {
  return text === '1' || text === 'Set' || text === 'True';
}

/** A plain Uint8Array; large ones in memory of their own. */
export function octetsOf(hex: string): Uint8Array {
  if (hex === '') return NO_PAYLOAD;
  const octets = Buffer.from(hex, 'hex');
  return new Uint8Array(octets.buffer, octets.byteOffset, octets.length);
}

/** Wireshark calls 0xffff wrong where 0 was calculated, but both are zero in ones' complement: kernels send either. */
function checksumStatusOf(text: string, checksum: number): Packet['tcp']['checksumStatus'] {
  const status = text.toLowerCase();
  if (status === '1' || status === 'good') return 'good';
  const isWrong = status === '0' || status === 'bad';
  return isWrong && checksum !== ONES_ZERO ? 'bad' : 'unverified';
}

const ONES_ZERO = 0xffff;
/** Octets of a TCP header without options. */
const SHORTEST_HEADER = 20;

const orElse = (value: number, fallback: number): number => (Number.isNaN(value) ? fallback : value);
const NO_PAYLOAD = new Uint8Array();
