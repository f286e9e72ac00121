import { describe, expect, test } from '@jest/globals';

import { loadCases } from '../../../harness/case/load.js';
import type { TestCase } from '../../../harness/case/model.js';

function load(text: string): TestCase[] {
  const { cases, errors } = loadCases('f', text);
  expect(errors.map(String)).toEqual([]);
  return cases;
}

function problems(text: string): string[] {
  return loadCases('f', text).errors.map(
    ({ place, found, row }) =>
      `${place.line}:${place.column} ${found}${row === undefined ? '' : ` (${row})`}`,
  );
}

test('one case for each row', () => {
  const cases = load(`
id: mss
title: An MSS of {{mss}} is kept
level: "{{level}}"
expect:
  - client: "[SYN] MSS={{mss}}"
    within: "{{ within }}"
    payload: {{payload}}
table:
  - { name: small, mss: 536, within: 300ms, payload: "a{{b}}", level: MUST }
  - { name: large, mss: 1460, within: 1s, payload: , level: SHOULD }
`);
  expect(cases.map(({ id, title, level, row }) => [id, title, level, row?.name, row?.values['mss']])).toEqual(
    [
      ['mss[small]', 'An MSS of 536 is kept', 'MUST', 'small', 536],
      ['mss[large]', 'An MSS of 1460 is kept', 'SHOULD', 'large', 1460],
    ],
  );
  expect(cases).toMatchObject([
    {
      expect: [
        { timing: { within: 300 }, pattern: { text: '[SYN] MSS=536', payload: Buffer.from('a{{b}}') } },
      ],
    },
    { expect: [{ timing: { within: 1000 }, pattern: { text: '[SYN] MSS=1460' } }] },
  ]);
});

test('columns and rows, named by their cells', () => {
  const cases = load(`
id: m
title: "{{state}} x {{segment}}"
iut: server
start: "{{state}}"
steps:
  - send: "{{segment}}"
  - "{{reply}}"
table:
  columns: [state, segment, reply]
  rows:
    - [LISTEN, "[SYN] Seq=RCV.NXT+1", { expect: "[SYN, ACK]" }]
    - [CLOSED, "[ACK]", [{ quiet: 300ms }, { expect: "[RST]" }]]
    - [TIME-WAIT, "[RST]", ~]
`);
  expect(cases.map(({ id }) => id)).toEqual([
    'm[LISTEN,SYN-Seq=RCV.NXT+1]',
    'm[CLOSED,ACK]',
    'm[TIME-WAIT,RST]',
  ]);
  expect(
    cases.map((each) =>
      each.kind === 'scripted' ? [each.start.state, each.steps.map(({ kind }) => kind)] : [],
    ),
  ).toEqual([
    ['LISTEN', ['send', 'expect']],
    ['CLOSED', ['send', 'quiet', 'expect']],
    ['TIME-WAIT', ['send']],
  ]);
});

test('a column named like a key of the case sets it', () => {
  const cases = load(`
id: x
title: X
tags: [a]
expect: [ client: "[SYN] MSS={{mss}}" ]
table:
  - { name: v4, mss: 1460, families: [ipv4], tags: [b], note: why }
  - { name: v6, mss: 1440, families: ipv6 }
`);
  expect(cases.map(({ families, tags }) => [families, tags])).toEqual([
    [['ipv4'], ['b']],
    [['ipv6'], ['a']],
  ]);
});

test('a cell that only other rows have is empty where it is a whole value, an error within a text', () => {
  const cases = load(`
id: x
title: X
expect:
  - client: "[SYN]"
    within: "{{limit}}"
table: [ { name: a, limit: 1s }, { name: b } ]
`);
  expect(cases.map((each) => each.kind === 'observed' && each.expect[0])).toMatchObject([
    { timing: { within: 1000 } },
    { timing: {} },
  ]);
  const { errors } = loadCases(
    'f',
    'id: x\ntitle: "{{t}}!"\nexpect: []\ntable: [{ name: a, t: 1 }, { name: b }]',
  );
  expect(errors.map(({ found, row }) => [found, row])).toEqual([['{{t}}, which the row does not have', 'b']]);
});

test('placeholders in keys', () => {
  const [testCase] = load(`
id: x
title: X
expect: [ { "{{side}}": "[SYN]" } ]
table: [ { side: client } ]
`);
  expect(testCase).toMatchObject({ id: 'x[client]', expect: [{ pattern: { from: 'client' } }] });
});

test('without a table braces are text', () => {
  const [testCase] = load('id: x\ntitle: "{{x}}"\nexpect: []');
  expect(testCase?.title).toBe('{{x}}');
});

describe('problems', () => {
  const HEAD = 'id: x\ntitle: X\nexpect:\n  - client: "[SYN] Seq={{seq}} Win=1"\n';

  test('of a cell stand where the template uses it, once, with the row', () => {
    expect(
      problems(`${HEAD}table: [{ name: good, seq: 1 }, { name: bad, seq: x }, { name: worse, seq: y }]`),
    ).toEqual(['4:24 unknown name `x` (bad)']);
    const [error] = loadCases('f', `${HEAD}table: [{ name: bad, seq: x }]`).errors;
    expect(String(error)).toMatchInlineSnapshot(`
      "f:4:24: unknown name \`x\`
        expected: a number, $variable, or one of SND.UNA, SND.NXT, SND.WND, RCV.NXT, RCV.WND, ISS, IRS, MSS, SEG.SEQ, SEG.ACK, SEG.LEN
        in the table's row: bad

        3 | expect:
      > 4 |   - client: "[SYN] Seq={{seq}} Win=1"
          |                        ^^^^^^^"
    `);
  });

  test('behind a placeholder keep their column', () => {
    const text = HEAD.replace('Win=1', 'Bad=1');
    expect(problems(`${text}table: [{ name: a, seq: 1234567890 }]`)).toEqual(['4:32 unknown key `Bad` (a)']);
  });

  test.each<[string, string[]]>([
    ['[]', ['5:8 an empty list']],
    ['5', ['5:8 the number `5`']],
    [
      '[{ name: a, sq: 1 }]',
      ['4:24 {{seq}}, which the row does not have (a)', '5:20 the column `sq`, which the case does not use'],
    ],
    ['[{ name: a, seq: 1 }, { name: a, seq: 2 }]', ['5:38 a second row `a`']],
    ['[{ seq: 1 }, { seq: 1 }]', ['5:21 a second row `1`']],
    ['[{ name: "a b", seq: 1 }]', ['5:17 `a b`']],
    ['[{ name: a, seq: [1] }]', ['4:24 a list in the middle of a text (a)']],
    ['{ columns: [seq], rows: [[1, 2]] }', ['5:33 a row of 2 cells']],
    ['{ columns: [seq], row: [[1]] }', ['5:8 a mapping with `columns, row`', '5:26 unknown key `row`']],
    ['{ columns: [seq, seq], rows: [[1, 2]] }', ['5:25 a second column `seq`']],
    ['[5]', ['5:9 the number `5`']],
  ])('table: %s', (table, expected) => {
    expect(
      problems(`${HEAD}table: ${table}`).filter(
        (each) => !each.includes('is not a number') && !each.includes(' nothing'),
      ),
    ).toEqual(expected);
  });

  test('a table cannot grow without bound', () => {
    const rows = Array.from({ length: 10_000 }, (_, seq) => `[${seq}]`).join(',');
    const items = Array.from({ length: 300 }, () => '  - client: "[ACK]"').join('\n');
    expect(problems(`${HEAD}${items}\ntable: { columns: [seq], rows: [${rows}] }`)).toEqual([
      '305:8 10000 rows of a large case',
    ]);
  });
});
