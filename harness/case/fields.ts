/** A key of the line grammar: one item of Wireshark's Info column. */
export interface LineField {
  key: string;
  /** The tshark field that says the same, where there is one. */
  tshark?: string;
  description: string;
  /** Stands without a value, as `SACK_PERM` does. */
  bare?: boolean;
  /** May stand several times, in the order of the header. */
  repeatable?: boolean;
  /** Largest number the field can hold; sequence numbers wrap instead. */
  max?: number;
}

/** What `let:` may take of a packet that is no field of it: the ms since the item before it. */
export const ELAPSED = 'elapsed';

/** In the order in which Wireshark prints them, and so do we. */
export const LINE_FIELDS: readonly LineField[] = [
  {
    key: 'Seq',
    tshark: 'tcp.seq',
    description: "sequence number, relative to the sender's ISN (the SYN is 0)",
  },
  { key: 'Ack', tshark: 'tcp.ack', description: "acknowledgement number, relative to the other side's ISN" },
  {
    key: 'Win',
    max: 65535 * 2 ** 14,
    tshark: 'tcp.window_size',
    description:
      'window in octets, scaled once the handshake is over, as Wireshark shows it (the field in the header is tcp.window_size_value)',
  },
  { key: 'Urg', max: 0xffff, tshark: 'tcp.urgent_pointer', description: 'urgent pointer' },
  { key: 'Len', max: 0xffff, tshark: 'tcp.len', description: 'octets of payload' },
  {
    key: 'MSS',
    max: 0xffff,
    tshark: 'tcp.options.mss_val',
    description: 'maximum segment size option, octets',
  },
  {
    key: 'WS',
    max: 2 ** 14,
    tshark: 'tcp.options.wscale.multiplier',
    description:
      'window scale option as a factor, 128 for a shift of 7 (the shift is tcp.options.wscale.shift)',
  },
  { key: 'SACK_PERM', tshark: 'tcp.options.sack_perm', description: 'SACK-permitted option', bare: true },
  { key: 'TSval', tshark: 'tcp.options.timestamp.tsval', description: 'timestamp value' },
  { key: 'TSecr', tshark: 'tcp.options.timestamp.tsecr', description: 'timestamp echo reply' },
  {
    key: 'SLE',
    tshark: 'tcp.options.sack_le',
    description: 'left edge of a SACK block, relative to the ISN of the side that sent the data',
    repeatable: true,
  },
  { key: 'SRE', tshark: 'tcp.options.sack_re', description: 'right edge of a SACK block', repeatable: true },
  { key: 'TTL', max: 255, description: 'time to live (IPv4) or hop limit (IPv6)' },
  { key: 'DSCP', max: 63, description: 'differentiated services code point, either IP version' },
  { key: 'ECN', max: 3, description: 'ECN bits of the IP header, either IP version' },
];

export const LINE_KEYS: readonly string[] = LINE_FIELDS.map(({ key }) => key);

const BY_KEY = new Map(LINE_FIELDS.map((field) => [field.key, field]));
const KEY_BY_TSHARK = new Map(
  LINE_FIELDS.flatMap(({ key, tshark }) => (tshark === undefined ? [] : [[tshark, key] as const])),
);

export function lineField(name: string): LineField | undefined {
  return BY_KEY.get(name);
}

/** The name under which a field is judged: the key of the line grammar where the tshark name means the same. */
export function canonicalName(name: string): string {
  return KEY_BY_TSHARK.get(name) ?? name;
}

/** A field name as tshark spells them: parts with dots between. */
export function isTsharkName(name: string): boolean {
  return /^[a-z][a-z0-9_-]*(?:\.[a-z0-9_-]+)+$/i.test(name) && name.length <= 100;
}

/** The family whose packets alone carry a tshark field; undefined for both. `TTL`, `DSCP` and `ECN` mean either. */
export function familyOf(name: string): 'ipv4' | 'ipv6' | undefined {
  if (name === 'ip.version') return undefined;
  if (/^(?:ip|icmp|arp)\./.test(name)) return 'ipv4';
  return /^(?:ipv6|icmpv6)\./.test(name) ? 'ipv6' : undefined;
}
