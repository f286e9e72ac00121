import { describe, expect, test } from '@jest/globals';
import { judgeScript } from '../../../harness/match/judge-script.js';
import { roleOf, scripted } from './build.js';
import { play, TESTER_ISN } from './play.js';
import type { Answer, Played } from './play.js';

const HANDSHAKE = scripted(`
id: handshake
title: ESTABLISHED
iut: server
steps:
  - send: "[SYN] Seq=0 MSS=1460"
  - expect: "[SYN, ACK] Seq=0 Ack=1"
  - send: "[ACK] Seq=1 Ack=1"
`).steps;

const CHALLENGE_ACK = `
id: challenge-ack-rst-in-window
title: A reset inside the window, but not at RCV.NXT, draws a challenge ACK
covers: [R5961-3.2]
level: MUST
iut: server
start: ESTABLISHED
steps:
  - send: "[RST] Seq=RCV.NXT+1"
  - expect: "[ACK] Seq=SND.NXT Ack=RCV.NXT Len=0"
    within: 500ms
  - send: "[PSH, ACK] Seq=RCV.NXT Ack=SND.NXT"
    payload: "still here"
  - expect: "[ACK] Ack=RCV.NXT"
`;

const HANDSHAKE_ANSWERS: Answer[][] = [[], [{ line: '[SYN, ACK] Seq=0 Ack=1 Win=65535' }], []];

/** Answers by their number, behind the handshake. */
function iut(...answers: Answer[][]) {
  return (count: number): Answer[] => [...HANDSHAKE_ANSWERS, ...answers][count] ?? [];
}

function established(yaml: string, ...answers: Answer[][]): Played {
  return play(yaml, iut(...answers), { recipe: HANDSHAKE });
}

describe("the design's challenge ACK", () => {
  test('passes with a stack that sends it', () => {
    const { result, sent } = established(
      CHALLENGE_ACK,
      [{ line: '[ACK] Seq=1 Ack=1 Win=65535' }],
      [{ line: '[ACK] Seq=1 Ack=11 Win=65525' }],
    );
    expect(result.failure?.text).toBeUndefined();
    expect(sent).toEqual(['0 - 0', '1 1 0', '2 - 0', '1 1 10']);
    expect(result.verdict).toBe('pass');
  });

  test('fails with a stack that is silent, after the half second', () => {
    const { result } = established(CHALLENGE_ACK);
    expect(result.failure?.text).toMatchInlineSnapshot(`
      "expectations/test.yaml:10:13: step 2 of 4: no such packet came within 500 ms
      A reset inside the window, but not at RCV.NXT, draws a challenge ACK (R5961-3.2)

        expected  server  [ACK] Seq=SND.NXT Ack=RCV.NXT Len=0
        actual    nothing
        where SND.NXT is 1, RCV.NXT is 1

        packet     ms  client    server
             1  0.000  ---------------->  [SYN] Seq=0 Win=65535 Len=0             start
             2  1.000  <----------------  [SYN, ACK] Seq=0 Ack=1 Win=65535 Len=0  start
             3  1.010  ---------------->  [ACK] Seq=1 Ack=1 Win=65535 Len=0       start
             4  1.020  ---------------->  [RST] Seq=2 Win=65535 Len=0             step 1

      Filter:  tcp.stream eq 0
      "
    `);
  });

  test('fails with a stack that resets', () => {
    const { result } = established(CHALLENGE_ACK, [{ line: '[RST, ACK] Seq=1 Ack=1 Win=0' }]);
    expect(result.failure?.text).toMatchInlineSnapshot(`
      "expectations/test.yaml:10:13: step 2 of 4: packet 5 is not what is expected here
      A reset inside the window, but not at RCV.NXT, draws a challenge ACK (R5961-3.2)

        expected  server  [ACK]       Seq=SND.NXT  Ack=RCV.NXT         Len=0
        packet 5  server  [RST, ACK]  Seq=1        Ack=1        Win=0  Len=0
                          ^^^^^^^^^^
        where SND.NXT is 1, RCV.NXT is 1

        Flags: expected [ACK] (0x010), actual [RST, ACK] (0x014)

        packet     ms  client    server
             1  0.000  ---------------->  [SYN] Seq=0 Win=65535 Len=0             start
             2  1.000  <----------------  [SYN, ACK] Seq=0 Ack=1 Win=65535 Len=0  start
             3  1.010  ---------------->  [ACK] Seq=1 Ack=1 Win=65535 Len=0       start
             4  1.020  ---------------->  [RST] Seq=2 Win=65535 Len=0             step 1
      >      5  2.020  <----------------  [RST, ACK] Seq=1 Ack=1 Win=0 Len=0

      Closest to what is expected: packet 5 (not Flags)

      Filter:  tcp.stream eq 0 && frame.number == 5
      "
    `);
  });

  test('is judged alike from the capture', () => {
    for (const answers of [
      [[{ line: '[ACK] Seq=1 Ack=1 Win=65535' }], [{ line: '[ACK] Seq=1 Ack=11 Win=65525' }]],
      [[], []],
      [[{ line: '[ACK] Seq=1 Ack=2 Win=65535' }]],
    ]) {
      const played = established(CHALLENGE_ACK, ...answers);
      const judged = judgeScript(scripted(CHALLENGE_ACK), played.trace, played.packets, {
        testerIsn: TESTER_ISN,
        family: 'ipv4',
        recipe: HANDSHAKE,
        isFromIut: (packet) => roleOf(packet) === 'server',
        filterHits: new Map(),
      });
      expect(judged).toEqual(played.result);
    }
  });
});

test('a recipe that does not get there is inconclusive, and says where it stopped', () => {
  const { result } = play(CHALLENGE_ACK, () => [], { recipe: HANDSHAKE });
  expect([result.verdict, result.stage]).toMatchInlineSnapshot(`
    [
      "inconclusive",
      "ESTABLISHED was not reached: no such packet came within 1000 ms",
    ]
  `);
});
