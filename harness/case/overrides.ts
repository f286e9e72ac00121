import { isIPv4, isIPv6 } from 'node:net';

import { readHex } from './payload.js';
import type { Read } from './read.js';
import { entryOf } from './yaml-node.js';
import type { YamlNode } from './yaml-node.js';

/**
 * What a `send:` may set beyond the line grammar, right or wrong on purpose. A field that is not named is filled in
 * correctly. Fields of one family are left alone in the other family's twin.
 */
export type Overrides = {
  'eth.src'?: string;
  'eth.dst'?: string;
  'ip.version'?: number;
  /** Octets, 4 times the IHL field. */
  'ip.hdr_len'?: number;
  'ip.dsfield'?: number;
  'ip.len'?: number;
  'ip.id'?: number;
  'ip.flags.rb'?: boolean;
  'ip.flags.df'?: boolean;
  'ip.flags.mf'?: boolean;
  /** Octets, 8 times the field. */
  'ip.frag_offset'?: number;
  'ip.ttl'?: number;
  'ip.proto'?: number;
  /** `bad`: the right sum with every bit inverted. */
  'ip.checksum'?: number | 'bad';
  'ip.src'?: string;
  'ip.dst'?: string;
  'ip.options'?: Uint8Array;
  'ipv6.version'?: number;
  'ipv6.tclass'?: number;
  'ipv6.flow'?: number;
  'ipv6.plen'?: number;
  'ipv6.nxt'?: number;
  'ipv6.hlim'?: number;
  'ipv6.src'?: string;
  'ipv6.dst'?: string;
  'tcp.srcport'?: number;
  'tcp.dstport'?: number;
  'tcp.seq_raw'?: number;
  'tcp.ack_raw'?: number;
  /** Octets, 4 times the data offset; the options are not padded to match. */
  'tcp.hdr_len'?: number;
  /** The three reserved bits. */
  'tcp.flags.res'?: number;
  'tcp.window_size_value'?: number;
  'tcp.checksum'?: number | 'bad';
  /** In place of all options; padded with zeros to a multiple of 4 unless `tcp.hdr_len` is given. */
  'tcp.options'?: Uint8Array;
  'tcp.options.wscale.shift'?: number;
  fragments?: Fragments;
  /** The IP packet ends after so many octets behind the IP header; lengths and checksums are of the whole. */
  truncate?: number;
  /** Octets behind the end of the IP packet, as Ethernet padding. */
  pad?: Uint8Array;
};

/** How a packet is cut into IP fragments. */
export interface Fragments {
  /** Octets of IP payload per fragment, a multiple of 8. */
  size: number;
  /** 0-based fragments in the order in which they are sent; in order when undefined. One left out is never sent. */
  order?: number[];
}

export interface OverrideSpec {
  key: keyof Overrides;
  description: string;
  value: OverrideKind;
  /** Exists in this family only. */
  family?: 'ipv4' | 'ipv6';
  /** The key that says the same in the other family. */
  twin?: keyof Overrides;
}

export type OverrideKind =
  | { kind: 'number'; min: number; max: number; multipleOf?: number; word?: 'bad' }
  | { kind: 'boolean' }
  | { kind: 'octets'; max: number }
  | { kind: 'mac' }
  | { kind: 'ipv4' }
  | { kind: 'ipv6' }
  | { kind: 'fragments' };

const bits = (count: number): OverrideKind => ({ kind: 'number', min: 0, max: 2 ** count - 1 });
const sum: OverrideKind = { kind: 'number', min: 0, max: 0xffff, word: 'bad' };
const v4 = (
  key: keyof Overrides,
  value: OverrideKind,
  description: string,
  twin?: keyof Overrides,
): OverrideSpec =>
  twin === undefined
    ? { key, value, description, family: 'ipv4' }
    : { key, value, description, family: 'ipv4', twin };
const v6 = (
  key: keyof Overrides,
  value: OverrideKind,
  description: string,
  twin?: keyof Overrides,
): OverrideSpec =>
  twin === undefined
    ? { key, value, description, family: 'ipv6' }
    : { key, value, description, family: 'ipv6', twin };

/** Every key a `send:` may carry beside those of the line grammar. The only list of them. */
export const OVERRIDES: readonly OverrideSpec[] = [
  { key: 'eth.src', value: { kind: 'mac' }, description: 'source MAC address' },
  { key: 'eth.dst', value: { kind: 'mac' }, description: 'destination MAC address' },
  v4('ip.version', bits(4), 'version field of the IPv4 header', 'ipv6.version'),
  v4('ip.hdr_len', { kind: 'number', min: 0, max: 60, multipleOf: 4 }, 'IPv4 header length field, octets'),
  v4('ip.dsfield', bits(8), 'whole differentiated services octet', 'ipv6.tclass'),
  v4('ip.len', bits(16), 'IPv4 total length field', 'ipv6.plen'),
  v4('ip.id', bits(16), 'IPv4 identification'),
  v4('ip.flags.rb', { kind: 'boolean' }, "IPv4 reserved bit, RFC 3514's evil bit"),
  v4('ip.flags.df', { kind: 'boolean' }, "IPv4 don't fragment"),
  v4('ip.flags.mf', { kind: 'boolean' }, 'IPv4 more fragments'),
  v4('ip.frag_offset', { kind: 'number', min: 0, max: 65528, multipleOf: 8 }, 'IPv4 fragment offset, octets'),
  v4('ip.ttl', bits(8), 'IPv4 time to live', 'ipv6.hlim'),
  v4('ip.proto', bits(8), 'IPv4 protocol number', 'ipv6.nxt'),
  v4('ip.checksum', sum, 'IPv4 header checksum, or `bad`'),
  v4('ip.src', { kind: 'ipv4' }, 'source address, spoofed where it is not ours', 'ipv6.src'),
  v4('ip.dst', { kind: 'ipv4' }, 'destination address', 'ipv6.dst'),
  v4('ip.options', { kind: 'octets', max: 40 }, 'IPv4 options in hex, padded with zeros'),
  v6('ipv6.version', bits(4), 'version field of the IPv6 header', 'ip.version'),
  v6('ipv6.tclass', bits(8), 'traffic class', 'ip.dsfield'),
  v6('ipv6.flow', bits(20), 'flow label'),
  v6('ipv6.plen', bits(16), 'IPv6 payload length field', 'ip.len'),
  v6('ipv6.nxt', bits(8), 'next header', 'ip.proto'),
  v6('ipv6.hlim', bits(8), 'hop limit', 'ip.ttl'),
  v6('ipv6.src', { kind: 'ipv6' }, 'source address, spoofed where it is not ours', 'ip.src'),
  v6('ipv6.dst', { kind: 'ipv6' }, 'destination address', 'ip.dst'),
  { key: 'tcp.srcport', value: bits(16), description: 'source port' },
  { key: 'tcp.dstport', value: bits(16), description: 'destination port' },
  { key: 'tcp.seq_raw', value: bits(32), description: 'sequence number as on the wire, in place of Seq' },
  {
    key: 'tcp.ack_raw',
    value: bits(32),
    description: 'acknowledgement number as on the wire, in place of Ack',
  },
  {
    key: 'tcp.hdr_len',
    value: { kind: 'number', min: 0, max: 60, multipleOf: 4 },
    description: 'data offset, octets; the options stay as they are',
  },
  { key: 'tcp.flags.res', value: bits(3), description: 'the three reserved bits' },
  {
    key: 'tcp.window_size_value',
    value: bits(16),
    description: 'window field as on the wire, in place of Win',
  },
  { key: 'tcp.checksum', value: sum, description: 'TCP checksum, or `bad`' },
  {
    key: 'tcp.options',
    value: { kind: 'octets', max: 60 },
    description: 'all options in hex, in place of MSS, WS, ...',
  },
  {
    key: 'tcp.options.wscale.shift',
    value: bits(8),
    description: 'window scale option by its shift, in place of WS',
  },
  {
    key: 'fragments',
    value: { kind: 'fragments' },
    description: 'cut into IP fragments: `{ size: 24, order: [1, 0] }`',
  },
  {
    key: 'truncate',
    value: { kind: 'number', min: 0, max: 65535 },
    description: 'octets of the TCP segment that are sent; lengths and checksums are those of the whole',
  },
  {
    key: 'pad',
    value: { kind: 'octets', max: 1500 },
    description: 'octets in hex behind the end of the IP packet',
  },
];

/** Short spellings. */
export const OVERRIDE_ALIASES: Readonly<Record<string, keyof Overrides>> = {
  checksum: 'tcp.checksum',
  options: 'tcp.options',
};

const BY_KEY = new Map<string, OverrideSpec>(OVERRIDES.map((spec) => [spec.key, spec]));

export const OVERRIDE_KEYS: readonly string[] = [
  ...OVERRIDES.map(({ key }) => key),
  ...Object.keys(OVERRIDE_ALIASES),
];

/** The override that a key of a `send:` means, undefined where it means none. */
export function overrideNamed(name: string): OverrideSpec | undefined {
  const alias = Object.hasOwn(OVERRIDE_ALIASES, name) ? OVERRIDE_ALIASES[name] : undefined;
  return BY_KEY.get(alias ?? name);
}

/** The value of an override, undefined with a problem noted. */
export function readOverride(
  read: Read,
  spec: OverrideSpec,
  node: YamlNode,
): Overrides[keyof Overrides] | undefined {
  const { value } = spec;
  switch (value.kind) {
    case 'number':
      return readNumber(read, value, node);
    case 'boolean':
      return node.kind === 'scalar' && (node.text === '0' || node.text === '1')
        ? node.text === '1'
        : read.truth(node);
    case 'octets':
      return readHex(read, node, value.max);
    case 'mac':
      return readText(read, node, (text) => MAC.test(text), 'a MAC address such as "02:00:00:00:00:09"');
    case 'ipv4':
      return readText(read, node, isIPv4, 'an IPv4 address such as 10.0.0.9');
    case 'ipv6':
      return readText(read, node, isIPv6, 'an IPv6 address such as "fd00::9"');
    case 'fragments':
      return readFragments(read, node);
  }
}

const MAC = /^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/i;

function readNumber(
  read: Read,
  { min, max, multipleOf = 1, word }: Extract<OverrideKind, { kind: 'number' }>,
  node: YamlNode,
): number | 'bad' | undefined {
  if (word !== undefined && node.kind === 'scalar' && node.text === word) return word;
  const value = node.kind === 'scalar' ? node.value : undefined;
  const fits = typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max;
  if (fits && value % multipleOf === 0) return value;
  const multiple = multipleOf === 1 ? 'a whole number' : `a multiple of ${multipleOf}`;
  return read.wrong(node, `${multiple}, ${min} to ${max}${word === undefined ? '' : `, or \`${word}\``}`);
}

function readText(
  read: Read,
  node: YamlNode,
  isRight: (text: string) => boolean,
  expected: string,
): string | undefined {
  if (node.kind === 'scalar' && isRight(node.text)) return node.text;
  return read.wrong(node, expected);
}

function readFragments(read: Read, node: YamlNode): Fragments | undefined {
  if (node.kind === 'scalar') {
    const size = readNumber(read, FRAGMENT_SIZE, node);
    return typeof size === 'number' ? { size } : undefined;
  }
  const mapping = read.mapping(node, '`{ size: 24, order: [1, 0] }`');
  if (mapping === undefined) return undefined;
  read.onlyKeys(mapping, ['size', 'order']);
  const size = readNumber(read, FRAGMENT_SIZE, entryOf(mapping, 'size') ?? mapping);
  const items = read.items(entryOf(mapping, 'order'), 'a list of fragment numbers, the first is 0');
  const order = items?.flatMap((item) => read.number(item, 0, 8191) ?? []);
  if (typeof size !== 'number') return undefined;
  return order === undefined ? { size } : { size, order };
}

const FRAGMENT_SIZE = { kind: 'number', min: 8, max: 65528, multipleOf: 8 } as const;
