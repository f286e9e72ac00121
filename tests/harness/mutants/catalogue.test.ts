import { describe, expect, test } from '@jest/globals';
import { loadCaseFiles } from '../../../harness/case/load-files.js';
import { loadCatalogue } from '../../../harness/coverage/catalogue.js';
import { loadMutants } from '../../../harness/mutants/load-mutants.js';
import { isNamed } from '../../../harness/mutants/choose-cases.js';

const { cases } = await loadCaseFiles(['expectations']);
const catalogue = await loadCatalogue();
const topics = await loadMutants(cases, catalogue);
const mutants = [...topics.values()].flat();
const known = new Set(catalogue.map(({ id }) => id));

test('ids are unique, and words with hyphens', () => {
  const ids = mutants.map(({ id }) => id);
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
  expect(ids.filter((id) => !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(id))).toEqual([]);
});

test('every mutant breaks a rule that the catalogue knows', () => {
  expect(mutants.filter(({ rules }) => rules.length === 0).map(({ id }) => id)).toEqual([]);
  expect(mutants.flatMap(({ rules }) => rules).filter((id) => !known.has(id))).toEqual([]);
});

test('every mutant decides something otherwise, and says what in a sentence', () => {
  for (const { id, breaks, core, host } of mutants) {
    expect([id, core !== undefined || host !== undefined]).toEqual([id, true]);
    expect(breaks).not.toMatch(/[.]$/);
  }
});

test('cases that a mutant names are there', () => {
  const named = mutants.flatMap(({ id, cases: names = [] }) => names.map((name) => ({ id, name })));
  expect(named.filter(({ name }) => !cases.some((one) => isNamed(one.id, name)))).toEqual([]);
});

describe('mutants of the state matrix', () => {
  const own = topics.get('states')!;

  test('there is one for every cell that asks for a reaction', () => {
    const ignored = own.filter(({ id }) => id.endsWith('-ignored'));
    expect(ignored.length).toBeGreaterThan(80);
    expect(own.length).toBeGreaterThan(250);
  });

  test('each is about rows of one cell', () => {
    for (const { id, cases: names = [] } of own) {
      const states = new Set(
        names.map((name) =>
          name.replace(/\[.*$/, '').replace(/-(after-data|as-client|passive|active|simultaneous)$/, ''),
        ),
      );
      expect([id, states.size]).toEqual([id, 1]);
    }
  });
});
