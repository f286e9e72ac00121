import { evaluate } from '../case/expression.js';
import type { Scope } from '../case/expression.js';
import type { FieldPattern, SendSpec } from '../case/model.js';
import type { Overrides } from '../case/overrides.js';
import { ACK, SYN } from '../dissect/packet.js';
import type { IutModel } from './iut-model.js';

/**
 * A segment for the tester to send, all names worked out: header numbers are raw. What is undefined the tester fills in
 * as it likes; `overrides` go on top of all of it.
 */
export interface ScriptSegment {
  flags: number;
  seq: number;
  ack: number;
  /** Window field as on the wire. */
  window?: number;
  urgent: number;
  payload: Uint8Array;
  options: {
    mss?: number;
    windowScale?: number;
    sackPermitted?: boolean;
    /** Raw edges. */
    sackBlocks?: { left: number; right: number }[];
    tsVal?: number;
    tsEcr?: number;
  };
  ttl?: number;
  dscp?: number;
  ecn?: number;
  overrides: Overrides;
}

/**
 * Works out a `send:` at this moment. Unless the line says otherwise the segment continues the connection: Seq is RCV.NXT
 * and Ack is SND.NXT; `Len` without a payload sends that many letters. Throws ExpressionError.
 */
export function resolveSend(
  send: SendSpec,
  model: IutModel,
  variables: Scope['variables'] = {},
): ScriptSegment {
  const { pattern, overrides } = send;
  const names = model.names();
  const scope = { variables, rfc: names };
  const values = (name: string) =>
    pattern.fields.filter((field) => field.name === name).map((field) => numberOf(field, scope));
  const one = (name: string): number | undefined => values(name)[0];
  const flags = pattern.flags?.set ?? 0;
  const hasAck = (flags & ACK) !== 0;
  const relative = {
    seq: one('Seq') ?? names['RCV.NXT'] ?? 0,
    ack: one('Ack') ?? (hasAck ? (names['SND.NXT'] ?? 0) : 0),
  };
  const raw = model.raw(relative);
  // Without the flag and without `Ack` the field is zero, whatever the connection's numbers are.
  const ack = one('Ack') === undefined && !hasAck ? 0 : raw.ack;
  const segment: ScriptSegment = {
    flags,
    seq: overrides['tcp.seq_raw'] ?? raw.seq,
    ack: overrides['tcp.ack_raw'] ?? ack,
    urgent: one('Urg') ?? 0,
    payload: pattern.payload ?? letters(relative.seq, one('Len') ?? 0),
    options: optionsOf(pattern.fields, values, model),
    overrides,
  };
  const shift = (flags & SYN) !== 0 ? 0 : model.testerShift;
  const window = one('Win');
  if (window !== undefined) segment.window = Math.floor(window / 2 ** shift) & 0xffff;
  for (const [key, name] of IP_FIELDS) {
    const value = one(name);
    if (value !== undefined) segment[key] = value;
  }
  return segment;
}

const IP_FIELDS = [
  ['ttl', 'TTL'],
  ['dscp', 'DSCP'],
  ['ecn', 'ECN'],
] as const;

function optionsOf(
  fields: readonly FieldPattern[],
  values: (name: string) => number[],
  model: IutModel,
): ScriptSegment['options'] {
  const options: ScriptSegment['options'] = {};
  const [mss] = values('MSS');
  const [multiplier] = values('WS');
  const [tsVal] = values('TSval');
  const [tsEcr] = values('TSecr');
  if (mss !== undefined) options.mss = mss;
  if (multiplier !== undefined) options.windowScale = Math.round(Math.log2(multiplier));
  if (tsVal !== undefined) options.tsVal = tsVal;
  if (tsEcr !== undefined) options.tsEcr = tsEcr;
  if (fields.some(({ name, value }) => name === 'SACK_PERM' && value.kind === 'present')) {
    options.sackPermitted = true;
  }
  const rights = values('SRE');
  const blocks = values('SLE').map((left, index) => ({ left, right: rights[index] ?? left }));
  // The tester acknowledges the IUT's data, so its SACK edges count as its Ack does.
  const edge = (relative: number) => model.raw({ seq: 0, ack: relative }).ack;
  if (blocks.length > 0) {
    options.sackBlocks = blocks.map(({ left, right }) => ({ left: edge(left), right: edge(right) }));
  }
  return options;
}

function numberOf({ value }: FieldPattern, scope: Scope): number {
  return value.kind === 'equals' ? evaluate(value.value, scope) : 0;
}

/** The same octet at the same sequence number, so that what is sent again is the same. */
function letters(seq: number, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => 0x61 + (((seq + index) >>> 0) % 26));
}
