import { z } from 'zod';

import { ATTACH } from './ends.js';
import { STATES } from './keys.js';
import {
  FIELD_NAMES,
  duration,
  expectItem,
  line,
  pattern,
  payload,
  text,
  texts,
  unsigned,
  value,
} from './schema-packet.js';
import { lab } from './schema-lab.js';
import { step } from './schema-step.js';

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

const app = z
  .union([appWord, appAction, z.array(z.union([appWord, appAction]))])
  .describe('What the application does, in order');

const connection = z.strictObject({
  port: z.int().min(1).max(65535).describe('TCP port of the client').optional(),
  to: z.int().min(1).max(65535).describe("TCP port of the server; the end's own when not given").optional(),
  at: duration.describe('Starts so long after the first connection, whatever the others do').optional(),
  'give-up': duration.describe('Closes when it is not connected after so long').optional(),
  options: socketOptions.optional(),
  app: app.optional(),
});

const end = z.strictObject({
  stack: z.string().describe('`iut` (the default) or the name of an implementation').optional(),
  attach: z.enum(ATTACH).describe('How the stack meets the wire').optional(),
  port: z.int().min(1).max(65535).describe('TCP port').optional(),
  isn: unsigned(32).describe('Initial sequence number, raw').optional(),
  window: z
    .int()
    .min(0)
    .max(65535 * 2 ** 14)
    .describe('Receive window, octets')
    .optional(),
  options: socketOptions.optional(),
  listen: z.boolean().describe('false: nobody listens on the port').optional(),
  'more-ports': z
    .array(z.int().min(1).max(65535))
    .describe('Server: ports on which it listens too, with the same application')
    .optional(),
  backlog: z
    .int()
    .min(0)
    .max(65535)
    .describe('Server: how many connections may wait to be accepted')
    .optional(),
  accept: z.boolean().describe('false: the server never accepts what waits in its backlog').optional(),
  to: z.int().min(1).max(65535).describe('Client: port to which it connects, behind a NAT').optional(),
  'give-up': duration.describe('Client: closes when it is not connected after so long').optional(),
  app: app.optional(),
  also: z.array(connection).describe('Client: further connections, one after another').optional(),
});

const start = z
  .union([
    z.enum(STATES),
    z.strictObject({
      state: z.enum(STATES),
      via: z
        .string()
        .describe('Which way to the state, where there are several: simultaneous, data, flight')
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
      port: unsigned(16).describe("The tester's port").optional(),
      options: socketOptions.optional(),
    }),
  ])
  .describe('State of RFC 9293 to which a recipe brings the IUT first; not reached is inconclusive');

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

const admit = z
  .object({
    client: line.optional(),
    server: line.optional(),
    iut: line.describe('A packet of the IUT (scripted cases)').optional(),
    ...pattern,
  })
  .catchall(value)
  .meta({ [FIELD_NAMES]: true });

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
    tags: texts.describe('Words to select cases by: slow, options, ...').optional(),
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
    admit: z
      .union([admit, z.array(admit)])
      .describe('Packets that may come at any time and are not judged: what a timer sends again')
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
