import { describe, expect, test } from '@jest/globals';
import { matchConversation } from '../../../harness/match/conversation.js';
import type { MatchResult } from '../../../harness/match/verdict.js';
import { AmbiguousCaseError } from '../../../harness/match/expectation.js';
import { MissingFilterHitsError } from '../../../harness/match/never.js';
import { client, expecting, observed, packets, roleOf, server } from './build.js';
import type { PacketText } from './build.js';

const ECHO = `
id: echo
title: Echo between two user-space stacks completes without a reset
covers: [MUST-2]
client: { port: 12345 }
server: { port: 8080 }
expect:
  - client: "[SYN] Seq=0 Win=65535 Len=0"
  - server: "[SYN, ACK] Seq=0 Ack=1 Win=65535 Len=0"
  - client: "[ACK] Seq=1 Ack=1 Len=0"
  - client: "[PSH, ACK] Seq=1 Ack=1 Len=14"
    payload: "Hello, Server!"
  - server: "[ACK] Seq=1 Ack=15 Len=0"
`;
const SESSION = [
  client('[SYN] Seq=0 Win=65535 Len=0'),
  server('[SYN, ACK] Seq=0 Ack=1 Win=65535 Len=0'),
  client('[ACK] Seq=1 Ack=1 Win=65535 Len=0'),
  client('[PSH, ACK] Seq=1 Ack=1 Win=65535 Len=14', { payload: 'Hello, Server!' }),
  server('[ACK] Seq=1 Ack=15 Win=65535 Len=0'),
];

function judge(yaml: string, lines: readonly PacketText[]): MatchResult {
  return matchConversation(observed(yaml), packets(lines), { roleOf, filterHits: new Map() });
}

describe('a session as it should be', () => {
  test('passes, and every packet has its step', () => {
    const result = judge(ECHO, SESSION);
    expect(result.failure?.text).toBeUndefined();
    expect(result.verdict).toBe('pass');
    expect(result.marks.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5]);
  });
  test('fails at the reset that does not belong to it', () => {
    const reset = client('[RST] Seq=1 Win=0 Len=0');
    const { verdict, failure } = judge(ECHO, [...SESSION.slice(0, 2), reset, ...SESSION.slice(2)]);
    expect([verdict, failure?.kind, failure?.step, failure?.frame]).toEqual(['fail', 'unexpected', 3, 3]);
  });
});

describe('a purpose that was never reached is inconclusive', () => {
  test('without any packet, at the stage that the harness names, or when the wire was not watched long enough', () => {
    expect(judge(ECHO, [])).toMatchObject({
      verdict: 'inconclusive',
      stage: 'no packet of the conversation was captured',
    });
    const early = matchConversation(observed(ECHO), packets(SESSION), { roleOf, stage: 'connect' });
    expect(early).toMatchObject({ verdict: 'inconclusive', stage: 'connect' });
    const testCase = expecting('- client: "[SYN]"\n- quiet: 300ms');
    const captured = packets(SESSION.slice(0, 1));
    const until = (ms: number) =>
      matchConversation(testCase, captured, { roleOf, capturedUntil: captured[0]!.time + ms / 1000 });
    expect(until(100)).toMatchObject({
      verdict: 'inconclusive',
      stage: 'the capture ends 200 ms before the silence is over',
    });
    expect(until(300).verdict).toBe('pass');
  });

  test('but a wrong packet is a failure, and a case that expects nothing passes on nothing', () => {
    expect(judge(ECHO, [client('[RST] Seq=0 Win=0 Len=0')]).verdict).toBe('fail');
    expect(matchConversation({ ...observed(ECHO), expect: [] }, [], { roleOf }).verdict).toBe('pass');
  });
});

test('outcomes are named in the order in which they were seen', () => {
  const testCase = expecting(`- one-of:
    refused: { server: "[RST, ACK]" }
    open: [{ server: "[SYN, ACK]" }, { client: "[ACK]" }]
- one-of:
    nothing:
    data: { client: "[PSH, ACK]" }`);
  const outcomes = (...lines: PacketText[]) =>
    matchConversation(testCase, packets(lines), { roleOf }).outcomes;
  expect(outcomes(server('[RST, ACK] Seq=0 Ack=1'))).toEqual(['refused', 'nothing']);
  expect(
    outcomes(server('[SYN, ACK] Seq=0 Ack=1'), client('[ACK] Seq=1'), client('[PSH, ACK] Seq=1')),
  ).toEqual(['open', 'data']);
});

test('twenty packets in any order are found in every order, alike or not', () => {
  const lines = Array.from({ length: 20 }, (_, index) => client(`[ACK] Seq=1 Len=${index}`));
  const items = (text: (index: number) => string) =>
    expecting(`- any-order:\n${lines.map((_, index) => `    - client: "${text(index)}"`).join('\n')}`);
  for (const testCase of [
    items((index) => `Len=${index}`),
    items(() => '[ACK]'),
    items((index) => `Len<=${index}`),
  ]) {
    for (const mode of ['strict', 'subsequence'] as const) {
      expect(
        matchConversation({ ...testCase, mode }, packets([...lines].reverse()), { roleOf }).verdict,
      ).toBe('pass');
    }
  }
});

test('a case with too many readings says so rather than never ending', () => {
  const items = Array.from({ length: 24 }, (_, index) => `    - client: "Len<=${100 + index}"`).join('\n');
  const testCase = expecting(`- any-order:\n${items}`);
  const captured = packets(Array.from({ length: 24 }, () => client('[ACK] Seq=1 Len=1')));
  expect(() => matchConversation(testCase, captured, { roleOf })).toThrow(AmbiguousCaseError);
});

test('a filter that nobody evaluated is not taken for one that hits nothing', () => {
  const testCase = expecting('- client: "[SYN]"', 'never:\n  - tcp.flags.reset == 1');
  expect(() => matchConversation(testCase, packets(SESSION.slice(0, 1)), { roleOf })).toThrow(
    MissingFilterHitsError,
  );
});
