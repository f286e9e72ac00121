import { z } from 'zod';

import { DURATION_PATTERN } from './duration.js';
import { LINE_FIELDS } from './fields.js';

/*
 * The shape of a case document, its packets: which keys there are, what kind of value each takes, and a sentence on each
 * for editors. What stands inside the strings (lines, values, times) is read by the parsers of this folder.
 */

export const text = z.union([z.string(), z.number(), z.boolean()]).meta({ id: 'text' });
export const duration = z
  .string()
  .regex(DURATION_PATTERN)
  .meta({ id: 'duration', examples: ['300ms', '1.5s', '2m'] });
/** A time, or a calculation with times that were captured. */
export const time = z
  .union([duration, z.string().regex(/\$[A-Za-z_]\w*/)])
  .meta({ id: 'time', examples: ['300ms', '$rto * 2'] });
export const texts = z.union([text, z.array(text)]).meta({ id: 'texts' });
export const value = z
  .union([z.number(), z.string(), z.boolean(), z.null(), z.array(z.union([z.number(), z.string()]))])
  .meta({
    id: 'value',
    description:
      'A number, a range `1..10`, a comparison `>=1`, alternatives `536|1220`, any, present, absent, or an expression',
  });
export const unsigned = (bits: number) =>
  z
    .int()
    .min(0)
    .max(2 ** bits - 1);
export const port = unsigned(16);

export const payload = z
  .union([
    text,
    z.strictObject({
      text: text.optional(),
      hex: text.describe('Octets in hex: "00 ff"').optional(),
      repeat: z
        .strictObject({ text: text.optional(), hex: text.optional(), times: z.int().min(0) })
        .describe('The same octets many times')
        .optional(),
    }),
  ])
  .meta({
    id: 'payload',
    description:
      'A text (UTF-8), `hex: "00 ff"`, or `repeat: { text, times }`; the unquoted word any is not judged',
  });

const flags = z.union([z.string(), z.array(z.string()), z.int()]).meta({
  id: 'flags',
  description:
    'Flags, exact but for PSH, which is judged only where named; !NAME must be clear, ?NAME is not judged',
});

export const lineFields = Object.fromEntries(
  LINE_FIELDS.map(({ key, description }) => [key, value.describe(sentence(description)).optional()]),
);

export const pattern = {
  flags: flags.optional(),
  'tcp.flags': flags.optional(),
  analysis: texts.describe("Wireshark's analysis flags that must be set, or absent").optional(),
  payload: payload.optional(),
  ...lineFields,
};

/** Other keys are tshark field names; json-schema.ts publishes their form. */
export const FIELD_NAMES = 'fieldNames';

export const line = z
  .union([
    z.string(),
    z
      .object(pattern)
      .catchall(value)
      .meta({ [FIELD_NAMES]: true }),
    z.null(),
  ])
  .meta({
    id: 'line',
    description:
      'A packet as in Wireshark\'s Info column: "[SYN, ACK] Seq=0 Ack=1 Win=65535 Len=0", or a mapping of fields',
  });

const timing = {
  within: time.describe('At most this long after the item before it').optional(),
  after: time.describe('At least this long after the item before it').optional(),
};

const times = z
  .union([z.int().min(0), z.string()])
  .describe('How often it comes: a number, a range `1..3`, or `>=1`');

const bind = z.record(z.string(), z.string()).meta({
  id: 'let',
  description:
    'Variables taken from the matched packet: `{ x: Seq }`, used as $x; `elapsed` is the ms since the item before it',
});

export const packetItem = {
  ...pattern,
  let: bind.optional(),
  times: times.optional(),
  optional: z.boolean().describe('May be missing').optional(),
  count: value.describe('How many packets of the whole conversation match').optional(),
  label: text.describe('Name of the alternative').optional(),
  ...timing,
};

const quiet = duration.describe('No packet for so long after the item before it');
export const alternatives = alternativesOf(() => expectItem).meta({
  id: 'alternatives',
  description: 'Admitted outcomes, each with its items; which one was seen is reported',
});

/** The forms of `one-of`, of items or of steps. */
export function alternativesOf(item: () => z.ZodType) {
  return z.lazy(() =>
    z.union([
      z.array(
        z.union([
          z.strictObject({ label: text.optional(), items: z.array(item()) }),
          item(),
          z.array(item()),
        ]),
      ),
      z.record(z.string(), z.union([z.array(item()), item(), z.null()])),
    ]),
  );
}

/** An item of `expect:`; in a scripted case, of a group. */
export const expectItem: z.ZodType = z
  .object({
    client: line.describe('A packet that the client sends').optional(),
    server: line.describe('A packet that the server sends').optional(),
    expect: line.describe('A packet that the IUT sends (scripted cases)').optional(),
    'any-order': z
      .lazy(() => z.array(expectItem))
      .describe('Items that come in any order')
      .optional(),
    'one-of': alternatives.optional(),
    quiet: quiet.optional(),
    from: z.enum(['client', 'server']).describe('Who is quiet; nobody sends when not given').optional(),
    ...packetItem,
  })
  .catchall(value)
  .meta({ id: 'item', [FIELD_NAMES]: true });

export function sentence(description: string): string {
  return description.charAt(0).toUpperCase() + description.slice(1);
}
