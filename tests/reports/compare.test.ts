import { describe, expect, test } from '@jest/globals';
import type { Verdict } from '../../harness/match/verdict.js';
import type { RunResults } from '../../harness/run/results.js';
import { compareRuns, withHistory } from '../../reports/compare.js';
import { MergeError, mergeResults } from '../../reports/merge.js';
import { runOf, sampleResult } from '../support/sample-results.js';

function run(day: number, verdicts: Record<string, Verdict>): RunResults {
  const results = Object.entries(verdicts).map(([id, verdict]) =>
    sampleResult({ id, verdict, unexpected: verdict === 'fail' }),
  );
  return { ...runOf(results, ['tcp-lite']), startedAt: `2026-11-${day}T10:00:00.000Z` };
}

test('new failures, fixed and still failing, each since when', () => {
  const first = withHistory(run(10, { a: 'pass', b: 'fail', c: 'fail', gone: 'pass' }));
  const second = withHistory(run(11, { a: 'fail', b: 'pass', c: 'fail', fresh: 'fail' }), first);
  expect(compareRuns(second, first)).toEqual({
    earlier: '2026-11-10T10:00:00.000Z',
    newFailures: [
      { id: 'a', iut: 'tcp-lite', before: 'pass', now: 'fail' },
      { id: 'fresh', iut: 'tcp-lite', now: 'fail' },
    ],
    fixed: [{ id: 'b', iut: 'tcp-lite', before: 'fail', now: 'pass' }],
    flaky: [],
    stillFailing: 1,
    added: 1,
    removed: 1,
  });
  expect(second.results.map(({ id, since }) => [id, since?.slice(8, 10)])).toEqual([
    ['a', '11'],
    ['b', '11'],
    ['c', '10'],
    ['fresh', '11'],
  ]);
});

test('flaky is what went to and fro, over runs or within one', () => {
  const first = withHistory(run(10, { a: 'pass', b: 'pass' }));
  const second = withHistory(run(11, { a: 'fail', b: 'fail' }), first);
  const third = withHistory(run(12, { a: 'pass', b: 'fail' }), second);
  expect(compareRuns(third, second).flaky).toEqual([
    { id: 'a', iut: 'tcp-lite', verdicts: ['pass', 'fail', 'pass'] },
  ]);
  const twice = { ...third, results: [...run(12, { b: 'pass' }).results, ...run(12, { b: 'fail' }).results] };
  expect(compareRuns(twice, first).flaky).toEqual([
    { id: 'b', iut: 'tcp-lite', verdicts: ['pass', 'pass', 'fail'] },
  ]);
});

test('a report that is written again and compared with an older run forgets none in between', () => {
  const first = withHistory(run(10, { a: 'pass', b: 'fail' }));
  const second = withHistory(run(11, { a: 'fail', b: 'pass' }), first);
  const third = withHistory(run(12, { a: 'pass', b: 'pass' }), second);
  expect(withHistory(third, first)).toEqual(third);
  expect(withHistory(third, second)).toEqual(third);
});

test('twenty runs are remembered', () => {
  let known = withHistory(run(10, { a: 'pass' }));
  for (let day = 11; day < 41; day++) known = withHistory(run(day, { a: 'pass' }), known);
  expect(known.results[0]!.history).toHaveLength(20);
  expect(known.results[0]!.since).toBe('2026-11-10T10:00:00.000Z');
});

describe('merge', () => {
  test('shards become one run', () => {
    const merged = mergeResults([run(10, { a: 'pass' }), run(11, { b: 'fail' })]);
    expect(merged.results.map(({ id }) => id)).toEqual(['a', 'b']);
    expect(merged.summary).toMatchObject({ pass: 1, fail: 1, total: 2, unexpected: 1 });
    expect(merged.implementations.map(({ name }) => name)).toEqual(['tcp-lite']);
    expect(merged.startedAt).toBe('2026-11-10T10:00:00.000Z');
  });

  test('shards in their order become the run in the order that it had', () => {
    const both = run(10, { a: 'pass', b: 'pass', c: 'pass' });
    const results = [...both.results, ...both.results.map((result) => ({ ...result, iut: 'linux' }))];
    const whole = runOf(results, ['tcp-lite', 'linux']);
    const shards = [0, 1, 2, 3].map((shard) => ({
      ...whole,
      results: results.filter((_, at) => at % 4 === shard),
    }));
    expect(mergeResults(shards).results).toEqual(results);
  });

  test('a case that two files have is refused, with both names', () => {
    const twice = (): unknown =>
      mergeResults([run(10, { a: 'pass' }), run(11, { a: 'pass' })], ['1.json', '2.json']);
    expect(twice).toThrow(MergeError);
    expect(twice).toThrow('a on tcp-lite stands in 1.json and in 2.json');
  });

  test('another schema version is refused', () => {
    const other = { ...run(10, { a: 'pass' }), schemaVersion: 99 };
    expect(() => mergeResults([other], ['old.json'])).toThrow('old.json: schemaVersion 99, expected 1');
    expect(() => mergeResults([])).toThrow('there is nothing to merge');
  });
});
