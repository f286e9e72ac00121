import { expect, test } from '@jest/globals';
import { loadCases } from '../../../harness/case/load.js';

function errorsOf(steps: string): string {
  return loadCases('case.yaml', `id: a\ntitle: A\niut: server\nsteps:\n${steps}`)
    .errors.map(String)
    .join('\n');
}

test('a time may be worked out of what was captured', () => {
  const { cases, errors } = loadCases(
    'case.yaml',
    `id: a
title: A
iut: server
steps:
  - expect: "[ACK]"
    let: { gap: elapsed }
  - wait: $gap / 2
  - send: "[ACK]"
    after: $gap
  - expect: "[ACK]"
    after: $gap*2 - 100
    within: 3s
`,
  );
  expect(errors).toEqual([]);
  const [testCase] = cases;
  const gap = { kind: 'variable', name: 'gap' };
  expect(testCase?.kind === 'scripted' && testCase.steps).toMatchObject([
    { item: { pattern: { bind: { gap: 'elapsed' } } } },
    { kind: 'wait', ms: { op: '/', left: gap } },
    { kind: 'send', timing: { after: gap } },
    { item: { timing: { after: { op: '-' }, within: 3000 } } },
  ]);
});

test('what nobody captured is told', () => {
  expect(errorsOf('  - expect: "[ACK]"\n    within: $gap * 2')).toMatchInlineSnapshot(`
    "case.yaml:5:13: \`$gap\`, which nothing binds
      expected: a variable that a packet before it binds
      remedy: bind it with \`let: { gap: Seq }\` at a packet before this one

      4 | steps:
    > 5 |   - expect: "[ACK]"
        |             ^^^^"
  `);
  expect(errorsOf('  - wait: $gap')).toMatchInlineSnapshot(`
    "case.yaml:5:5: \`$gap\`, which nothing binds
      expected: a variable that a packet before it binds
      remedy: bind it with \`let: { gap: Seq }\` at a packet before this one

      4 | steps:
    > 5 |   - wait: $gap
        |     ^^^^"
  `);
});

test('a calculation has no units', () => {
  const captured = '  - expect: "[ACK]"\n    let: { gap: elapsed }\n';
  expect(errorsOf(`${captured}  - wait: $gap + 200ms`)).toMatchInlineSnapshot(`
    "case.yaml:7:18: \`200ms\` is not a number
      expected: a whole number, decimal or 0x…

      6 |     let: { gap: elapsed }
    > 7 |   - wait: $gap + 200ms
        |                  ^^^^^"
  `);
  expect(errorsOf(`${captured}  - wait: $gap * 2 s`)).toMatchInlineSnapshot(`
    "case.yaml:7:20: \`s\`
      expected: an operator, or the end

      6 |     let: { gap: elapsed }
    > 7 |   - wait: $gap * 2 s
        |                    ^"
  `);
});

test('the tester knows when it sends: nothing elapses there', () => {
  expect(errorsOf('  - send: "[ACK]"\n    let: { gap: elapsed }')).toMatchInlineSnapshot(`
    "case.yaml:6:17: \`elapsed\`
      expected: one of Seq, Ack, Win, Urg, Len, MSS, WS, SACK_PERM, TSval, TSecr, SLE, SRE, TTL, DSCP, ECN

      5 |   - send: "[ACK]"
    > 6 |     let: { gap: elapsed }
        |                 ^^^^^^^"
  `);
});
