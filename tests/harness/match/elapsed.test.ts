import { describe, expect, test } from '@jest/globals';
import { agree, judgeScript } from '../../../harness/match/judge-script.js';
import { matchConversation } from '../../../harness/match/conversation.js';
import { client, observed, packets, roleOf, scripted } from './build.js';
import { play, TESTER_ISN } from './play.js';
import type { Played } from './play.js';

const DOUBLING = `
id: doubling
title: Each repetition takes twice as long
iut: server
start: CLOSED
steps:
  - send: "[SYN] Seq=0"
  - expect: "[SYN, ACK] Seq=0 Ack=1"
  - expect: "[SYN, ACK] Seq=0 Ack=1"
    within: 7s
    let: { first: elapsed }
  - expect: "[SYN, ACK] Seq=0 Ack=1"
    after: $first * 3 / 2
    within: $first * 5 / 2
    let: { second: elapsed }
  - wait: $second / 2
  - send: "[ACK] Seq=1 Ack=1"
    after: $first
`;

/** The SYN,ACK comes after 1 ms, then again at these times after that. */
function repeating(...at: number[]): Played {
  const line = '[SYN, ACK] Seq=0 Ack=1 Win=1000';
  const answers = [0, ...at].map((after) => ({ line, after: 1 + after }));
  return play(DOUBLING, (count) => (count === 1 ? answers : []));
}

describe('times that follow from what was captured', () => {
  test.each([
    [200, 600],
    [3000, 9000],
    [3000, 7501],
  ])('hold for a first gap of %i ms', (first, second) => {
    const { result, packets } = repeating(first, second);
    expect(result.failure?.text).toBeUndefined();
    expect(result.verdict).toBe('pass');
    expect(result.variables).toEqual({ first, second: second - first });
    // Half the second gap, then the first, behind the last repetition.
    const sentMs = (packets.at(-1)!.time - packets.at(-2)!.time) * 1000;
    expect(sentMs).toBeCloseTo((second - first) / 2 + first, -1);
  });

  test('fail what comes too early or too late for it', () => {
    expect(repeating(200, 450).result.failure?.text).toContain(
      'expected at least 300 ms after what comes before it, actual 250 ms after it',
    );
    expect(repeating(200, 750).result.failure?.text).toContain('no such packet came within 500 ms');
    expect(repeating(200).result.failure?.text).toContain('no such packet came within 500 ms');
  });

  test('are judged alike from the capture', () => {
    for (const played of [repeating(200, 600), repeating(200, 450), repeating(200, 750), repeating(200)]) {
      const testCase = scripted(DOUBLING);
      const again = judgeScript(testCase, played.trace, played.packets, {
        testerIsn: TESTER_ISN,
        family: 'ipv4',
        isFromIut: (packet) => roleOf(packet) === 'server',
      });
      expect(agree(again, played.result)).toBe(true);
    }
  });

  test('follow a tolerance as all others do', () => {
    const line = '[SYN, ACK] Seq=0 Ack=1 Win=1000';
    const answers = [1, 201, 826].map((after) => ({ line, after }));
    const { result } = play(DOUBLING, (count) => (count === 1 ? answers : []), {
      context: { tolerance: 1.3 },
    });
    expect(result.verdict).toBe('pass');
  });
});

test.each([
  [500, 'pass'],
  [700, 'fail'],
])('where two real ends are observed, too: %i ms', (last, verdict) => {
  const testCase = observed(`
id: doubling
title: Each repetition takes twice as long
client: {}
server: { listen: false }
expect:
  - client: "[SYN] Seq=0"
  - client: "[SYN] Seq=0"
    let: { gap: elapsed }
  - client: "[SYN] Seq=0"
    after: $gap * 16 / 10
    within: $gap * 5 / 2
`);
  const syns = [0, 200, 200 + last].map((at) => ({ ...client('[SYN] Seq=0 Win=1000 Len=0'), at }));
  expect(matchConversation(testCase, packets(syns), { roleOf, filterHits: new Map() }).verdict).toBe(verdict);
});
