import { describe, expect, test } from '@jest/globals';
import { loadCases } from '../../../harness/case/load.js';
import { parseImplementation } from '../../../harness/run/implementation.js';
import { leastTimeMs } from '../../../harness/run/least-time.js';
import { planRuns } from '../../../harness/run/plan.js';

const CASES = loadCases(
  'plan.yaml',
  `id: quick
title: Over at once
families: ipv4
client: { port: 1 }
server: { port: 2 }
expect: []
---
id: long
title: Says itself how long it takes
families: ipv4
iut: server
steps:
  - wait: 2s
  - quiet: 3s
---
id: slow
title: Does not say how long, but that it is long
families: ipv4
tags: slow
iut: server
steps:
  - expect: "[ACK]"
    within: 20s
---
id: very-slow
title: Nothing that one waits for
families: ipv4
tags: [very-slow, patience]
iut: server
steps:
  - expect: "[ACK]"
    after: 61s
`,
).cases;

const [linux, mine] = ['linux', 'mine'].map((name) =>
  parseImplementation(`{ name: ${name}, attach: tap, server: { command: [echo] } }`, `${name}.yaml`),
);
const ids = (filter = {}) => planRuns(CASES, [mine!, linux!], filter).map(({ id }) => id);

describe('a plan', () => {
  test('starts what sleeps before what works, the longest first, and Linux before the others', () => {
    const planned = planRuns(CASES, [mine!, linux!]);
    expect(planned.map(({ id, implementation, sleepsMs }) => [id, implementation.name, sleepsMs])).toEqual([
      ['slow', 'linux', 10_000],
      ['slow', 'mine', 10_000],
      ['long', 'linux', 5000],
      ['long', 'mine', 5000],
      ['quick', 'linux', 0],
      ['quick', 'mine', 0],
    ]);
  });

  test('has what is very slow only where that is asked for', () => {
    expect(ids()).not.toContain('very-slow');
    expect(ids({ tags: ['patience'] })).toEqual([]);
    expect(ids({ tags: ['very-slow'] })).toEqual(['very-slow', 'very-slow']);
    expect(ids({ ids: ['very-slow'] })).toEqual(['very-slow', 'very-slow']);
    expect(ids({ verySlow: true })).toEqual(['very-slow', 'very-slow', ...ids()]);
  });

  test('is dealt out to shards without loss', () => {
    const shards = [1, 2, 3].flatMap((index) => ids({ shard: { index, of: 3 } }));
    expect(shards.sort()).toEqual(ids().sort());
  });
});

describe('the least time of a case', () => {
  const least = (steps: string) => {
    const { cases, errors } = loadCases('least.yaml', `id: a\ntitle: A\niut: server\nsteps:\n${steps}`);
    expect(errors).toEqual([]);
    return leastTimeMs(cases[0]!);
  };

  test.each([
    [
      'waits, silences and lower bounds',
      '  - wait: 1s\n  - quiet: 2s\n  - expect: "[ACK]"\n    after: 4s',
      7000,
    ],
    ['pauses before what is done', '  - send: "[ACK]"\n    after: 1s\n  - iut: close\n    after: 2s', 3000],
    ['not what may be missing', '  - expect: "[ACK]"\n    after: 4s\n    optional: true', 0],
    ['not upper bounds', '  - expect: "[ACK]"\n    within: 4s', 0],
    [
      'the shortest of several outcomes',
      '  - one-of:\n      silence:\n        - quiet: 2s\n      answer:\n        - expect: "[ACK]"\n          after: 1s\n        - quiet: 500ms',
      1500,
    ],
    [
      'the longest of a group',
      '  - any-order:\n      - expect: "[ACK]"\n        after: 1s\n      - expect: "[RST]"\n        after: 3s',
      3000,
    ],
  ])('counts %s', (_, steps, ms) => expect(least(steps)).toBe(ms));

  test('is that of the busier application where two ends are observed', () => {
    const { cases } = loadCases(
      'observed.yaml',
      'id: a\ntitle: A\nclient: { app: { wait: 2s } }\nserver: { app: { wait: 1s } }\nexpect: []',
    );
    expect(leastTimeMs(cases[0]!)).toBe(2000);
  });
});
