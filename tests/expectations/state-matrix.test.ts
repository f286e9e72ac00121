import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { load } from 'js-yaml';
import { loadCaseFiles } from '../../harness/case/load-files.js';
import type { TestCase } from '../../harness/case/model.js';
import { gridCell, SEGMENT_KINDS, TCP_STATES } from '../../reports/state-grid.js';

interface Cell {
  state: string;
  segment: string;
  reply: string;
  next: string;
  also?: { reply: string; next: string }[];
  variants?: { when: string; reply: string; next: string }[];
}

const matrix = load(readFileSync('expectations/requirements/state-matrix.yaml', 'utf8')) as {
  segments: Record<string, string>;
  cells: Cell[];
};

let cases: TestCase[] = [];
beforeAll(async () => {
  cases = (await loadCaseFiles(['expectations/states'])).cases;
});

function casesOf({ state, segment }: Pick<Cell, 'state' | 'segment'>): TestCase[] {
  return cases.filter((each) => {
    const cell = gridCell(each);
    return cell?.state === state && cell.segment === segment;
  });
}

function textOf(testCase: TestCase): string {
  return JSON.stringify(testCase.kind === 'scripted' ? testCase.steps : testCase.expect);
}

test('the matrix is whole: 11 states x 16 kinds of segment', () => {
  const cells = matrix.cells.map(({ state, segment }) => `${state} ${segment}`);
  const all = TCP_STATES.flatMap((state) => Object.keys(SEGMENT_KINDS).map((kind) => `${state} ${kind}`));
  expect([...cells].sort()).toEqual(all.sort());
  expect(Object.keys(matrix.segments)).toEqual(Object.keys(SEGMENT_KINDS));
});

describe('every cell has a case', () => {
  test.each(matrix.cells.map((cell) => [`${cell.state} ${cell.segment}`, cell] as const))('%s', (_, cell) => {
    const own = casesOf(cell);
    const named = own.filter(({ row }) => row?.name === cell.segment);
    expect(named.length).toBeGreaterThanOrEqual(1);
    for (const testCase of own) expect(testCase.tags).toEqual(['state-matrix', cell.state]);
  });

  test('and every variant has one of its own', () => {
    const variants = matrix.cells.filter(({ variants: list }) => list !== undefined);
    expect(variants.length).toBeGreaterThan(3);
    for (const cell of variants) expect(casesOf(cell).length).toBeGreaterThanOrEqual(2);
  });
});

test('no case stands outside the matrix', () => {
  expect(cases.filter((each) => gridCell(each) === undefined)).toEqual([]);
});

test('a case of a cell begins in its state, in both families', () => {
  for (const testCase of cases) {
    expect(testCase.families).toEqual(['ipv4', 'ipv6']);
    expect(testCase.kind === 'scripted' && testCase.start.state).toBe(gridCell(testCase)?.state);
  }
});

test('where the matrix admits several outcomes, the case names them', () => {
  for (const cell of matrix.cells) {
    const others = (cell.also ?? []).filter(({ reply, next }) => reply !== cell.reply || next !== cell.next);
    if (others.length === 0) continue;
    const named = casesOf(cell).filter((each) => textOf(each).includes('"one-of"'));
    expect([cell.state, cell.segment, named.length > 0 || isOurChoice(cell)]).toEqual([
      cell.state,
      cell.segment,
      true,
    ]);
  }
});

/** The application has only half-closed, so that a reset for data that nobody reads is no outcome. */
function isOurChoice({ state, segment }: Cell): boolean {
  return state.startsWith('FIN-WAIT') && segment === 'data_in';
}
