import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type {
  ExpectItem,
  Expression,
  PacketPattern,
  Role,
  Timing,
  ValueSpec,
} from '../../../harness/case/model.js';
import { matchConversation } from '../../../harness/match/conversation.js';
import { expecting, packets, roleOf } from './build.js';
import type { PacketText } from './build.js';
import { admitted, nthAdmitted } from './oracle.js';

const place = { file: 'oracle.yaml', line: 1, column: 1 };
const role = fc.constantFrom<Role>('client', 'server');
/** ms, coarse enough for a silence to be told from a packet at its very end. */
function tens(min: number, max: number): fc.Arbitrary<number> {
  return fc.integer({ min, max }).map((count) => count * 10);
}

const timing: fc.Arbitrary<Timing> = fc.oneof(
  { weight: 4, arbitrary: fc.constant({}) },
  { weight: 1, arbitrary: fc.record({ within: tens(0, 4) }) },
  { weight: 1, arbitrary: fc.record({ after: tens(0, 4) }) },
);

function pattern(from: Role, len: number | 'any' | '$x', binds: boolean): PacketPattern {
  const text = `Len=${len}`;
  const number: Expression =
    typeof len === 'number' ? { kind: 'number', value: len } : { kind: 'variable', name: 'x' };
  const value: ValueSpec = len === 'any' ? { kind: 'any' } : { kind: 'equals', value: number };
  return {
    from,
    fields: [{ name: 'Len', value, text, place }],
    bind: binds ? { x: 'Len' } : {},
    text,
    place,
  };
}

const packetItem = (binding: boolean): fc.Arbitrary<ExpectItem> =>
  fc
    .record({
      from: role,
      len: fc.constantFrom<(number | 'any' | '$x')[]>(
        0,
        1,
        2,
        'any',
        ...(binding ? (['$x', '$x'] as const) : []),
      ),
      binds: binding ? fc.boolean() : fc.constant(false),
      times: fc.constantFrom(
        { min: 1, max: 1 },
        { min: 1, max: 1 },
        { min: 0, max: 1 },
        { min: 0, max: 2 },
        { min: 2, max: 3 },
      ),
      timing,
    })
    .map(({ from, len, binds, times, timing }) => ({
      kind: 'packet',
      pattern: pattern(from, len, binds),
      times,
      timing,
      place,
    }));

const quietItem: fc.Arbitrary<ExpectItem> = fc
  .record({ ms: tens(1, 4), from: fc.option(role, { nil: undefined }) })
  .map(({ ms, from }) => ({ kind: 'quiet', ms, place, ...(from === undefined ? {} : { from }) }));

const items = (binding: boolean) =>
  fc.letrec<{ item: ExpectItem }>((tie) => ({
    item: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      { weight: 6, arbitrary: packetItem(binding) },
      { weight: 1, arbitrary: quietItem },
      {
        weight: 2,
        arbitrary: fc
          .record({ items: fc.array(tie('item'), { minLength: 1, maxLength: 3 }), timing })
          .map(({ items, timing }): ExpectItem => ({ kind: 'any-order', items, timing, place })),
      },
      {
        weight: 2,
        arbitrary: fc
          .record({
            alternatives: fc.array(fc.array(tie('item'), { maxLength: 2 }), { minLength: 2, maxLength: 3 }),
            timing,
          })
          .map(({ alternatives, timing }): ExpectItem => ({
            kind: 'one-of',
            alternatives: alternatives.map((inner, index) => ({ label: `${index}`, items: inner, place })),
            timing,
            place,
          })),
      },
    ),
  })).item;

const wire = fc.array(fc.record({ from: role, len: fc.integer({ min: 0, max: 2 }), gap: tens(0, 3) }), {
  minLength: 1,
  maxLength: 5,
});

/** Half of the captures follow the case, as far as its patterns alone tell, so that many of them fit. */
function linesOf(
  items: readonly ExpectItem[],
  noise: { from: Role; len: number; gap: number }[],
  follow: number,
): PacketText[] {
  const patterns = follow % 2 === 0 ? undefined : nthAdmitted(items, follow >> 1)?.slice(0, 6);
  let at = 0;
  const line = (from: Role, len: number, gap: number): PacketText => ({
    from,
    line: `[ACK] Seq=1 Len=${len}`,
    at: (at += gap),
  });
  if (patterns === undefined || patterns.length === 0)
    return noise.map(({ from, len, gap }) => line(from, len, gap));
  return patterns.map((pattern, index) => {
    const value = pattern.fields[0]?.value;
    const { gap = 1, len = 1 } = noise[index % noise.length] ?? {};
    const exact = value?.kind === 'equals' && value.value.kind === 'number' ? value.value.value : len;
    return line(pattern.from, exact, gap);
  });
}

const RUNS = Number(process.env['ORACLE_RUNS'] ?? 150);

for (const mode of ['strict', 'subsequence'] as const) {
  for (const binding of [false, true]) {
    test(`${mode} matching${binding ? ' with variables' : ''} finds what every reading of the case admits, and no more`, () => {
      const seen = { true: 0, false: 0 };
      fc.assert(
        fc.property(
          fc.array(items(binding), { minLength: 1, maxLength: 4 }),
          wire,
          fc.nat(),
          (expect_, noise, follow) => {
            const lines = linesOf(expect_, noise, follow);
            const captured = packets(lines);
            const told = captured.map((packet) => ({
              packet,
              role: roleOf(packet),
              time: packet.time * 1000,
            }));
            const expected = admitted(expect_, told, mode);
            fc.pre(expected !== undefined);
            const testCase = { ...expecting('- client: "[SYN]"', `mode: ${mode}`), expect: expect_ };
            const { verdict } = matchConversation(testCase, captured, { roleOf });
            seen[`${expected}`]++;
            expect(verdict).toBe(expected ? 'pass' : 'fail');
          },
        ),
        { numRuns: RUNS, seed: Number(process.env['ORACLE_SEED'] ?? 42) },
      );
      expect(Math.min(seen.true, seen.false)).toBeGreaterThan(15);
    });
  }
}
