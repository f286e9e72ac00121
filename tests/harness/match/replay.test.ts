import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { agree, judgeScript } from '../../../harness/match/judge-script.js';
import { roleOf, scripted } from './build.js';
import { play, TESTER_ISN } from './play.js';
import type { Answer } from './play.js';

const HANDSHAKE = scripted(`
id: handshake
title: ESTABLISHED
iut: server
steps:
  - send: "[SYN] Seq=0"
  - expect: "[SYN, ACK]"
  - send: "[ACK]"
`).steps;

const ms = fc.constantFrom(0.5, 1, 5, 19, 20, 21, 50, 100);
const expected = fc.constantFrom(
  '[ACK] Ack=RCV.NXT',
  '[ACK]',
  '[PSH, ACK] Len=1',
  '[FIN, ACK] Seq=SND.NXT',
  '[RST]',
  '[ACK] Win=$w',
);
const item = fc.oneof(
  fc
    .tuple(
      expected,
      fc.constantFrom('', 'optional: true', 'times: 1..2', 'times: 0..2', 'let: { w: Win }'),
      ms,
    )
    .map(
      ([line, more, within]) =>
        `expect: "${line}"${more === '' ? '' : `\n    ${more}`}\n    within: ${within}ms`,
    ),
  ms.map((time) => `quiet: ${time}ms`),
  fc
    .tuple(expected, expected, ms)
    .map(
      ([one, other, within]) =>
        `one-of:\n      a: { expect: "${one}" }\n      b: [{ expect: "${other}" }, { expect: "${one}" }]\n      none:\n    within: ${within}ms`,
    ),
  fc
    .tuple(expected, expected)
    .map(
      ([one, other]) =>
        `any-order:\n      - expect: "${one}"\n        optional: true\n      - expect: "${other}"`,
    ),
);
const step = fc.oneof(
  { weight: 3, arbitrary: item },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      'send: "[PSH, ACK] Len=5"\n    let: { w: Win }',
      'send: "[RST] Seq=RCV.NXT+1"',
      'send: "[PSH, ACK] Len=5"\n    times: 2',
      'send: "[PSH, ACK] Len=5"\n    checksum: bad',
    ),
  },
  { weight: 1, arbitrary: ms.map((time) => `wait: ${time}ms`) },
  { weight: 1, arbitrary: fc.constant('iut: send "x"') },
);
const answer = fc
  .record({
    line: fc.constantFrom(
      '[ACK] Seq=1 Ack=1',
      '[ACK] Seq=1 Ack=6',
      '[ACK] Seq=2 Ack=6',
      '[PSH, ACK] Seq=1 Ack=6 Len=1',
      '[FIN, ACK] Seq=1 Ack=6',
      '[RST] Seq=1',
    ),
    after: ms,
  })
  .map(({ line, after }): Answer => ({ line: `${line} Win=65535`, after }));

test('a script that is played and one that is read from its capture come to the same', () => {
  const verdicts = new Map<string, number>();
  fc.assert(
    fc.property(
      fc.constantFrom('strict', 'subsequence'),
      fc.array(step, { minLength: 1, maxLength: 6 }),
      fc.array(fc.array(answer, { maxLength: 3 }), { maxLength: 6 }),
      (mode, steps, answers) => {
        const first = 'send: "[PSH, ACK] Len=5"\n    let: { w: Win }';
        const yaml = `id: test\ntitle: A test\niut: server\nmode: ${mode}\nstart: ESTABLISHED\nsteps:\n${[first, ...steps].map((one) => `  - ${one}`).join('\n')}\n`;
        const handshake: Answer[][] = [[], [{ line: '[SYN, ACK] Seq=0 Ack=1 Win=65535' }], []];
        const played = play(yaml, (count) => [...handshake, ...answers][count] ?? [], { recipe: HANDSHAKE });
        const judged = judgeScript(scripted(yaml), played.trace, played.packets, {
          testerIsn: TESTER_ISN,
          family: 'ipv4',
          recipe: HANDSHAKE,
          isFromIut: (packet) => roleOf(packet) === 'server',
          filterHits: new Map(),
        });
        const kind = played.result.failure?.kind ?? played.result.verdict;
        verdicts.set(kind, (verdicts.get(kind) ?? 0) + 1);
        expect(judged).toEqual(played.result);
        expect(agree(played.result, judged)).toBe(true);
      },
    ),
    { numRuns: Number(process.env['REPLAY_RUNS'] ?? 200), seed: Number(process.env['REPLAY_SEED'] ?? 42) },
  );
  expect([...verdicts.keys()].sort()).toEqual(
    expect.arrayContaining(['missing', 'mismatch', 'pass', 'quiet', 'unexpected']),
  );
});
