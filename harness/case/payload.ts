import { describe } from './describe.js';
import type { Read } from './read.js';
import { entryOf } from './yaml-node.js';
import type { YamlNode } from './yaml-node.js';

export const PAYLOAD_HELP = 'a text, `hex: "00 ff"`, or `repeat: { text: "x", times: 1000 }`';

/** Octets; what one case may send or expect at once. */
const MAX_PAYLOAD = 16 * 1024 * 1024;

/** The octets of a payload, `any` where the unquoted word stands, undefined with a problem noted. */
export function readPayload(read: Read, node: YamlNode): Uint8Array | 'any' | undefined {
  if (node.kind === 'scalar' && node.plain && node.text === 'any') return 'any';
  return readOctets(read, node);
}

/** Text as UTF-8, octets in hex, or a repetition of either. Undefined with a problem noted. */
export function readOctets(read: Read, node: YamlNode): Uint8Array | undefined {
  if (node.kind === 'scalar' && node.value !== null) return new TextEncoder().encode(node.text);
  if (node.kind !== 'mapping') return read.wrong(node, PAYLOAD_HELP);
  const [entry, ...more] = node.entries;
  if (entry === undefined || more.length > 0) return read.wrong(node, PAYLOAD_HELP);
  if (entry.key.text === 'text')
    return read.text(entry.value) === undefined ? undefined : readOctets(read, entry.value);
  if (entry.key.text === 'hex') return readHex(read, entry.value);
  if (entry.key.text === 'repeat') return readRepeat(read, entry.value);
  read.unknownKey(entry.key, ['text', 'hex', 'repeat']);
  return undefined;
}

/** Octets of `00 ff`, `00:ff` or `00ff`. */
export function readHex(read: Read, node: YamlNode, maxOctets = MAX_PAYLOAD): Uint8Array | undefined {
  const text = node.kind === 'scalar' ? node.text.replace(/[\s:]/g, '') : undefined;
  const isHex = text !== undefined && /^(?:[0-9a-fA-F]{2})*$/.test(text) && text.length <= 2 * maxOctets;
  if (!isHex) return read.wrong(node, `octets in hex such as "00 ff", at most ${maxOctets}`);
  return Uint8Array.from({ length: text.length / 2 }, (_, index) =>
    parseInt(text.slice(2 * index, 2 * index + 2), 16),
  );
}

/** Aliases and the rows of a table share what is the same. */
const REPEATED = new WeakMap<YamlNode, Uint8Array>();

function readRepeat(read: Read, node: YamlNode): Uint8Array | undefined {
  const mapping = read.mapping(node, '`{ text: "x", times: 1000 }`');
  if (mapping === undefined) return undefined;
  read.onlyKeys(mapping, ['text', 'hex', 'times']);
  const text = entryOf(mapping, 'text');
  const hex = entryOf(mapping, 'hex');
  const times = read.number(entryOf(mapping, 'times') ?? mapping, 0, MAX_PAYLOAD);
  if ((text === undefined) === (hex === undefined)) {
    read.problems.at(mapping, {
      found: describe(mapping),
      expected: 'either `text` or `hex`, beside `times`',
    });
    return undefined;
  }
  const unit =
    text !== undefined ? readOctets(read, text) : hex !== undefined ? readHex(read, hex) : undefined;
  if (unit === undefined || times === undefined) return undefined;
  if (unit.length * times > MAX_PAYLOAD) {
    return read.wrong(node, `at most ${MAX_PAYLOAD} octets in all`);
  }
  const known = REPEATED.get(node);
  if (known !== undefined) return known;
  if (!read.problems.takeOctets(unit.length * times)) {
    return read.wrong(node, 'less to repeat: the payloads of one file are limited to 64 MiB');
  }
  const filled = Buffer.alloc(unit.length * times, unit);
  const octets = new Uint8Array(filled.buffer, filled.byteOffset, filled.length);
  REPEATED.set(node, octets);
  return octets;
}
