import { expect, test } from '@jest/globals';
import type { Packet } from '../../../harness/dissect/packet.js';
import { agree, bearsOut, judgeScript } from '../../../harness/match/judge-script.js';
import { packets, roleOf, scripted, server } from './build.js';
import { IUT_ISN, play, TESTER_ISN } from './play.js';

const YAML = `
id: answer
title: A SYN is answered within half a second
iut: server
start: LISTEN
steps:
  - send: "[SYN] Seq=0"
  - expect: "[SYN, ACK] Seq=0 Ack=1"
    within: 500ms
`;
const CONTEXT = {
  testerIsn: TESTER_ISN,
  family: 'ipv4',
  isFromIut: (packet: Packet) => roleOf(packet) === 'server',
  filterHits: new Map(),
} as const;

function answeredAfter(ms: number, slack: number) {
  const answers = [[], [{ line: '[SYN, ACK] Seq=0 Ack=1 Win=100', after: ms }]];
  return play(YAML, (count) => answers[count] ?? [], { context: { slack } });
}

test('a live view that is lenient about time is borne out by the capture, which then decides', () => {
  const { result, trace, packets: captured } = answeredAfter(600, 400);
  const judged = judgeScript(scripted(YAML), trace, captured, CONTEXT);
  expect([result.verdict, judged.verdict, agree(result, judged)]).toEqual(['pass', 'fail', false]);
  expect(bearsOut(result, scripted(YAML), trace, captured, { ...CONTEXT, slack: 400 })).toBe(true);
  expect(judged.failure?.text).toMatchInlineSnapshot(`
    "expectations/test.yaml:8:13: step 2 of 2: packet 2 came too late
    A SYN is answered within half a second

      expected  server  [SYN, ACK]  Seq=0  Ack=1
      packet 2  server  [SYN, ACK]  Seq=0  Ack=1  Win=100  Len=0

      time: expected at most 500 ms after what comes before it, actual 600 ms after it

      packet       ms  client    server
           1    0.000  ---------------->  [SYN] Seq=0 Win=65535 Len=0           step 1
    >      2  600.000  <----------------  [SYN, ACK] Seq=0 Ack=1 Win=100 Len=0

    Closest to what is expected: packet 2 (fits)

    Filter:  tcp.stream eq 0 && frame.number == 2
    "
  `);
});

test('a packet that the live view saw and the capture lacks is the fault of the harness', () => {
  const { result, trace, packets: captured } = answeredAfter(100, 400);
  expect(bearsOut(result, scripted(YAML), trace, captured, { ...CONTEXT, slack: 400 })).toBe(true);
  expect(bearsOut(result, scripted(YAML), trace, captured.slice(0, 1), { ...CONTEXT, slack: 400 })).toBe(
    false,
  );
});

test('what the capture holds after the script is shown, not judged', () => {
  const played = answeredAfter(100, 0);
  const isn = { client: TESTER_ISN, server: IUT_ISN };
  const more = packets([server('[RST] Seq=1 Win=0 Len=0', { at: 700 })], isn).map((packet) => ({
    ...packet,
    frame: 3,
  }));
  const never = YAML.replace('start:', 'never:\n  - server: "[RST]"\nstart:');
  const judged = judgeScript(scripted(never), played.trace, [...played.packets, ...more], CONTEXT);
  expect(judged.verdict).toBe('pass');
  expect(judged.marks.at(-1)).toEqual({ frame: 3, mark: 'not-judged' });
  const silent = judgeScript(scripted(YAML), played.trace, [...played.packets.slice(0, 1), ...more], CONTEXT);
  expect(silent.failure?.kind).toBe('missing');
  expect(silent.failure?.text).toContain('[RST] Seq=');
});

test('a fault that the capture places at an earlier step than the live view is a fault all the same', () => {
  const yaml = `
id: silent
title: Nothing comes for a while, and then nothing either
iut: server
start: LISTEN
steps:
  - send: "[RST] Seq=0"
  - quiet: 100ms
  - send: "[RST] Seq=1"
  - quiet: 100ms
`;
  const late = play(yaml, (count) => [[], [], [{ line: '[RST] Seq=0', after: 1 }]][count] ?? []);
  const early = play(yaml, (count) => [[], [{ line: '[RST] Seq=0', after: 99 }]][count] ?? []);
  const steps = [late, early].map(({ result }) => result.failure?.step);
  expect(steps).toEqual([4, 2]);
  const borne = (live: typeof late, captured: typeof late) =>
    bearsOut(live.result, scripted(yaml), captured.trace, captured.packets, { ...CONTEXT, slack: 0 });
  expect(borne(late, early)).toBe(true);
  expect(borne(early, late)).toBe(false);
});
