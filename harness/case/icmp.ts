import { isIP } from 'node:net';

import { quoted } from './cursor.js';
import { oneOf } from './read.js';
import type { Expression } from './model.js';
import type { Reading } from './reading.js';
import { readValue } from './times.js';
import { entryOf } from './yaml-node.js';
import type { YamlNode } from './yaml-node.js';

/** An ICMP error about a segment of the IUT, as `Step` carries it. Type and code are given per family. */
export type IcmpMessage = {
  /** Name out of ICMP_ERRORS, where the case used one. */
  error?: string;
  /** Undefined where the family has no such error. */
  ipv4?: { type: number; code: number };
  ipv6?: { type: number; code: number };
  /** Next-hop MTU, octets. */
  mtu?: number;
  /** Pointer of a parameter problem. */
  pointer?: number;
  /** Sequence number of the quoted segment, relative to the IUT's ISN; SND.UNA when undefined. */
  seq?: Expression;
  /** Octets of the quoted TCP header and data; all that fits when undefined, RFC 792's minimum is 8. */
  octets?: number;
  /** Sender of the error; the tester's own address when undefined. */
  from?: string;
  checksum?: number | 'bad';
  /** Ports to quote in place of the connection's, to see whether the IUT looks. */
  srcport?: number;
  dstport?: number;
};

type TypeCode = readonly [type: number, code: number];

/** Errors by name, in ICMP (RFC 792, 1191) and ICMPv6 (RFC 4443). */
export const ICMP_ERRORS: Readonly<Record<string, { ipv4?: TypeCode; ipv6?: TypeCode }>> = {
  'net-unreachable': { ipv4: [3, 0], ipv6: [1, 0] },
  'host-unreachable': { ipv4: [3, 1], ipv6: [1, 3] },
  'protocol-unreachable': { ipv4: [3, 2], ipv6: [4, 1] },
  'port-unreachable': { ipv4: [3, 3], ipv6: [1, 4] },
  'packet-too-big': { ipv4: [3, 4], ipv6: [2, 0] },
  'fragmentation-needed': { ipv4: [3, 4], ipv6: [2, 0] },
  'source-route-failed': { ipv4: [3, 5], ipv6: [1, 5] },
  'admin-prohibited': { ipv4: [3, 13], ipv6: [1, 1] },
  'source-quench': { ipv4: [4, 0] },
  'ttl-exceeded': { ipv4: [11, 0], ipv6: [3, 0] },
  'reassembly-timeout': { ipv4: [11, 1], ipv6: [3, 1] },
  'parameter-problem': { ipv4: [12, 0], ipv6: [4, 0] },
};

export const ICMP_KEYS: readonly string[] = [
  'error',
  'type',
  'code',
  'mtu',
  'pointer',
  'seq',
  'octets',
  'from',
  'checksum',
  'srcport',
  'dstport',
];

/** Reads `icmp: port-unreachable` or `icmp: { error: packet-too-big, mtu: 600 }`. Undefined with a problem noted. */
export function readIcmp(reading: Reading, node: YamlNode): IcmpMessage | undefined {
  const { read } = reading;
  if (node.kind === 'scalar') return namedError(reading, node);
  const mapping = read.mapping(node, 'the name of an error, or a mapping');
  if (mapping === undefined) return undefined;
  read.onlyKeys(mapping, ICMP_KEYS);
  const error = entryOf(mapping, 'error');
  const type = read.number(entryOf(mapping, 'type'), 0, 255);
  const message = error === undefined ? {} : namedError(reading, error);
  if (message === undefined) return undefined;
  if ((error === undefined) === (entryOf(mapping, 'type') === undefined)) {
    return read.wrong(mapping, 'either `error` or `type`');
  }
  const code = read.number(entryOf(mapping, 'code'), 0, 255);
  if (type !== undefined) message.ipv4 = message.ipv6 = { type, code: code ?? 0 };
  else if (code !== undefined) {
    if (message.ipv4) message.ipv4 = { ...message.ipv4, code };
    if (message.ipv6) message.ipv6 = { ...message.ipv6, code };
  }
  assign(message, 'mtu', read.number(entryOf(mapping, 'mtu'), 0, 0xffff));
  assign(message, 'pointer', read.number(entryOf(mapping, 'pointer'), 0, 0xffff));
  assign(message, 'octets', read.number(entryOf(mapping, 'octets'), 0, 65_000));
  assign(message, 'from', readRouter(reading, entryOf(mapping, 'from')));
  assign(message, 'srcport', read.number(entryOf(mapping, 'srcport'), 0, 0xffff));
  assign(message, 'dstport', read.number(entryOf(mapping, 'dstport'), 0, 0xffff));
  const checksum = entryOf(mapping, 'checksum');
  const isBad = checksum?.kind === 'scalar' && checksum.text === 'bad';
  assign(message, 'checksum', isBad ? 'bad' : read.number(checksum, 0, 0xffff));
  const seq = entryOf(mapping, 'seq');
  const value = seq === undefined ? undefined : readValue(reading, seq, 'an expression such as SND.UNA');
  if (value?.kind === 'equals') message.seq = value.value;
  else if (value !== undefined && seq !== undefined) read.wrong(seq, 'one exact number, such as SND.UNA');
  return message;
}

/** The address of a router, of the one family that the case runs in. */
function readRouter(reading: Reading, node: YamlNode | undefined): string | undefined {
  const address = reading.read.text(node, 'an address');
  if (address === undefined || node === undefined) return undefined;
  const version = isIP(address);
  if (version === 0) return reading.read.wrong(node, 'an address such as 10.0.0.9 or "fd00::9"');
  const family = version === 4 ? 'ipv4' : 'ipv6';
  if (reading.families.every((other) => other === family)) return address;
  reading.problems.at(node, {
    found: `the address ${quoted(address)} in a case that runs over ${version === 4 ? 'IPv6' : 'IPv4'} too`,
    expected: 'an address of the family',
    remedy: `say \`families: [${family}]\` in the case`,
  });
  return undefined;
}

function namedError(reading: Reading, node: YamlNode): IcmpMessage | undefined {
  const names = Object.keys(ICMP_ERRORS);
  const name = reading.read.word(node, names);
  const known = name === undefined ? undefined : ICMP_ERRORS[name];
  if (name === undefined || known === undefined) return undefined;
  const message: IcmpMessage = { error: name };
  if (known.ipv4) message.ipv4 = { type: known.ipv4[0], code: known.ipv4[1] };
  if (known.ipv6) message.ipv6 = { type: known.ipv6[0], code: known.ipv6[1] };
  const lacking = reading.families.find((family) => known[family] === undefined);
  if (lacking === undefined) return message;
  const other = lacking === 'ipv6' ? 'ipv4' : 'ipv6';
  reading.problems.at(node, {
    found: `${quoted(name)}, which ${lacking === 'ipv6' ? 'ICMPv6' : 'ICMP'} does not have`,
    expected: oneOf(names.filter((each) => ICMP_ERRORS[each]?.[lacking] !== undefined)),
    remedy: `say \`families: [${other}]\` in the case`,
  });
  return undefined;
}

function assign<K extends keyof IcmpMessage>(
  message: IcmpMessage,
  key: K,
  value: IcmpMessage[K] | undefined,
): void {
  if (value !== undefined) message[key] = value;
}
