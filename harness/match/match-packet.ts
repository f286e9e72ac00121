import { printFlags } from './print-flags.js';
import type { Scope } from '../case/expression.js';
import { ELAPSED } from '../case/fields.js';
import type { FieldPattern, PacketPattern } from '../case/model.js';
import { ACK } from '../dissect/packet.js';
import type { Packet } from '../dissect/packet.js';
import { fieldNamed, fieldValueOf } from './field-registry.js';
import type { Field } from './field-registry.js';
import { decimalAndHex, describeValue, inValue } from './match-value.js';
import { showBytes } from './show-bytes.js';
import type { Difference } from './verdict.js';

/**
 * Compares a packet with a pattern field by field; empty means it matches. What the pattern does not name is not judged,
 * and which side sent the packet is the caller's business. Fields come in the order of the pattern, flags first.
 */
export function matchPacket(pattern: PacketPattern, packet: Packet, scope: Scope): Difference[] {
  const differences: Difference[] = [];
  for (const check of checksOf(pattern)) {
    if (!check.holds(packet, scope)) differences.push(check.describe(packet, scope));
  }
  return differences;
}

/** The same question, answered yes or no at the first field that differs. */
export function packetMatches(pattern: PacketPattern, packet: Packet, scope: Scope): boolean {
  for (const check of checksOf(pattern)) {
    if (!check.holds(packet, scope)) return false;
  }
  return true;
}

/** How many separate things the pattern asks for; none at all makes it match every packet of its side. */
export function fieldCount(pattern: PacketPattern): number {
  return checksOf(pattern).length;
}

/** Variables that `let:` takes from a packet, `elapsed` ms after the item before it; a field that is absent binds nothing. */
export function bindFrom(
  bind: Readonly<Record<string, string>>,
  packet: Packet,
  elapsed?: number,
): Record<string, number> | undefined {
  let bound: Record<string, number> | undefined;
  for (const [variable, name] of Object.entries(bind)) {
    const value = name === ELAPSED ? elapsed && Math.round(elapsed) : fieldNamed(name).values(packet)[0];
    if (typeof value === 'number') (bound ??= {})[variable] = value;
  }
  return bound;
}

interface Check {
  holds(packet: Packet, scope: Scope): boolean;
  describe(packet: Packet, scope: Scope): Difference;
}

/** A pattern is judged against many packets, so what can be looked up once is looked up once. */
const COMPILED = new WeakMap<PacketPattern, Check[]>();

function checksOf(pattern: PacketPattern): Check[] {
  let checks = COMPILED.get(pattern);
  if (checks === undefined) {
    checks = [...flagChecks(pattern), ...fieldChecks(pattern.fields), ...payloadChecks(pattern)];
    COMPILED.set(pattern, checks);
  }
  return checks;
}

function flagChecks({ flags }: PacketPattern): Check[] {
  if (flags === undefined) return [];
  const { set, ignore } = flags;
  return [
    {
      holds: ({ tcp }) => ((tcp.flags ^ set) & ~ignore & 0xfff) === 0,
      describe: ({ tcp }) => ({
        field: 'Flags',
        expected: printFlags(set),
        actual: printFlags(tcp.flags),
      }),
    },
  ];
}

function payloadChecks({ payload }: PacketPattern): Check[] {
  if (payload === undefined) return [];
  const wanted = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  return [
    {
      holds: ({ tcp }) => wanted.equals(tcp.payload),
      describe: ({ tcp }) => ({
        field: 'payload',
        ...showBytes(wanted, tcp.payload),
      }),
    },
  ];
}

function fieldChecks(fields: FieldPattern[]): Check[] {
  const seen = new Map<Field, number>();
  return fields.map((pattern) => {
    const field = fieldNamed(pattern.name);
    const nth = seen.get(field) ?? 0;
    seen.set(field, nth + 1);
    const read = (packet: Packet) => {
      const values = field.values(packet);
      return field.ordered ? values.slice(nth, nth + 1) : values;
    };
    return {
      holds: (packet, scope) => fieldHolds(pattern, read(packet), scope, field.sequence),
      describe: (packet, scope) => ({
        field: pattern.name,
        expected: describeExpected(pattern, scope, field.sequence),
        actual: describeActual(read(packet)) + withoutMeaning(field, packet),
      }),
    };
  });
}

/** The acknowledgement field of a segment without the ACK flag says nothing (RFC 9293 section 3.1). */
function withoutMeaning(field: Field, { tcp }: Packet): string {
  return field === fieldNamed('Ack') && (tcp.flags & ACK) === 0 ? ', without the ACK flag' : '';
}

/** Any occurrence may satisfy a value; `!=` holds only if no occurrence is equal, as in Wireshark 4. */
function fieldHolds(
  { value }: FieldPattern,
  values: (number | string)[],
  scope: Scope,
  sequence: boolean,
): boolean {
  switch (value.kind) {
    case 'present':
      return values.length > 0;
    case 'absent':
      return values.length === 0;
    case 'text':
      return values.some((actual) => sameText(actual, value.text));
    default: {
      if (value.kind === 'any') return true;
      const holds = (actual: number | string) =>
        typeof actual === 'number' && inValue(value, actual, scope, sequence);
      const unequal = value.kind === 'compare' && value.op === '!=';
      return unequal ? values.length > 0 && values.every(holds) : values.some(holds);
    }
  }
}

function sameText(actual: number | string, text: string): boolean {
  return typeof actual === 'number'
    ? fieldValueOf(text) === actual
    : actual.toLowerCase() === text.toLowerCase();
}

function describeExpected({ value }: FieldPattern, scope: Scope, sequence: boolean): string {
  if (value.kind === 'present' || value.kind === 'absent') return value.kind;
  return value.kind === 'text' ? value.text : describeValue(value, scope, sequence);
}

function describeActual(values: (number | string)[]): string {
  if (values.length === 0) return 'absent';
  return values.map((value) => (typeof value === 'number' ? decimalAndHex(value) : value)).join(', ');
}
