import { z } from 'zod';

import { DURATION_PATTERN } from './duration.js';
import { ATTACH } from './ends.js';
import { LINE_FIELDS } from './fields.js';
import { ICMP_ERRORS } from './icmp.js';
import { IUT_OPERATIONS } from './iut-action.js';
import { STATES } from './keys.js';
import { OVERRIDES, OVERRIDE_ALIASES } from './overrides.js';
import type { OverrideKind } from './overrides.js';

/*
 * The shape of a case document: which keys there are, what kind of value each takes, and a sentence on each for editors.
 * What stands inside the strings (lines, values, times) is read by the parsers of this folder.
 */

const text = z.union([z.string(), z.number(), z.boolean()]);
const duration = z
  .string()
  .regex(DURATION_PATTERN)
  .meta({ examples: ['300ms', '1.5s', '2m'] });
const texts = z.union([z.string(), z.array(text)]);
const value = z
  .union([z.number(), z.string(), z.boolean(), z.null(), z.array(z.union([z.number(), z.string()]))])
  .describe(
    'A number, a range `1..10`, a comparison `>=1`, alternatives `536|1220`, any, present, absent, or an expression',
  );
const unsigned = (bits: number) =>
  z
    .int()
    .min(0)
    .max(2 ** bits - 1);
const port = unsigned(16);

const payload = z
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
  .describe(
    'A text (UTF-8), `hex: "00 ff"`, or `repeat: { text, times }`; the unquoted word any is not judged',
  );

const flags = z
  .union([z.string(), z.array(z.string()), z.int()])
  .describe(
    'Flags, exact but for PSH, which is judged only where named; !NAME must be clear, ?NAME is not judged',
  );

const lineFields = Object.fromEntries(
  LINE_FIELDS.map(({ key, description }) => [key, value.describe(sentence(description)).optional()]),
);

const pattern = {
  flags: flags.optional(),
  'tcp.flags': flags.optional(),
  analysis: texts.describe("Wireshark's analysis flags that must be set, or absent").optional(),
  payload: payload.optional(),
  ...lineFields,
};

/** Other keys are tshark field names; json-schema.ts publishes their form. */
export const FIELD_NAMES = 'fieldNames';

const line = z
  .union([
    z.string(),
    z
      .object(pattern)
      .catchall(value)
      .meta({ [FIELD_NAMES]: true }),
    z.null(),
  ])
  .describe(
    'A packet as in Wireshark\'s Info column: "[SYN, ACK] Seq=0 Ack=1 Win=65535 Len=0", or a mapping of fields',
  );

const timing = {
  within: duration.describe('At most this long after the item before it').optional(),
  after: duration.describe('At least this long after the item before it').optional(),
};

const times = z
  .union([z.int().min(0), z.string()])
  .describe('How often it comes: a number, a range `1..3`, or `>=1`');

const bind = z
  .record(z.string(), z.string())
  .describe('Variables taken from the matched packet: `{ x: Seq }`, used as $x');

const packetItem = {
  ...pattern,
  let: bind.optional(),
  times: times.optional(),
  optional: z.boolean().describe('May be missing').optional(),
  count: value.describe('How many packets of the whole conversation match').optional(),
  label: text.describe('Name of the alternative').optional(),
  ...timing,
};

const quiet = duration.describe('No packet for so long after the item before it');
const ITEM_ID = { id: 'expectItem' };
const alternatives = z
  .lazy(() =>
    z.union([
      z.array(
        z.union([
          z.strictObject({ label: text.optional(), items: z.array(expectItem) }),
          expectItem,
          z.array(expectItem),
        ]),
      ),
      z.record(z.string(), z.union([z.array(expectItem), expectItem, z.null()])),
    ]),
  )
  .describe('Admitted outcomes, each with its items; which one was seen is reported');

/** An item of `expect:`; in a scripted case, of a group. */
const expectItem: z.ZodType = z
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
  .meta({ ...ITEM_ID, [FIELD_NAMES]: true });

function overrideValue(kind: OverrideKind): z.ZodType {
  switch (kind.kind) {
    case 'number': {
      const bounded = z.number().min(kind.min).max(kind.max);
      const number = kind.multipleOf === undefined ? bounded.int() : bounded.multipleOf(kind.multipleOf);
      return kind.word === undefined ? number : z.union([number, z.literal(kind.word)]);
    }
    case 'boolean':
      return z.union([z.boolean(), z.literal(0), z.literal(1)]);
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

/** Keys that are overrides in a send and judged fields in an expect take whatever either takes. */
const stepFields = Object.fromEntries(
  Object.entries(overrides).map(([key, schema]) => [
    key,
    key in lineFields ? (lineFields[key] ?? schema) : schema,
  ]),
);

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

const step = z
  .object({
    send: line.describe('A segment that the tester sends').optional(),
    expect: line.describe('A segment that the IUT must send').optional(),
    'any-order': z.array(expectItem).describe('Segments that come in any order').optional(),
    'one-of': alternatives.optional(),
    quiet: duration.describe('The IUT sends nothing for so long').optional(),
    wait: duration.describe('Let time pass').optional(),
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
    ...stepFields,
  })
  .catchall(value)
  .meta({ id: 'step', [FIELD_NAMES]: true });

const appAction = z.strictObject({
  send: payload.describe('Octets to send').optional(),
  receive: z
    .union([z.int().min(0), z.literal('end')])
    .describe('Octets to wait for, or end: to the end of the stream')
    .optional(),
  echo: z
    .union([text, z.null(), payload])
    .describe('Send back what comes, with this text before each piece')
    .optional(),
  discard: z.union([z.boolean(), z.null()]).describe('Read to the end of the stream').optional(),
  wait: duration.describe('Do nothing for so long').optional(),
  shutdown: z.union([z.boolean(), z.null()]).describe('Close the sending half').optional(),
  close: z.union([z.boolean(), z.null()]).describe('Close').optional(),
  abort: z.union([z.boolean(), z.null()]).describe('Reset the connection').optional(),
  then: z.enum(['echo', 'discard', 'shutdown', 'close', 'abort']).describe('The last action').optional(),
});

const appWord = z.enum(['echo', 'discard', 'shutdown', 'close', 'abort']);

const socketOptions = z
  .record(z.string(), z.unknown())
  .describe('Socket options by the names of the upper-tester protocol: { no-delay: true, user-timeout: 5s }');

const end = z.strictObject({
  stack: z.string().describe('`iut` (the default) or the name of an implementation').optional(),
  attach: z.enum(ATTACH).describe('How the stack meets the wire').optional(),
  port: z.int().min(1).max(65535).optional(),
  isn: unsigned(32).describe('Initial sequence number, raw').optional(),
  window: z
    .int()
    .min(0)
    .max(65535 * 2 ** 14)
    .describe('Receive window, octets')
    .optional(),
  options: socketOptions.optional(),
  listen: z.boolean().describe('false: nobody listens on the port').optional(),
  app: z
    .union([appWord, appAction, z.array(z.union([appWord, appAction]))])
    .describe('What the application does, in order')
    .optional(),
});

const start = z
  .union([
    z.enum(STATES),
    z.strictObject({
      state: z.enum(STATES),
      via: z
        .string()
        .describe('Which way to the state, where there are several: passive, active, simultaneous')
        .optional(),
      isn: unsigned(32).describe("The tester's initial sequence number, raw").optional(),
      window: z
        .int()
        .min(0)
        .max(65535 * 2 ** 14)
        .describe('Window the tester offers, octets')
        .optional(),
      mss: unsigned(16).describe('MSS option of the tester').optional(),
      'window-scale': unsigned(8).describe('Window scale shift of the tester').optional(),
      sack: z.boolean().describe('The tester permits SACK').optional(),
      timestamps: z.boolean().describe('The tester sends timestamps').optional(),
      ecn: z.boolean().describe('The tester negotiates ECN').optional(),
      port: port.describe("The tester's port").optional(),
      options: socketOptions.optional(),
    }),
  ])
  .describe('State of RFC 9293 to which a recipe brings the IUT first; not reached is inconclusive');

const lab = z.strictObject({
  'kernel-rst': z
    .enum(['drop', 'allow'])
    .describe("Whether the kernel's resets for addresses it shares with a user-space stack are dropped")
    .optional(),
  mtu: z.int().min(68).max(65535).describe('MTU of the link, octets').optional(),
  impair: z
    .union([z.record(z.string(), z.unknown()), z.array(z.record(z.string(), z.unknown()))])
    .describe('Impairments of the link, in the order in which they are applied')
    .optional(),
});

const never = z.union([
  z.string().describe('A display filter of Wireshark'),
  z
    .object({
      client: line.optional(),
      server: line.optional(),
      iut: line.describe('A packet of the IUT (scripted cases)').optional(),
      ...pattern,
    })
    .catchall(value)
    .meta({ [FIELD_NAMES]: true }),
]);

const families = z.enum(['ipv4', 'ipv6']);
const cell = z.unknown();
const table = z
  .union([
    z.array(z.record(z.string(), cell)),
    z.strictObject({ columns: z.array(text), rows: z.array(z.array(cell)) }),
  ])
  .describe('One case for each row; {{column}} anywhere in the case stands for the cell');

export const CaseSchema = z
  .strictObject({
    id: z
      .string()
      .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/)
      .describe('Unique name: small letters, digits and hyphens'),
    title: text.describe('One line that says what is shown'),
    purpose: text.describe('The requirement in one sentence; the title when not given').optional(),
    covers: texts.describe('IDs of the requirements that this case tests').optional(),
    level: z
      .enum(['MUST', 'SHOULD', 'MAY'])
      .describe('How binding it is; a SHOULD not followed is non-strict')
      .optional(),
    tags: texts.optional(),
    on: texts.describe('Implementations it is meant for; any when not given').optional(),
    families: z
      .union([families, z.array(families).min(1)])
      .describe('Address families; both when not given')
      .optional(),
    needs: texts.describe('Features the implementation must claim, else the case is unsupported').optional(),
    lab: lab.describe('The network between the two ends').optional(),
    findings: texts
      .describe('Findings of the diagnosis that the capture must give; "!id" must not')
      .optional(),
    never: z
      .union([never, z.array(never)])
      .describe('What no packet may be: a display filter or a pattern')
      .optional(),
    mode: z
      .enum(['strict', 'subsequence'])
      .describe('strict (the default): a packet nobody expected fails; subsequence: it is passed over')
      .optional(),
    table: table.optional(),
    client: end.describe('The end that opens').optional(),
    server: end.describe('The end that listens').optional(),
    expect: z.array(expectItem).describe('The packets, in order').optional(),
    iut: z
      .enum(['client', 'server'])
      .describe('Scripted case: the role that the implementation plays')
      .optional(),
    start: start.optional(),
    steps: z.array(step).describe('Scripted case: what the tester does and what the IUT must do').optional(),
  })
  .describe('A test case of tcpspec');

/** A case document as YAML gives it, before the strings in it are read. */
export type CaseDocument = z.infer<typeof CaseSchema>;

function sentence(description: string): string {
  return description.charAt(0).toUpperCase() + description.slice(1);
}
