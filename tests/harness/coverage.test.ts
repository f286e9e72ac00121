import { describe, expect, test } from '@jest/globals';
import { readdir, readFile } from 'node:fs/promises';
import { loadCaseFiles } from '../../harness/case/load-files.js';
import { loadCatalogue, loadOpenRules, rulesNamed } from '../../harness/coverage/catalogue.js';
import { coverageOf } from '../../harness/coverage/coverage.js';

const catalogue = await loadCatalogue();
const openRules = await loadOpenRules();
const { cases, errors } = await loadCaseFiles(['expectations']);

describe('the catalogue', () => {
  test('holds the 119 labelled rules of RFC 9293 and its companions, each id once', () => {
    const ids = catalogue.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const labelled = (prefix: string, last: number) =>
      Array.from({ length: last }, (_, index) => `${prefix}-${index + 1}`);
    const expected = [...labelled('MUST', 69), ...labelled('SHLD', 31), ...labelled('MAY', 18), 'REC-1'];
    expect(expected).toHaveLength(119);
    expect(expected.filter((id) => !ids.includes(id))).toEqual([]);
    expect(catalogue.filter(({ rfc }) => rfc !== 9293).length).toBeGreaterThan(100);
  });

  test('names rules by id and by section', () => {
    expect(rulesNamed('MUST-2', catalogue).map(({ id }) => id)).toEqual(['MUST-2']);
    const section = rulesNamed('R5961-3.2', catalogue).map(({ id }) => id);
    expect(section).toEqual(['RFC5961-3.2a', 'RFC5961-3.2b', 'RFC5961-3.2c', 'RFC5961-3.2d']);
    expect(rulesNamed('MUST-999', catalogue)).toEqual([]);
  });
});

describe('the cases', () => {
  test('load without a problem', () => {
    expect(errors.map(String)).toEqual([]);
  });

  test('cover rules that exist, and no reason is given for a rule that has a case', () => {
    const coverage = coverageOf(cases, catalogue, openRules);
    expect(coverage.unknown).toEqual([]);
    expect(coverage.stale).toEqual([]);
  });

  test('are each bound to a suite by their folder', async () => {
    const files = (await readdir('suites')).filter((file) => file.endsWith('.test.ts'));
    const suites = (await Promise.all(files.map((file) => readFile(`suites/${file}`, 'utf8')))).join('\n');
    const folders = new Set(cases.map(({ place }) => place.file.split('/').slice(0, 2).join('/')));
    expect([...folders].filter((folder) => !suites.includes(`'${folder}'`))).toEqual([]);
  });
});

describe('coverage', () => {
  const [testCase] = cases.filter(({ covers }) => covers.includes('MUST-2'));

  test('tells what is unknown, unexplained and stale', () => {
    if (!testCase) throw new Error('no case covers MUST-2');
    const wrong = { ...testCase, covers: ['MUST-2', 'MUST-999'] };
    const reasons = openRules
      .concat({ id: 'MUST-2', reason: 'too hard' })
      .filter(({ id }) => id !== 'MUST-9');
    const coverage = coverageOf([wrong], catalogue, reasons);
    expect(coverage.unknown.map(({ entry }) => entry)).toEqual(['MUST-999']);
    expect(coverage.stale).toContain('MUST-2');
    expect(coverage.unexplained).toContain('MUST-3');
    expect(coverage.unexplained).not.toContain('MUST-9');
    expect(coverage.rules.find(({ rule }) => rule.id === 'MUST-2')?.cases).toEqual([
      wrong.id.replace(/\[.*/, ''),
    ]);
  });
});
