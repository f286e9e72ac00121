import { expect, test } from '@jest/globals';
import { loadCaseFiles } from '../../../harness/case/load-files.js';
import { loadCatalogue } from '../../../harness/coverage/catalogue.js';
import { casesFor } from '../../../harness/mutants/choose-cases.js';
import { unbrokenRules } from '../../../harness/mutants/holes.js';
import { loadImplementation } from '../../../harness/run/implementation.js';
import { planRuns } from '../../../harness/run/plan.js';

const catalogue = await loadCatalogue();
const { cases } = await loadCaseFiles(['expectations/rfc9293', 'expectations/states']);
const planned = planRuns(cases, [await loadImplementation('tcp-lite')]);
const ids = (rules: string[], names?: string[]) =>
  casesFor({ rules, ...(names ? { cases: names } : {}) }, planned, catalogue).map((run) => run.id);

test('only cases that cover one of the rules, each in one family', () => {
  const chosen = casesFor({ rules: ['MUST-3'] }, planned, catalogue);
  expect(chosen.length).toBeGreaterThan(5);
  for (const run of chosen) expect(run.testCase.covers).toContain('MUST-3');
  expect(new Set(chosen.map((run) => run.testCase.id)).size).toBe(chosen.length);
  expect(chosen.filter((run) => run.family === 'ipv6' && run.testCase.families.includes('ipv4'))).toEqual([]);
});

test('a case about few rules comes before a cell of the matrix that covers many, and tables take turns', () => {
  const chosen = ids(['R9293-U4']);
  const firstCell = chosen.findIndex((id) => id.startsWith('state-'));
  expect(chosen.findIndex((id) => id.startsWith('challenge-reset'))).toBeLessThan(firstCell);
  const secondRow = chosen.indexOf('challenge-reset[established-last]');
  expect(secondRow === -1 || secondRow > firstCell).toBe(true);
});

test('cases that are named are those, and no others', () => {
  expect(ids(['MUST-3'], ['checksum-sent-reset', 'mss-missing[v4-server]'])).toEqual([
    'checksum-sent-reset',
    'mss-missing[v4-server]',
  ]);
});

test('a covered rule that nothing breaks is a hole, one that is broken is none', () => {
  const all = unbrokenRules([], planned, catalogue).map(({ id }) => id);
  expect(all).toEqual(expect.arrayContaining(['MUST-3', 'SHLD-31']));
  const left = unbrokenRules([{ id: 'x', breaks: 'x', rules: ['MUST-3'] }], planned, catalogue);
  expect(left.map(({ id }) => id)).toEqual(all.filter((id) => id !== 'MUST-3'));
  expect(left.every(({ level }) => level === 'MUST' || level === 'SHOULD')).toBe(true);
});
