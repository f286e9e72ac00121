import { ACK, FIN, PSH, RST, SYN, URG } from '../../tcp-lite/core/flags.js';
import type { Segment } from '../../tcp-lite/wire/segment.js';
import { uint16, writeUint16 } from '../../tcp-lite/wire/octets.js';

/** A field that a middlebox can change, with what can be done to it. */
export interface WireField {
  name: string;
  /** Is there such a field in the segment? */
  isIn(segment: Segment): boolean;
  /** Draws one way of changing it. `random`: uniform in [0, 1). */
  change(random: () => number): { what: string; apply: Apply };
}

/** Either before the segment is written, checksums being made for the result, or behind that, on the octets. */
interface Apply {
  segment?: (segment: Segment) => void | false;
  octets?: (bytes: Uint8Array, start: number, end: number) => void | false;
}

const FLAGS = { FIN, SYN, RST, PSH, ACK, URG };

/** Every field of the TCP header, its options and payload, and those of IP that TCP answers for. */
export const WIRE_FIELDS: readonly WireField[] = [
  numeric('sequence number', 2 ** 32, 'seq'),
  numeric('acknowledgment number', 2 ** 32, 'ack', ({ flags }) => (flags & ACK) !== 0),
  numeric('window', 2 ** 16, 'window'),
  numeric('urgent pointer', 2 ** 16, 'urgent', ({ flags }) => (flags & URG) !== 0),
  numeric('source port', 2 ** 16, 'srcPort'),
  numeric('TTL', 2 ** 8, 'ttl'),
  numeric('DSCP', 64, 'dscp'),
  {
    name: 'flags',
    isIn: () => true,
    change(random) {
      const names = Object.keys(FLAGS) as (keyof typeof FLAGS)[];
      const name = names[Math.floor(random() * names.length)]!;
      return {
        what: `${name} flipped`,
        apply: { segment: (segment) => void (segment.flags ^= FLAGS[name]) },
      };
    },
  },
  {
    name: 'reserved bits',
    isIn: () => true,
    change(random) {
      const bit = 0x200 << Math.floor(random() * 3);
      return {
        what: `reserved bit ${bit.toString(16)} set`,
        apply: { segment: (segment) => void (segment.flags |= bit) },
      };
    },
  },
  {
    name: 'checksum',
    isIn: () => true,
    change(random) {
      const difference = 1 + Math.floor(random() * 0xfffe);
      return {
        what: `checksum off by ${difference}`,
        apply: {
          octets: (bytes, start) =>
            writeUint16(bytes, start + 16, (uint16(bytes, start + 16) + difference) & 0xffff),
        },
      };
    },
  },
  {
    name: 'payload',
    isIn: ({ payload }) => payload.length > 0,
    change(random) {
      const [where, bit] = [random(), 1 << Math.floor(random() * 8)];
      return {
        what: 'a bit of the payload flipped',
        apply: {
          segment(segment) {
            segment.payload = Uint8Array.from(segment.payload);
            segment.payload[Math.floor(where * segment.payload.length)]! ^= bit;
          },
        },
      };
    },
  },
  {
    name: 'payload length',
    isIn: ({ payload }) => payload.length > 0,
    change: () => ({
      what: 'the last octet of the payload cut off',
      apply: { segment: (segment) => void (segment.payload = segment.payload.subarray(0, -1)) },
    }),
  },
  optional('MSS option', 2 ** 16, 'mss'),
  optional('window scale option', 15, 'windowScale'),
  optional('TSval', 2 ** 32, 'tsVal'),
  optional('TSecr', 2 ** 32, 'tsEcr'),
  {
    name: 'SACK permitted option',
    isIn: ({ options }) => options.sackPermitted === true,
    change: () => ({
      what: 'SACK permitted left out',
      apply: { segment: (segment) => void delete segment.options.sackPermitted },
    }),
  },
  {
    name: 'SACK edge',
    isIn: ({ options }) => options.sack !== undefined,
    change(random) {
      const [where, difference] = [random(), random() < 0.5 ? 1 : -1];
      return {
        what: `a SACK edge off by ${difference}`,
        apply: {
          segment(segment) {
            const edges = [...segment.options.sack!];
            const at = Math.floor(where * edges.length);
            edges[at] = (edges[at]! + difference) >>> 0;
            segment.options.sack = edges;
          },
        },
      };
    },
  },
];

type NumericKey = 'seq' | 'ack' | 'window' | 'urgent' | 'srcPort' | 'ttl' | 'dscp';
type OptionKey = 'mss' | 'windowScale' | 'tsVal' | 'tsEcr';

function numeric(
  name: string,
  range: number,
  key: NumericKey,
  isIn: WireField['isIn'] = () => true,
): WireField {
  return {
    name,
    isIn,
    change(random) {
      const { what, next } = arithmetic(random, range);
      return { what: `${name} ${what}`, apply: { segment: (segment) => setNumber(segment, key, next) } };
    },
  };
}

function optional(name: string, range: number, key: OptionKey): WireField {
  return {
    name,
    isIn: ({ options }) => options[key] !== undefined,
    change(random) {
      const { what, next } = arithmetic(random, range);
      return {
        what: `${name} ${what}`,
        apply: { segment: ({ options }) => setNumber(options as Record<OptionKey, number>, key, next) },
      };
    },
  };
}

/** False where the change leaves the number as it was. */
function setNumber<K extends string>(
  holder: Record<K, number>,
  key: K,
  next: (value: number) => number,
): void | false {
  const value = next(holder[key]);
  if (value === holder[key]) return false;
  holder[key] = value;
}

function arithmetic(random: () => number, range: number): { what: string; next: (value: number) => number } {
  const wrap = (value: number) => ((value % range) + range) % range;
  const drawn = Math.floor(random() * range);
  const bit = Math.floor(random() * Math.log2(range));
  const ways = [
    { what: 'one higher', next: (value: number) => wrap(value + 1) },
    { what: 'one lower', next: (value: number) => wrap(value - 1) },
    {
      what: `with bit ${bit} flipped`,
      next: (value: number) => wrap(value + ((Math.floor(value / 2 ** bit) & 1) === 1 ? -1 : 1) * 2 ** bit),
    },
    { what: `set to ${drawn}`, next: () => drawn },
    { what: 'set to 0', next: () => 0 },
  ];
  return ways[Math.floor(random() * ways.length)]!;
}
