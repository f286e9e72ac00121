import { describe, expect, test } from '@jest/globals';
import type { Packet } from '../../../harness/dissect/packet.js';
import { agree, CaptureMismatchError, judgeScript } from '../../../harness/match/judge-script.js';
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

/** A case in ESTABLISHED with these steps. */
function steps(yaml: string, more = ''): string {
  const indented = yaml
    .trim()
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n');
  return `id: test\ntitle: A test\niut: server\n${more}start: ESTABLISHED\nsteps:\n${indented}\n`;
}

function told({ result }: Played): unknown[] {
  const { verdict, failure, outcomes, stage } = result;
  return [
    verdict,
    ...(failure === undefined ? [] : [failure.kind, failure.step, failure.frame]),
    ...outcomes,
    ...(stage === undefined ? [] : [stage]),
  ];
}

const DATA = '- send: "[PSH, ACK] Len=10"\n';
const DELAYED_ACK = { line: '[ACK] Seq=1 Ack=11 Win=65535' };

describe('what is optional', () => {
  const yaml = steps(`${DATA}- expect: "[ACK] Ack=RCV.NXT"
  optional: true
- send: "[PSH, ACK] Len=10"
- expect: "[ACK] Ack=RCV.NXT"
  within: 300ms`);
  const last = { line: '[ACK] Seq=1 Ack=21 Win=65535' };

  test('is not waited for', () => {
    const played = established(yaml, [], [last]);
    expect(told(played)).toEqual(['pass']);
    expect(played.packets.at(-1)!.time * 1000 - played.packets[0]!.time * 1000).toBeLessThan(10);
  });

  test('may come before the script goes on, or after, with the numbers of its own time', () => {
    expect(told(established(yaml, [{ ...DELAYED_ACK, after: 0.001 }], [last]))).toEqual(['pass']);
    expect(told(established(yaml, [{ ...DELAYED_ACK, after: 40 }], [{ ...last, after: 50 }]))).toEqual([
      'pass',
    ]);
  });

  test('may not come twice, nor after its time', () => {
    expect(
      told(established(yaml, [DELAYED_ACK, { ...DELAYED_ACK, after: 2 }], [{ ...last, after: 50 }])),
    ).toEqual(['fail', 'mismatch', 4, 7]);
    const late = yaml.replace('optional: true', 'optional: true\n    within: 20ms');
    expect(told(established(late, [{ ...DELAYED_ACK, after: 30 }], [{ ...last, after: 50 }]))).toEqual([
      'fail',
      'timing',
      2,
      6,
    ]);
  });
});

describe('one of several outcomes', () => {
  const yaml = steps(`${DATA}- one-of:
    acknowledged: { expect: "[ACK] Ack=RCV.NXT" }
    reset:
      - expect: "[RST] Seq=SEG.ACK"
    acknowledged and closed:
      - expect: "[ACK] Ack=RCV.NXT"
      - expect: "[FIN, ACK]"
    silence:
  within: 200ms
- send: "[ACK]"`);

  test.each([
    ['acknowledged', [DELAYED_ACK]],
    ['acknowledged and closed', [DELAYED_ACK, { line: '[FIN, ACK] Seq=1 Ack=11 Win=1', after: 150 }]],
    ['reset', [{ line: '[RST] Seq=1 Win=0' }]],
    ['silence', []],
  ])('is waited for and named: %s', (label, answers) => {
    expect(told(established(yaml, answers))).toEqual(['pass', label]);
  });

  test('fails on another', () => {
    expect(told(established(yaml, [{ line: '[FIN, ACK] Seq=1 Ack=11 Win=1' }]))).toEqual([
      'fail',
      'mismatch',
      2,
      5,
    ]);
    expect(
      told(established(yaml, [DELAYED_ACK, { line: '[FIN, ACK] Seq=1 Ack=11 Win=1', after: 250 }])),
    ).toEqual(['pass', 'acknowledged']);
  });
});

describe('silence', () => {
  const yaml = steps(
    `${DATA}- expect: "[ACK] Ack=RCV.NXT"\n- quiet: 300ms\n- send: "[FIN, ACK]"\n- expect: "[ACK] Ack=RCV.NXT"`,
  );
  const end = { line: '[ACK] Seq=1 Ack=12 Win=65535' };

  test('is kept for its whole time, then the script goes on', () => {
    const played = established(yaml, [DELAYED_ACK], [end]);
    expect(told(played)).toEqual(['pass']);
    const [ack, fin] = [played.packets[4]!.time, played.packets[5]!.time];
    expect(Math.round((fin - ack) * 1000)).toBe(300);
  });

  test('is broken by any packet of the IUT', () => {
    expect(told(established(yaml, [DELAYED_ACK, { ...DELAYED_ACK, after: 200 }]))).toEqual([
      'fail',
      'quiet',
      3,
      6,
    ]);
  });

  test('begins anew when something optional comes', () => {
    const optional = yaml.replace('Ack=RCV.NXT"\n  - quiet', 'Ack=RCV.NXT"\n    optional: true\n  - quiet');
    expect(told(established(optional, [{ ...DELAYED_ACK, after: 250 }], [end]))).toEqual(['pass']);
    expect(told(established(optional, [DELAYED_ACK, { ...DELAYED_ACK, after: 200 }]))).toEqual([
      'fail',
      'quiet',
      3,
      6,
    ]);
  });

  test('a packet from before it, which nothing expected, fails there', () => {
    const waiting = steps(`${DATA}- wait: 100ms\n- quiet: 50ms`);
    expect(told(established(waiting, [DELAYED_ACK]))).toEqual(['fail', 'unexpected', 3, 5]);
  });
});

describe('packets that come while the script does something else', () => {
  test('wait for the next expectation', () => {
    const yaml = steps(`${DATA}- wait: 100ms\n- expect: "[ACK] Ack=RCV.NXT"`);
    expect(told(established(yaml, [DELAYED_ACK]))).toEqual(['pass']);
  });

  test('fail at the end, where none comes', () => {
    const yaml = steps(`${DATA}- wait: 100ms`);
    expect(told(established(yaml, [DELAYED_ACK]))).toEqual(['fail', 'unexpected', 2, 5]);
    expect(told(established(steps(`${DATA}- wait: 100ms`, 'mode: subsequence\n'), [DELAYED_ACK]))).toEqual([
      'pass',
    ]);
  });

  test('are passed over in a subsequence', () => {
    const yaml = steps(`${DATA}- expect: "[FIN, ACK] Seq=1"\n- send: "[ACK]"`, 'mode: subsequence\n');
    const played = established(yaml, [DELAYED_ACK, { line: '[FIN, ACK] Seq=1 Ack=11 Win=9', after: 5 }]);
    expect(told(played)).toEqual(['pass']);
    expect(played.sent.at(-1)).toBe('11 2 0');
  });
});

describe('calls of the application', () => {
  const yaml = steps(
    `${DATA}- expect: "[ACK]"\n- iut: receive 10\n  returns: abcdefghij\n- expect: "[FIN, ACK]"`,
  );
  const answers: Answer[][] = [[DELAYED_ACK], [{ line: '[FIN, ACK] Seq=1 Ack=11 Win=9' }]];

  test('return what is required, as text or as hex', () => {
    for (const response of [{ data: 'abcdefghij' }, { hex: '6162636465666768696a' }]) {
      const played = play(yaml, iut(...answers), { recipe: HANDSHAKE, respond: () => response });
      expect(told(played)).toEqual(['pass']);
    }
  });

  test('fail where they return something else', () => {
    const played = play(yaml, iut(...answers), {
      recipe: HANDSHAKE,
      respond: () => ({ ok: false, error: 'ECONNRESET', message: 'connection reset by peer' }),
    });
    expect(played.result.failure?.text).toMatchInlineSnapshot(`
      "expectations/test.yaml:8:5: step 3 of 4: receive returned something else
      A test

        expected  receive returns data="abcdefghij"
        actual    receive returned ok=false error=ECONNRESET

        data: expected "abcdefghij", actual ""

      The implementation says: connection reset by peer

        packet     ms  client    server
             1  0.000  ---------------->  [SYN] Seq=0 Win=65535 Len=0              start
             2  1.000  <----------------  [SYN, ACK] Seq=0 Ack=1 Win=65535 Len=0   start
             3  1.010  ---------------->  [ACK] Seq=1 Ack=1 Win=65535 Len=0        start
             4  1.020  ---------------->  [PSH, ACK] Seq=1 Ack=1 Win=65535 Len=10  step 1
             5  2.020  <----------------  [ACK] Seq=1 Ack=11 Win=65535 Len=0       step 2

      Filter:  tcp.stream eq 0
      "
    `);
  });

  test('that nothing is required of leave the case inconclusive when they fail', () => {
    const played = play(steps('- iut: close'), iut([]), {
      recipe: HANDSHAKE,
      respond: () => ({ ok: false, error: 'ENOTCONN' }),
    });
    expect(told(played)).toEqual(['inconclusive', 'step 1 of 1: close failed: ENOTCONN']);
  });

  test('fail the case when a reset that nobody asked for is why they fail', () => {
    const reset = [{ line: '[RST, ACK] Seq=1 Ack=1', after: 1 }];
    const script = '- send: "[ACK]"\n- wait: 50ms\n- iut: close';
    const respond = () => ({ ok: false, error: 'ECONNRESET' });
    const played = (yaml: string) => play(steps(yaml), iut(reset), { recipe: HANDSHAKE, respond });
    expect(told(played(script))).toEqual(['fail', 'unexpected', 3, 5]);
    const asked = `${script.replace('- wait', '- expect: "[RST, ACK]"\n- wait')}`;
    expect(told(played(asked))).toEqual(['inconclusive', 'step 4 of 4: close failed: ECONNRESET']);
  });
});

test('retransmissions are counted from the item before, each within the bounds of the item', () => {
  const yaml = steps(
    `- iut: send "x"\n- expect: "[PSH, ACK] Seq=1 Len=1"\n- expect: "[PSH, ACK] Seq=1 Len=1"\n  times: 2\n  after: 200ms\n  within: 2s`,
  );
  const data = '[PSH, ACK] Seq=1 Ack=1 Len=1 Win=9';
  const at = (...times: number[]) => [times.map((after) => ({ line: data, after }))];
  expect(told(established(yaml, ...at(1, 301, 901)))).toEqual(['pass']);
  expect(told(established(yaml, ...at(1, 101, 901)))).toEqual(['fail', 'timing', 3, 5]);
  expect(told(established(yaml, ...at(1, 301, 2102)))).toEqual(['fail', 'missing', 3, undefined]);
  expect(told(established(yaml, ...at(1, 301)))).toEqual(['fail', 'missing', 3, undefined]);
  const tolerant = play(yaml, iut(...at(1, 151, 3901)), { recipe: HANDSHAKE, context: { tolerance: 2 } });
  expect(told(tolerant)).toEqual(['pass']);
});

test('numbers are bound from what is expected and from what is sent, and used after', () => {
  const yaml = steps(`- send: "[PSH, ACK] Len=10"
  let: { mine: Len }
- expect: "[ACK] Ack=RCV.NXT"
  let: { win: Win }
- send: "[PSH, ACK] Seq=RCV.NXT Len=$mine+$win/100"
- expect: "[ACK] Ack=RCV.NXT Win=$win-$mine"`);
  const played = established(
    yaml,
    [{ line: '[ACK] Seq=1 Ack=11 Win=1000' }],
    [{ line: '[ACK] Seq=1 Ack=31 Win=990' }],
  );
  expect(told(played)).toEqual(['pass']);
  expect(played.result.variables).toEqual({ mine: 10, win: 1000 });
  expect(played.sent.at(-1)).toBe('11 1 20');
});

test('what must never come is judged of the IUT only', () => {
  const yaml = (rule: string) =>
    steps(`- send: "[RST] Seq=RCV.NXT+1"\n- expect: "[ACK]"`, `never:\n  - ${rule}\n`);
  const answers: Answer[][] = [[{ line: '[ACK] Seq=1 Ack=1 Win=9' }]];
  expect(told(established(yaml('server: "[ACK] Win=9"'), ...answers))).toEqual(['fail', 'never', 2, 5]);
  const played = established(yaml('tcp.flags.reset == 1'), ...answers);
  const judged = (hits: number[]) =>
    judgeScript(scripted(yaml('tcp.flags.reset == 1')), played.trace, played.packets, {
      testerIsn: TESTER_ISN,
      family: 'ipv4',
      recipe: HANDSHAKE,
      isFromIut: (packet) => roleOf(packet) === 'server',
      filterHits: new Map([['tcp.flags.reset == 1', new Set(hits)]]),
    });
  expect(judged([4]).verdict).toBe('pass');
  expect(judged([4, 5]).failure?.frame).toBe(5);
});

test('counts hold for the whole script', () => {
  const yaml = steps(
    `${DATA}- expect: "[ACK]"\n  times: 1..3\n- wait: 100ms\n- expect: "[ACK] Ack=11"\n  count: 2`,
  );
  expect(told(established(yaml, [DELAYED_ACK, DELAYED_ACK]))).toEqual(['pass']);
  expect(told(established(yaml, [DELAYED_ACK]))).toEqual(['fail', 'count', 4, undefined]);
});

test('a segment that does not show as TCP is taken from the trace; one that was lost is the fault of the harness', () => {
  const yaml = steps('- send: "[PSH, ACK] Len=10"\n  tcp.hdr_len: 8\n- quiet: 100ms');
  const played = established(yaml);
  const context = {
    testerIsn: TESTER_ISN,
    family: 'ipv4',
    recipe: HANDSHAKE,
    isFromIut: (packet: Packet) => roleOf(packet) === 'server',
    filterHits: new Map(),
  } as const;
  expect(told(played)).toEqual(['pass']);
  expect(judgeScript(scripted(yaml), played.trace, played.packets.slice(0, 3), context).verdict).toBe('pass');
  expect(() => judgeScript(scripted(yaml), played.trace, played.packets.slice(1), context)).toThrow(
    CaptureMismatchError,
  );
});

test('a trace that ends early is inconclusive, with the step', () => {
  const played = established(
    CHALLENGE_ACK,
    [{ line: '[ACK] Seq=1 Ack=1 Win=65535' }],
    [{ line: '[ACK] Seq=1 Ack=11 Win=65525' }],
  );
  const trace = { ...played.trace, events: played.trace.events.slice(0, 3) };
  const judged = judgeScript(scripted(CHALLENGE_ACK), trace, played.packets, {
    testerIsn: TESTER_ISN,
    family: 'ipv4',
    recipe: HANDSHAKE,
    isFromIut: (packet) => roleOf(packet) === 'server',
    filterHits: new Map(),
  });
  expect([judged.verdict, judged.stage]).toEqual([
    'inconclusive',
    'the script was not played beyond step 3 of 4',
  ]);
  expect(agree(played.result, judged)).toBe(false);
});

describe('packets that the case admits', () => {
  const ADMIT = 'admit:\n  - iut: "[FIN, ACK] Seq=SND.UNA Len=0"\n';
  const FIN = '[FIN, ACK] Seq=1 Ack=1 Win=9';
  const yaml = (list: string) =>
    steps(`- iut: shutdown\n- expect: "[FIN, ACK] Seq=1 Ack=1 Len=0"\n${list}`, ADMIT).replace(
      /covers.*\n/,
      '',
    );

  test('break no silence', () => {
    const again = [{ line: FIN }, { line: FIN, after: 40 }, { line: FIN, after: 80 }];
    expect(told(established(yaml('- quiet: 100ms'), again))).toEqual(['pass']);
  });

  test('may still be what is expected', () => {
    const played = established(yaml('- expect: "[FIN, ACK] Seq=1"\n  within: 2s'), [
      { line: FIN },
      { line: FIN, after: 300 },
    ]);
    expect(told(played)).toEqual(['pass']);
    expect(told(established(yaml('- expect: "[FIN, ACK] Seq=1"'), [{ line: FIN }]))).toEqual([
      'fail',
      'missing',
      3,
      undefined,
    ]);
  });

  test('are waited for only as long as they tell outcomes apart', () => {
    const choice = yaml(`- one-of:
    ignored:
      - expect: "[FIN, ACK] Seq=1"
        within: 8s
    acknowledged:
      - expect: "[ACK] Seq=2 Ack=1"
      - expect: "[FIN, ACK] Seq=1"
        within: 8s
- note: decided`);
    const again = { line: FIN, after: 200 };
    const ack = { line: '[ACK] Seq=2 Ack=1 Win=9', after: 250 };
    const late = { line: FIN, after: 600 };
    const lasted = ({ packets }: Played) => packets.length;
    expect(told(established(choice, [{ line: FIN }, again]))).toEqual(['pass', 'ignored']);
    const acknowledged = established(choice, [{ line: FIN }, again, ack, late, { line: FIN, after: 1400 }]);
    expect(told(acknowledged)).toEqual(['pass', 'acknowledged']);
    expect(lasted(acknowledged)).toBe(7);
  });

  test('do not blur what is missing once they were taken', () => {
    const played = established(
      yaml('- send: "[ACK] Ack=1"\n- quiet: 50ms'),
      [{ line: FIN }],
      [{ line: '[ACK] Seq=2 Ack=1 Win=9' }],
    );
    expect(told(played)).toEqual(['fail', 'quiet', 4, 6]);
  });

  test('are told by the numbers of their own time', () => {
    const acknowledged = yaml('- wait: 50ms\n- send: "[ACK]"\n- quiet: 300ms');
    const before = [{ line: FIN }, { line: FIN, after: 30 }];
    expect(told(established(acknowledged, before))).toEqual(['pass']);
    const after = [{ line: FIN }, { line: FIN, after: 90 }];
    expect(told(established(acknowledged, after))).toEqual(['fail', 'quiet', 5, 6]);
  });

  test('do not stand for others, and pass at the end', () => {
    expect(told(established(yaml('- quiet: 100ms'), [{ line: FIN }, { line: '[ACK] Seq=2 Ack=1' }]))).toEqual(
      ['fail', 'quiet', 3, 5],
    );
    const late = yaml('- send: "[ACK] Ack=1"\n- wait: 50ms');
    expect(told(established(late, [{ line: FIN }], [{ line: FIN }]))).toEqual(['pass']);
  });

  test('are judged alike from the capture', () => {
    const text = yaml('- wait: 50ms\n- send: "[ACK]"\n- quiet: 300ms');
    for (const after of [30, 90]) {
      const played = established(text, [{ line: FIN }, { line: FIN, after }]);
      const judged = judgeScript(scripted(text), played.trace, played.packets, {
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

describe('what is done next depends on the outcome', () => {
  const yaml = steps(`- send: "[RST] Seq=RCV.NXT+1"
- one-of:
    challenged:
      - expect: "[ACK] Seq=1 Ack=1 Len=0"
      - send: "[PSH, ACK] Len=5"
      - expect: "[ACK] Ack=6"
    gone:
      - quiet: 100ms
      - send: "[ACK]"
      - expect: "[RST] Seq=SEG.ACK"
- quiet: 100ms`);
  const acknowledged = '[ACK] Seq=1 Ack=1 Win=9';

  test.each([
    ['challenged', '1 1 5', [[{ line: acknowledged }], [{ line: '[ACK] Seq=1 Ack=6' }]]],
    ['gone', '1 1 0', [[], [{ line: '[RST] Seq=1' }]]],
  ] as [string, string, Answer[][]][])('%s', (label, sent, answers) => {
    const played = established(yaml, ...answers);
    expect(told(played)).toEqual(['pass', label]);
    expect(played.sent.at(-1)).toBe(sent);
    expect(played.sent).toHaveLength(4);
  });

  test('and is judged for that outcome', () => {
    expect(told(established(yaml, [{ line: acknowledged }], [{ line: '[RST] Seq=1' }]))).toEqual([
      'fail',
      'mismatch',
      4,
      7,
      'challenged',
    ]);
    expect(told(established(yaml, [], [{ line: '[ACK] Seq=1 Ack=1' }]))).toEqual([
      'fail',
      'mismatch',
      6,
      6,
      'gone',
    ]);
    expect(told(established(yaml, [], [{ line: '[RST] Seq=1' }, { line: '[RST] Seq=1' }]))).toEqual([
      'fail',
      'quiet',
      7,
      7,
      'gone',
    ]);
  });

  test('also where something optional is still open', () => {
    const open = steps(`- send: "[RST] Seq=RCV.NXT+1"
- expect: "[ACK] Seq=1 Ack=1 Len=0 Win=7"
  optional: true
  within: 10s
- one-of:
    challenged:
      - expect: "[ACK] Seq=1 Ack=1 Len=0 Win=9"
    gone:
      - quiet: 100ms
      - send: "[ACK]"
      - expect: "[RST] Seq=SEG.ACK"`);
    expect(told(established(open, [], [{ line: '[RST] Seq=1' }]))).toEqual(['pass', 'gone']);
    expect(told(established(open, [{ line: acknowledged }]))).toEqual(['pass', 'challenged']);
  });
});
