import { z } from 'zod';

import { ICMP_ERRORS } from './icmp.js';
import { IUT_OPERATIONS } from './iut-action.js';
import { OVERRIDES, OVERRIDE_ALIASES } from './overrides.js';
import type { OverrideKind } from './overrides.js';
import {
  FIELD_NAMES,
  alternativesOf,
  duration,
  expectItem,
  line,
  packetItem,
  port,
  sentence,
  text,
  time,
  unsigned,
  value,
} from './schema-packet.js';

/** Beside an `expect:` the same keys are judged, and take ranges, comparisons and the like. */
const RANGE_TEXT = z.string();

function overrideValue(kind: OverrideKind): z.ZodType {
  switch (kind.kind) {
    case 'number': {
      const bounded = z.number().min(kind.min).max(kind.max);
      const number = kind.multipleOf === undefined ? bounded.int() : bounded.multipleOf(kind.multipleOf);
      return z.union([number, RANGE_TEXT]);
    }
    case 'boolean':
      return z.union([z.boolean(), z.literal(0), z.literal(1), RANGE_TEXT]);
    case 'octets':
      return text;
    case 'mac':
    case 'ipv4':
    case 'ipv6':
      return z.string();
    case 'fragments':
      return z.union([
        z.int().multipleOf(8).min(8),
        z.strictObject({ size: z.int().multipleOf(8).min(8), order: z.array(z.int().min(0)).optional() }),
      ]);
  }
}

/** The header fields that a `send:` may set. */
const overrides = Object.fromEntries([
  ...OVERRIDES.map((spec) => [
    spec.key,
    overrideValue(spec.value).describe(sentence(spec.description)).optional(),
  ]),
  ...Object.entries(OVERRIDE_ALIASES).map(([alias, key]) => {
    const spec = OVERRIDES.find((each) => each.key === key);
    const schema = spec === undefined ? value : overrideValue(spec.value);
    return [alias, schema.describe(`Short for ${key}`).optional()];
  }),
]) as Record<string, z.ZodType>;

const iutAction = z
  .union([
    z.string(),
    z
      .object({ op: z.enum(Object.keys(IUT_OPERATIONS)).describe('Operation of the upper-tester protocol') })
      .catchall(z.unknown()),
  ])
  .describe('What the application on the IUT does: send "x", receive 20, close, abort, shutdown, ...');

const icmp = z
  .union([
    z.enum(Object.keys(ICMP_ERRORS)),
    z.strictObject({
      error: z.enum(Object.keys(ICMP_ERRORS)).optional(),
      type: unsigned(8).optional(),
      code: unsigned(8).optional(),
      mtu: unsigned(16).describe('Next-hop MTU').optional(),
      pointer: unsigned(16).optional(),
      seq: value
        .describe("Sequence number quoted, relative to the IUT's ISN; SND.UNA when not given")
        .optional(),
      octets: z.int().min(0).max(65_000).describe('Octets of TCP quoted').optional(),
      from: z.string().describe('Address of the router that complains').optional(),
      checksum: z.union([unsigned(16), z.literal('bad')]).optional(),
      srcport: port.optional(),
      dstport: port.optional(),
    }),
  ])
  .describe('An ICMP error that quotes a segment of the IUT');

const outcomes = alternativesOf(() => step).meta({
  id: 'outcomes',
  description: 'Admitted outcomes, each with its items and what is done next; which one was seen is reported',
});

/** A step of a scripted case. */
export const step: z.ZodType = z
  .object({
    send: line.describe('A segment that the tester sends').optional(),
    expect: line.describe('A segment that the IUT must send').optional(),
    'any-order': z.array(expectItem).describe('Segments that come in any order').optional(),
    'one-of': outcomes.optional(),
    quiet: duration.describe('The IUT sends nothing for so long').optional(),
    wait: time.describe('Let time pass').optional(),
    iut: iutAction.optional(),
    returns: z
      .union([text, z.record(z.string(), z.unknown())])
      .describe('What the IUT must answer: end, an error such as ECONNRESET, the text received, or a mapping')
      .optional(),
    icmp: icmp.optional(),
    note: text.describe('A remark that reports show at this step').optional(),
    taken: z
      .boolean()
      .describe('Whether the IUT is to take the segment into its receive sequence')
      .optional(),
    ...packetItem,
    ...overrides,
  })
  .catchall(value)
  .meta({ id: 'step', [FIELD_NAMES]: true });
