import { expect, test } from '@jest/globals';
import { compareNumbered, keyword, rulesNamed, sectionName, sectionOf } from '../../reports/requirements.js';
import { levelShares, percent, ruleTable, uncovered } from '../../reports/rules.js';
import { gridCell, stateGrid } from '../../reports/state-grid.js';
import { combined } from '../../reports/verdicts.js';
import { sampleResult } from '../support/sample-results.js';

const CATALOGUE = [
  { id: 'MUST-10', level: 'MUST', section: '3.5', feature: 'Simultaneous open' },
  { id: 'MUST-2', level: 'MUST', section: '3.1', feature: 'Checksum' },
  { id: 'MUST-9', level: 'MUST', section: '3.5.1', feature: 'Half-open', neg: true },
  { id: 'SHLD-1', level: 'SHOULD', section: '3.10', feature: 'Something' },
  { id: 'R5961-1', rfc: 5961, level: 'REC', section: '3.2', feature: 'Challenge' },
];

test('rules stand by RFC, section and number; what no catalogue has comes last', () => {
  const results = [sampleResult({ covers: ['MUST-2', 'mine'] }), sampleResult({ covers: ['R7323-2.2'] })];
  const rows = ruleTable(results, CATALOGUE);
  expect(rows.map(({ rule }) => `${sectionName(sectionOf(rule))}: ${rule.id}`)).toEqual([
    'RFC 9293 section 3.1: MUST-2',
    'RFC 9293 section 3.5: MUST-10',
    'RFC 9293 section 3.5.1: MUST-9',
    'RFC 9293 section 3.10: SHLD-1',
    'RFC 5961 section 3.2: R5961-1',
    'RFC 7323 section 2.2: R7323-2.2',
    'Outside the catalogue: mine',
  ]);
  expect(uncovered(rows).map(({ id }) => id)).toEqual(['MUST-10', 'MUST-9', 'SHLD-1', 'R5961-1']);
});

test('a section covers its rules and those of its subsections', () => {
  expect(rulesNamed('R9293-3.5', CATALOGUE).map(({ id }) => id)).toEqual(['MUST-10', 'MUST-9']);
  expect(rulesNamed('R5961-1', CATALOGUE).map(({ id }) => id)).toEqual(['R5961-1']);
  const rows = ruleTable([sampleResult({ covers: ['R9293-3.5', 'MUST-9'] })], CATALOGUE);
  expect(
    rows
      .filter(({ cells }) => cells.size > 0)
      .map(({ rule, cells }) => [rule.id, cells.get('tcp-lite')!.results.length]),
  ).toEqual([
    ['MUST-10', 1],
    ['MUST-9', 1],
  ]);
});

test('shares count what was judged, and round down', () => {
  const results = [
    sampleResult({ covers: ['MUST-2'] }),
    sampleResult({ covers: ['MUST-10'], verdict: 'fail' }),
    sampleResult({ covers: ['MUST-9'], verdict: 'inconclusive' }),
    sampleResult({ covers: ['R5961-1'], verdict: 'non-strict' }),
  ];
  expect(levelShares(ruleTable(results, CATALOGUE), 'tcp-lite')).toEqual([
    { level: 'MUST', kept: 1, judged: 2, broken: 1, total: 3 },
    { level: 'SHOULD', kept: 0, judged: 1, broken: 1, total: 2 },
    { level: 'MAY', kept: 0, judged: 0, broken: 0, total: 0 },
  ]);
  expect([percent(199, 200), percent(1, 1), percent(0, 0)]).toEqual(['99 %', '100 %', '']);
});

test('one verdict for many cases: broken wins, open beats kept', () => {
  expect(combined(['pass', 'fail', 'error'])).toBe('fail');
  expect(combined(['pass', 'inconclusive', 'non-strict'])).toBe('inconclusive');
  expect(combined(['pass', 'unsupported'])).toBe('pass');
  expect(combined(['unsupported'])).toBe('unsupported');
  expect(combined([])).toBeUndefined();
});

test('numbers in names are compared as numbers', () => {
  expect(['MUST-10', 'MUST-9', 'MAY-2', 'MUST-9a'].sort(compareNumbered)).toEqual([
    'MAY-2',
    'MUST-9',
    'MUST-9a',
    'MUST-10',
  ]);
  expect(['3.10', '3.9', '3.9.1', '3'].sort(compareNumbered)).toEqual(['3', '3.9', '3.9.1', '3.10']);
  expect(keyword(CATALOGUE[2]!)).toBe('MUST NOT');
});

test('cells of the state matrix are found by tags or by the row of the table', () => {
  expect(gridCell({ id: 'x', tags: ['state:SYN-SENT', 'segment:rst_exact'] })).toEqual({
    state: 'SYN-SENT',
    segment: 'rst_exact',
  });
  expect(gridCell({ id: 'm[SYN-RECEIVED, data in]@ipv6', tags: [] })).toEqual({
    state: 'SYN-RECEIVED',
    segment: 'data_in',
  });
  expect(gridCell({ id: 'm[time-wait/rst-exact]', tags: [] })).toEqual({
    state: 'TIME-WAIT',
    segment: 'rst_exact',
  });
  expect(gridCell({ id: 'm[CLOSED syn]', tags: [] })).toEqual({ state: 'CLOSED', segment: 'syn' });
  expect(gridCell({ id: 'm[CLOSEDX syn]', tags: [] })).toBeUndefined();
  expect(gridCell({ id: 'm[ESTABLISHED ping]', tags: [] })).toBeUndefined();
  expect(gridCell({ id: 'm[ESTABLISHED ping]', tags: ['state-matrix'] })).toEqual({
    state: 'ESTABLISHED',
    segment: 'ping',
  });
  const tags = ['state-matrix', 'FIN-WAIT-1'];
  const cell = { state: 'FIN-WAIT-1', segment: 'rst_inexact' };
  expect(gridCell({ id: 'state-fin-wait-1[rst_inexact]@ipv6', tags })).toEqual(cell);
  expect(gridCell({ id: 'state-fin-wait-1[rst_inexact:last]', tags })).toEqual(cell);
  expect(stateGrid([sampleResult()])).toBeUndefined();
});
