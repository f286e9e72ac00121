import { describe, expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import { caseJsonSchema } from '../../../harness/case/json-schema.js';
import { loadCases } from '../../../harness/case/load.js';
import type { RelayRule } from '../../../netns/relay/rules.js';

function impair(yaml: string): RelayRule[] {
  const { cases, errors } = loadCases('case.yaml', textOf(yaml));
  expect(errors.map(String)).toEqual([]);
  return cases[0]?.lab.impair ?? [];
}

function problems(yaml: string): string {
  return loadCases('case.yaml', textOf(yaml)).errors.map(String).join('\n\n');
}

function textOf(yaml: string): string {
  return `id: a-1\ntitle: A case\nlab:\n  impair:\n${yaml.replace(/^/gm, '    ')}\nexpect: []\n`;
}

describe('an impairment', () => {
  test('names its packets and what happens to them', () => {
    expect(impair('- { from: client, packets: data, nth: 3, drop: true }')).toEqual([
      { select: { from: 'client', kinds: ['data'], numbers: [{ from: 3, to: 3 }] }, action: { do: 'drop' } },
    ]);
  });

  test.each([
    ['{ drop: , packets: [syn, fin], port: 80, longer-than: 1400 }', { do: 'drop' }],
    ['{ lose: 2.5%, seed: 9 }', { do: 'lose', share: 0.025, seed: 9 }],
    ['{ delay: 50ms }', { do: 'delay', ms: 50, jitterMs: 0, seed: 1 }],
    ['{ delay: 50ms, jitter: 10ms, seed: 4 }', { do: 'delay', ms: 50, jitterMs: 10, seed: 4 }],
    ['{ duplicate: true }', { do: 'duplicate', copies: 1 }],
    ['{ duplicate: 3 }', { do: 'duplicate', copies: 3 }],
    ['{ reorder: 2 }', { do: 'reorder', by: 2 }],
    ['{ corrupt: payload }', { do: 'corrupt', what: 'payload' }],
    ['{ truncate: 40 }', { do: 'truncate', octets: 40 }],
    ['{ rate: 1.5mbit }', { do: 'rate', bitsPerSecond: 1_500_000, queue: 100 }],
    ['{ rate: 64kbit, queue: 5 }', { do: 'rate', bitsPerSecond: 64_000, queue: 5 }],
    ['{ strip: sack }', { do: 'strip', options: ['sack'] }],
    [
      '{ strip: [mss, window-scale, timestamps] }',
      { do: 'strip', options: ['mss', 'window-scale', 'timestamps'] },
    ],
    ['{ clamp-mss: 1200 }', { do: 'clamp-mss', mss: 1200 }],
    ['{ reset: true }', { do: 'reset', to: ['client', 'server'], ttl: 255, swallow: false }],
    [
      '{ reset: { to: client, ttl: 9, swallow: true } }',
      { do: 'reset', to: ['client'], ttl: 9, swallow: true },
    ],
    ['{ translate: { port: 80, to: 8080 } }', { do: 'translate', port: 80, target: 8080 }],
    ['{ hops: 3 }', { do: 'hops', count: 3 }],
  ])('%s', (yaml, action) => {
    expect(impair(yaml)[0]?.action).toEqual(action);
    // What the reader takes, the published schema takes too.
    const validate = new Ajv({ strict: false }).compile(caseJsonSchema());
    expect(validate({ id: 'a', title: 'A', lab: { impair: valueOf(yaml) }, expect: [] })).toBe(true);
  });

  test.each([
    ['5', [{ from: 5, to: 5 }]],
    ['"10..42"', [{ from: 10, to: 42 }]],
    ['">=4"', [{ from: 4, to: Infinity }]],
    [
      '[1, "3..4"]',
      [
        { from: 1, to: 1 },
        { from: 3, to: 4 },
      ],
    ],
  ])('nth: %s', (nth, numbers) => {
    expect(impair(`{ nth: ${nth}, drop: true }`)[0]?.select.numbers).toEqual(numbers);
  });
});

test('what is wrong is told with its place and what may stand there', () => {
  expect(
    problems(`- { from: cleint, packets: dta, nth: 0, drop: 3 }
- { packets: data }
- { drop: true, delay: 50ms }
- { drop: true, queue: 3 }
- { delay: 50 }
- { lose: 5 }
- { rate: fast }
- { strip: [sak] }
- { reset: { ttl: 300, too: client } }
- { translate: { port: 80 } }
- { dorp: true }
- 7`),
  ).toMatchInlineSnapshot(`
    "case.yaml:5:15: \`cleint\`
      expected: one of client, server
      remedy: did you mean \`client\`?

      4 |   impair:
    > 5 |     - { from: cleint, packets: dta, nth: 0, drop: 3 }
        |               ^^^^^^

    case.yaml:5:32: \`dta\`
      expected: one of any, syn, syn-ack, ack, data, again, payload, fin, reset
      remedy: did you mean \`data\`?

      4 |   impair:
    > 5 |     - { from: cleint, packets: dta, nth: 0, drop: 3 }
        |                                ^^^

    case.yaml:5:42: the number \`0\`
      expected: a number from 1, \`10..42\`, \`">=4"\`, or a list of them

      4 |   impair:
    > 5 |     - { from: cleint, packets: dta, nth: 0, drop: 3 }
        |                                          ^

    case.yaml:5:51: the number \`3\`
      expected: \`true\`, or nothing behind \`drop\`

      4 |   impair:
    > 5 |     - { from: cleint, packets: dta, nth: 0, drop: 3 }
        |                                                   ^

    case.yaml:6:7: an impairment that does nothing
      expected: one of drop, lose, delay, duplicate, reorder, corrupt, truncate, rate, strip, clamp-mss, reset, translate, hops

      5 |     - { from: cleint, packets: dta, nth: 0, drop: 3 }
    > 6 |     - { packets: data }
        |       ^

    case.yaml:7:21: \`delay\` beside \`drop\`
      expected: one action in each impairment
      remedy: write two impairments: they are applied in their order

      6 |     - { packets: data }
    > 7 |     - { drop: true, delay: 50ms }
        |                     ^^^^^

    case.yaml:8:21: \`queue\` beside \`drop\`
      expected: \`queue\` only beside \`rate\`

      7 |     - { drop: true, delay: 50ms }
    > 8 |     - { drop: true, queue: 3 }
        |                     ^^^^^

    case.yaml:9:16: the number \`50\`
      expected: a time with its unit: \`300ms\`, \`1.5s\`, \`2m\`
      remedy: add the unit: \`50ms\` or \`50s\`

      8 |     - { drop: true, queue: 3 }
    > 9 |     - { delay: 50 }
        |                ^^

    case.yaml:10:15: the number \`5\`
      expected: a share in percent: \`5%\`, at most \`100%\`

       9 |     - { delay: 50 }
    > 10 |     - { lose: 5 }
         |               ^

    case.yaml:11:15: \`fast\`
      expected: bits a second: \`64kbit\`, \`1.5mbit\`, at least 1kbit

      10 |     - { lose: 5 }
    > 11 |     - { rate: fast }
         |               ^^^^

    case.yaml:12:17: \`sak\`
      expected: one of mss, window-scale, sack, timestamps
      remedy: did you mean \`sack\`?

      11 |     - { rate: fast }
    > 12 |     - { strip: [sak] }
         |                 ^^^

    case.yaml:13:23: the number \`300\`
      expected: a whole number, 1 to 255

      12 |     - { strip: [sak] }
    > 13 |     - { reset: { ttl: 300, too: client } }
         |                       ^^^

    case.yaml:13:28: unknown key \`too\`
      expected: one of to, ttl, swallow
      remedy: did you mean \`to\`?

      12 |     - { strip: [sak] }
    > 13 |     - { reset: { ttl: 300, too: client } }
         |                            ^^^

    case.yaml:14:20: no \`to\`
      expected: \`to:\` with a number

      13 |     - { reset: { ttl: 300, too: client } }
    > 14 |     - { translate: { port: 80 } }
         |                    ^

    case.yaml:15:7: an impairment that does nothing
      expected: one of drop, lose, delay, duplicate, reorder, corrupt, truncate, rate, strip, clamp-mss, reset, translate, hops

      14 |     - { translate: { port: 80 } }
    > 15 |     - { dorp: true }
         |       ^

    case.yaml:15:9: unknown key \`dorp\`
      expected: one of from, packets, nth, port, longer-than, drop, lose, delay, duplicate, reorder, corrupt, truncate, rate, strip, clamp-mss, reset, translate, hops, seed, jitter, queue
      remedy: did you mean \`drop\`?

      14 |     - { translate: { port: 80 } }
    > 15 |     - { dorp: true }
         |         ^^^^

    case.yaml:16:7: the number \`7\`
      expected: an impairment: \`{ from: client, packets: data, nth: 3, drop: true }\`

      15 |     - { dorp: true }
    > 16 |     - 7
         |       ^"
  `);
});

test('a key of the other end', () => {
  const text = 'id: a-1\ntitle: A\nclient: { backlog: 1 }\nserver: { also: [], give-up: 3s }\nexpect: []\n';
  expect(loadCases('case.yaml', text).errors.map(String).join('\n\n')).toMatchInlineSnapshot(`
    "case.yaml:3:11: \`backlog\` at the client
      expected: \`backlog\` at the server only

      2 | title: A
    > 3 | client: { backlog: 1 }
        |           ^^^^^^^

    case.yaml:4:11: \`also\` at the server
      expected: \`also\` at the client only

      3 | client: { backlog: 1 }
    > 4 | server: { also: [], give-up: 3s }
        |           ^^^^

    case.yaml:4:21: \`give-up\` at the server
      expected: \`give-up\` at the client only

      3 | client: { backlog: 1 }
    > 4 | server: { also: [], give-up: 3s }
        |                     ^^^^^^^"
  `);
});

function valueOf(yaml: string): unknown {
  const { cases } = loadCases(
    'x.yaml',
    `id: a\ntitle: "{{v}}"\nexpect: []\ntable: [{ name: r, v: ${yaml} }]\n`,
  );
  return cases[0]?.row?.values['v'];
}
