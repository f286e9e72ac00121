import type { Packet } from '../dissect/packet.js';

/**
 * How one name of a pattern is read from a packet. `values` are in wire order and empty where the field is absent.
 * `sequence` fields live in a space that wraps modulo 2^32 and are compared there (RFC 9293 section 3.4).
 */
export interface Field {
  values(packet: Packet): (number | string)[];
  sequence: boolean;
  /** The n-th naming of the field in a pattern means its n-th occurrence, else any occurrence counts. */
  ordered: boolean;
  /** tshark field that the dissector must be asked for; absent where every packet carries it already. */
  ask?: string;
}

/** The field that a name of the line grammar or of tshark stands for; any name is one, known here or not. */
export function fieldNamed(name: string): Field {
  return KNOWN.get(name) ?? analysisFlag(name) ?? askedFor(name);
}

/** SACK edges relative to the ISN of the side whose data they acknowledge, as Wireshark shows them. */
export function relativeSackEdges(packet: Packet): { left: number; right: number }[] {
  const base = packet.tcp.ackRaw - packet.tcp.ack;
  return (packet.tcp.options.sackBlocks ?? []).map(({ left, right }) => ({
    left: (left - base) >>> 0,
    right: (right - base) >>> 0,
  }));
}

/** What tshark printed: flags come as `1`, `True` or a check mark, numbers in decimal or hex; the rest stays text. */
export function fieldValueOf(text: string): number | string {
  if (/^(?:true|✓|✔)$/i.test(text)) return 1;
  if (/^false$/i.test(text)) return 0;
  const number = text.trim() === '' ? NaN : Number(text);
  return Number.isFinite(number) ? number : text;
}

const plain = (values: Field['values']): Field => ({ values, sequence: false, ordered: false });
const sequence = (values: Field['values']): Field => ({ values, sequence: true, ordered: false });
const listed = (values: Field['values']): Field => ({ values, sequence: true, ordered: true });
const one = (value: number | string | undefined): (number | string)[] => (value === undefined ? [] : [value]);
const bit = (value: boolean | number | undefined): (number | string)[] =>
  value === undefined ? [] : [value ? 1 : 0];

const flagBit = (shift: number): Field => plain(({ tcp }) => [(tcp.flags >> shift) & 1]);
const ofVersion = (version: 4 | 6, values: Field['values']): Field =>
  plain((packet) => (packet.ip.version === version ? values(packet) : []));

const seq = sequence(({ tcp }) => [tcp.seq]);
const ack = sequence(({ tcp }) => [tcp.ack]);
const window = plain(({ tcp }) => [tcp.window]);
const len = plain(({ tcp }) => [tcp.len]);
const urgent = plain(({ tcp }) => [tcp.urgentPointer]);
const mss = plain(({ tcp }) => one(tcp.options.mss));
const multiplier = plain(({ tcp: { options } }) =>
  options.windowScale === undefined ? [] : [2 ** Math.min(options.windowScale, 14)],
);
const sackPermitted = plain(({ tcp }) => (tcp.options.sackPermitted ? [1] : []));
const tsValue = sequence(({ tcp }) => one(tcp.options.timestamp?.value));
const tsEcho = sequence(({ tcp }) => one(tcp.options.timestamp?.echoReply));
const sackLeft = listed((packet) => relativeSackEdges(packet).map((block) => block.left));
const sackRight = listed((packet) => relativeSackEdges(packet).map((block) => block.right));

const CHECKSUM_STATUS = { bad: 0, good: 1, unverified: 2 };

const KNOWN = new Map<string, Field>([
  ['Seq', seq],
  ['tcp.seq', seq],
  ['tcp.seq_raw', sequence(({ tcp }) => [tcp.seqRaw])],
  ['Ack', ack],
  ['tcp.ack', ack],
  ['tcp.ack_raw', sequence(({ tcp }) => [tcp.ackRaw])],
  ['Win', window],
  ['tcp.window_size', window],
  ['tcp.window_size_value', plain(({ tcp }) => [tcp.windowRaw])],
  ['Len', len],
  ['tcp.len', len],
  ['Urg', urgent],
  ['tcp.urgent_pointer', urgent],
  ['MSS', mss],
  ['tcp.options.mss_val', mss],
  ['WS', multiplier],
  ['tcp.options.wscale.multiplier', multiplier],
  ['tcp.options.wscale.shift', plain(({ tcp }) => one(tcp.options.windowScale))],
  ['SACK_PERM', sackPermitted],
  ['tcp.options.sack_perm', sackPermitted],
  ['TSval', tsValue],
  ['tcp.options.timestamp.tsval', tsValue],
  ['TSecr', tsEcho],
  ['tcp.options.timestamp.tsecr', tsEcho],
  ['SLE', sackLeft],
  ['tcp.options.sack_le', sackLeft],
  ['SRE', sackRight],
  ['tcp.options.sack_re', sackRight],
  ['tcp.options.sack.count', plain(({ tcp }) => one(tcp.options.sackBlocks?.length))],
  ['tcp.option_kind', plain(({ tcp }) => tcp.options.kinds)],
  ['tcp.srcport', plain(({ tcp }) => [tcp.srcPort])],
  ['tcp.dstport', plain(({ tcp }) => [tcp.dstPort])],
  ['tcp.port', plain(({ tcp }) => [tcp.srcPort, tcp.dstPort])],
  ['tcp.stream', plain(({ tcp }) => [tcp.stream])],
  ['tcp.hdr_len', plain(({ tcp }) => [tcp.headerLen])],
  ['tcp.checksum', plain(({ tcp }) => [tcp.checksum])],
  ['tcp.checksum.status', plain(({ tcp }) => [CHECKSUM_STATUS[tcp.checksumStatus]])],
  ['tcp.flags', plain(({ tcp }) => [tcp.flags])],
  ['tcp.flags.fin', flagBit(0)],
  ['tcp.flags.syn', flagBit(1)],
  ['tcp.flags.reset', flagBit(2)],
  ['tcp.flags.push', flagBit(3)],
  ['tcp.flags.ack', flagBit(4)],
  ['tcp.flags.urg', flagBit(5)],
  ['tcp.flags.ece', flagBit(6)],
  ['tcp.flags.ecn', flagBit(6)],
  ['tcp.flags.cwr', flagBit(7)],
  ['tcp.flags.ae', flagBit(8)],
  ['tcp.flags.ns', flagBit(8)],
  ['tcp.flags.res', plain(({ tcp }) => [(tcp.flags >> 9) & 7])],
  ['tcp.payload', plain(({ tcp }) => (tcp.len === 0 ? [] : [Buffer.from(tcp.payload).toString('hex')]))],
  ['TTL', plain(({ ip }) => [ip.ttl])],
  ['DSCP', plain(({ ip }) => [ip.dscp])],
  ['ECN', plain(({ ip }) => [ip.ecn])],
  ['ip.version', plain(({ ip }) => [ip.version])],
  ['ip.ttl', ofVersion(4, ({ ip }) => [ip.ttl])],
  ['ip.id', ofVersion(4, ({ ip }) => one(ip.id))],
  ['ip.dsfield.dscp', ofVersion(4, ({ ip }) => [ip.dscp])],
  ['ip.dsfield.ecn', ofVersion(4, ({ ip }) => [ip.ecn])],
  ['ip.flags.df', ofVersion(4, ({ ip }) => bit(ip.dontFragment))],
  ['ip.src', ofVersion(4, ({ ip }) => [ip.src])],
  ['ip.dst', ofVersion(4, ({ ip }) => [ip.dst])],
  ['ip.addr', ofVersion(4, ({ ip }) => [ip.src, ip.dst])],
  ['ipv6.hlim', ofVersion(6, ({ ip }) => [ip.ttl])],
  ['ipv6.tclass.dscp', ofVersion(6, ({ ip }) => [ip.dscp])],
  ['ipv6.tclass.ecn', ofVersion(6, ({ ip }) => [ip.ecn])],
  ['ipv6.src', ofVersion(6, ({ ip }) => [ip.src])],
  ['ipv6.dst', ofVersion(6, ({ ip }) => [ip.dst])],
  ['ipv6.addr', ofVersion(6, ({ ip }) => [ip.src, ip.dst])],
]);

/** Analysis fields that are flags; the others of `tcp.analysis.` carry a number and must be asked for. */
const ANALYSIS_FLAGS = new Set([
  'retransmission',
  'fast_retransmission',
  'spurious_retransmission',
  'out_of_order',
  'lost_segment',
  'ack_lost_segment',
  'duplicate_ack',
  'keep_alive',
  'keep_alive_ack',
  'reused_ports',
  'tfo_ack',
  'tfo_syn',
  'window_full',
  'window_update',
  'zero_window',
  'zero_window_probe',
  'zero_window_probe_ack',
]);

function analysisFlag(name: string): Field | undefined {
  const short = name.startsWith('tcp.analysis.') ? name.slice('tcp.analysis.'.length) : '';
  if (short === 'flags') return plain(({ tcp }) => (tcp.analysis.length > 0 ? [1] : []));
  if (!ANALYSIS_FLAGS.has(short)) return undefined;
  return plain(({ tcp }) => (tcp.analysis.includes(short) ? [1] : []));
}

function askedFor(name: string): Field {
  return { ...plain((packet) => (packet.fields[name] ?? []).map(fieldValueOf)), ask: name };
}
