import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { printLine } from '../../../harness/case/print-line.js';
import type { ObservedCase, Role } from '../../../harness/case/model.js';
import type { Packet } from '../../../harness/dissect/packet.js';
import { matchConversation } from '../../../harness/match/conversation.js';
import type { MatchResult } from '../../../harness/match/verdict.js';
import { expecting, packets, roleOf } from './build.js';
import type { PacketText } from './build.js';

/** Sequence numbers that straddle the wrap, and any other. */
const number = fc.oneof(
  fc.integer({ min: 0, max: 3 }),
  fc.integer({ min: 2 ** 32 - 3, max: 2 ** 32 - 1 }),
  fc.integer({ min: 0, max: 2 ** 32 - 1 }),
);
const packetText: fc.Arbitrary<PacketText> = fc
  .record({
    from: fc.constantFrom<Role>('client', 'server'),
    flags: fc.constantFrom(
      'SYN',
      'SYN, ACK',
      'ACK',
      'PSH, ACK',
      'FIN, ACK',
      'RST',
      'RST, ACK',
      'FIN, PSH, URG',
    ),
    seq: number,
    ack: number,
    win: fc.integer({ min: 0, max: 65535 }),
    len: fc.integer({ min: 0, max: 20 }),
    mss: fc.option(fc.integer({ min: 0, max: 65535 }), { nil: undefined }),
    stamp: fc.option(number, { nil: undefined }),
  })
  .map(({ from, flags, seq, ack, win, len, mss, stamp }) => {
    const line = `[${flags}] Seq=${seq}${flags.includes('ACK') ? ` Ack=${ack}` : ''} Win=${win} Len=${len}`;
    const options = `${mss === undefined ? '' : ` MSS=${mss}`}${stamp === undefined ? '' : ` TSval=${stamp} TSecr=${seq}`}`;
    return { from, line: line + options };
  });
const session = fc.array(packetText, { minLength: 1, maxLength: 12 });

/** A case that expects exactly these packets. */
function exactly(captured: readonly Packet[]): ObservedCase {
  return expecting(captured.map((packet) => `- ${roleOf(packet)}: "${printLine(packet)}"`).join('\n'));
}

function judge(expected: readonly Packet[], actual: readonly Packet[]): MatchResult {
  return matchConversation(exactly(expected), renumbered(actual), { roleOf });
}

function renumbered(captured: readonly Packet[]): Packet[] {
  return captured.map((packet, index) => ({
    ...packet,
    frame: index + 1,
    time: (captured[0]?.time ?? 0) + index / 1000,
  }));
}

/** Where two sessions first differ, as a packet of the actual one: what has to be named. */
function firstDifference(expected: readonly Packet[], actual: readonly Packet[]): number {
  const strict = exactly(expected).expect;
  let index = 0;
  while (index < actual.length && index < expected.length) {
    const item = strict[index];
    const one = { ...exactly([expected[index]!]), expect: item === undefined ? [] : [item] };
    if (matchConversation(one, [actual[index]!], { roleOf }).verdict !== 'pass') break;
    index++;
  }
  return index;
}

function expectNamed(expected: readonly Packet[], actual: readonly Packet[]): void {
  const at = firstDifference(expected, actual);
  const { verdict, failure } = judge(expected, actual);
  expect(verdict).toBe(actual.length === 0 ? 'inconclusive' : 'fail');
  if (actual.length === 0) return;
  expect(failure?.step).toBe(Math.min(at + 1, expected.length));
  expect(failure?.frame).toBe(at < actual.length ? at + 1 : undefined);
}

describe('a session turned into exact expectations', () => {
  test('accepts itself', () => {
    fc.assert(
      fc.property(session, (lines) => {
        const captured = packets(lines);
        const result = judge(captured, captured);
        expect(result.failure?.text).toBeUndefined();
        expect(result.marks).toEqual(
          captured.map((_packet, index) => ({ frame: index + 1, mark: 'expected', step: index + 1 })),
        );
      }),
    );
  });

  test('finds a changed field, and names its packet and step', () => {
    const changes = fc.constantFrom<(tcp: Packet['tcp']) => Partial<Packet['tcp']>>(
      (tcp) => ({ seq: (tcp.seq + 1) >>> 0 }),
      (tcp) => ({ seq: (tcp.seq - 2 ** 31) >>> 0 }),
      (tcp) => ({ ack: (tcp.ack + 1) >>> 0, flags: tcp.flags | 0x10 }),
      (tcp) => ({ window: tcp.window ^ 1 }),
      (tcp) => ({ len: tcp.len + 1 }),
      (tcp) => ({ flags: tcp.flags ^ 0x04 }),
      (tcp) => ({ flags: tcp.flags ^ 0x800 }),
    );
    fc.assert(
      fc.property(session, fc.nat(), changes, (lines, place, change) => {
        const captured = packets(lines);
        const at = place % captured.length;
        const changed = captured.map((packet, index) =>
          index === at ? { ...packet, tcp: { ...packet.tcp, ...change(packet.tcp) } } : packet,
        );
        const { verdict, failure } = judge(captured, changed);
        expect([verdict, failure?.step, failure?.frame]).toEqual(['fail', at + 1, at + 1]);
        expect(failure?.differences.length === 0 ? failure.kind : 'differs').not.toBe('mismatch');
      }),
    );
  });

  test('finds a dropped packet', () => {
    fc.assert(
      fc.property(session, fc.nat(), (lines, place) => {
        const captured = packets(lines);
        const at = place % captured.length;
        expectNamed(captured, renumbered(captured.filter((_packet, index) => index !== at)));
      }),
    );
  });

  test('finds an added packet', () => {
    fc.assert(
      fc.property(session, packetText, fc.nat(), (lines, added, place) => {
        const captured = packets(lines);
        const at = place % (captured.length + 1);
        const more = [...captured.slice(0, at), ...packets([added]), ...captured.slice(at)];
        expectNamed(captured, renumbered(more));
      }),
    );
  });

  test('finds a duplicate', () => {
    fc.assert(
      fc.property(session, fc.nat(), (lines, place) => {
        const captured = packets(lines);
        const at = place % captured.length;
        const more = [...captured.slice(0, at + 1), ...captured.slice(at)];
        expectNamed(captured, renumbered(more));
      }),
    );
  });

  test('finds two packets that changed places', () => {
    fc.assert(
      fc.property(fc.array(packetText, { minLength: 2, maxLength: 12 }), fc.nat(), (lines, place) => {
        const captured = packets(lines);
        const at = place % (captured.length - 1);
        const [one, other] = [captured[at]!, captured[at + 1]!];
        const swapped = renumbered([...captured.slice(0, at), other, one, ...captured.slice(at + 2)]);
        fc.pre(firstDifference(captured, swapped) < captured.length);
        expectNamed(captured, swapped);
      }),
    );
  });
});

test('ten thousand packets are judged against as many expectations within a second', () => {
  const lines = Array.from({ length: 10_000 }, (_, index): PacketText => ({
    from: index % 2 === 0 ? 'client' : 'server',
    line: `[ACK] Seq=${index} Ack=${index} Win=65535 Len=10`,
  }));
  const captured = packets(lines);
  const strict = exactly(captured);
  const times: Record<string, number> = {};
  for (const [name, testCase] of Object.entries({
    strict,
    subsequence: { ...strict, mode: 'subsequence' as const },
  })) {
    const start = performance.now();
    expect(matchConversation(testCase, captured, { roleOf }).verdict).toBe('pass');
    times[name] = performance.now() - start;
  }
  const late = { ...strict, expect: strict.expect.slice(1) };
  expect(matchConversation(late, captured, { roleOf }).failure?.frame).toBe(1);
  // Generous: the machine may be busy with other things.
  expect(Math.max(...Object.values(times))).toBeLessThan(4000);
  if (process.env['SHOW_TIMES']) process.stderr.write(JSON.stringify(times) + '\n');
});
