import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import type { RunResults } from '../../harness/run/results.js';
import { gatherCaptures } from '../../reports/gather-captures.js';
import { withCapturesFound, writeAtomically, writeReport } from '../../reports/write.js';
import { kernelResetResult, runOf, sampleResult } from '../support/sample-results.js';

// From source the first page of a process compiles its script, seconds inside jest on a busy machine.
jest.setTimeout(60_000);

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), 'tcpspec-report-'));
});
afterEach(async () => {
  await rm(dir, { recursive: true });
});

test('everything that a report is stands in its folder, and nothing half-written', async () => {
  const written = await writeReport(path.join(dir, 'a/b'), runOf([sampleResult()], ['tcp-lite']));
  expect(written.html).toBe(path.join(dir, 'a/b', 'index.html'));
  expect((await readdir(path.join(dir, 'a/b'))).sort()).toEqual([
    'badge.json',
    'badge.svg',
    'index.html',
    'junit.xml',
    'results.json',
    'summary.md',
  ]);
});

test('the folder’s own results of before are what a run is compared with', async () => {
  const before = { ...runOf([sampleResult()], ['tcp-lite']), startedAt: '2026-11-01T00:00:00.000Z' };
  await writeReport(dir, before);
  await writeReport(dir, runOf([kernelResetResult()], ['tcp-lite']));
  const results = JSON.parse(await readFile(path.join(dir, 'results.json'), 'utf8')) as RunResults;
  expect(results.results[0]!.history).toEqual([{ startedAt: '2026-11-01T00:00:00.000Z', verdict: 'pass' }]);
  expect(await readFile(path.join(dir, 'index.html'), 'utf8')).toContain('1 new failure');
  await writeReport(dir, runOf([kernelResetResult()], ['tcp-lite']), { earlier: false });
  expect(await readFile(path.join(dir, 'index.html'), 'utf8')).not.toContain('new failure');
});

test('a report written again is not compared with itself, and keeps its history', async () => {
  const before = { ...runOf([sampleResult()], ['tcp-lite']), startedAt: '2026-11-01T00:00:00.000Z' };
  await writeReport(dir, before);
  const { results } = await writeReport(dir, runOf([kernelResetResult()], ['tcp-lite']));
  const again = await writeReport(dir, results);
  expect(again.results).toEqual(results);
});

test('captures of shards are found from their own folders', async () => {
  await mkdir(path.join(dir, 'shard/captures'), { recursive: true });
  await writeFile(path.join(dir, 'shard/captures/a.pcapng'), 'x');
  const run = runOf([sampleResult({ capture: 'captures/a.pcapng' })], ['tcp-lite']);
  const found = withCapturesFound(run, path.join(dir, 'shard/results.json'));
  expect(found.results[0]!.capture).toBe(path.join(dir, 'shard/captures/a.pcapng'));
  const { results } = await writeReport(dir, found);
  expect(results.results[0]!.capture).toBe('shard/captures/a.pcapng');
});

test('captures of shards are copied to the report that merges them', async () => {
  await mkdir(path.join(dir, 'shard/captures/linux'), { recursive: true });
  await writeFile(path.join(dir, 'shard/captures/linux/a.pcapng'), 'x');
  const capture = (name: string) => sampleResult({ id: name, capture: `captures/linux/${name}.pcapng` });
  const run = runOf([capture('a'), capture('lost')], ['tcp-lite']);
  const merged = path.join(dir, 'merged');
  const gathered = await gatherCaptures(merged, run, path.join(dir, 'shard/results.json'));
  const { results } = await writeReport(merged, gathered);
  expect(results.results.map((result) => result.capture)).toEqual([
    'captures/linux/a.pcapng',
    'captures/linux/lost.pcapng',
  ]);
  expect(await readFile(path.join(merged, 'captures/linux/a.pcapng'), 'utf8')).toBe('x');
  expect(await readdir(path.join(merged, 'captures/linux'))).toEqual(['a.pcapng']);
});

test('a capture that fits is in the file, a large one beside it', async () => {
  await mkdir(path.join(dir, 'captures'));
  await writeFile(path.join(dir, 'captures/small.pcapng'), Buffer.alloc(100, 1));
  await writeFile(path.join(dir, 'captures/large.pcapng'), Buffer.alloc(300_000, 1));
  const results = ['small', 'large', 'missing'].map((id) =>
    sampleResult({ id, capture: `captures/${id}.pcapng` }),
  );
  await writeReport(dir, runOf(results, ['tcp-lite']));
  expect((await readFile(path.join(dir, 'index.html'), 'utf8')).match(/"captureData"/g)).toHaveLength(1);
});

test('captures below the folder are seen from it, whatever the run saw them from', async () => {
  await mkdir(path.join(dir, 'captures'));
  await writeFile(path.join(dir, 'captures/a.pcapng'), 'x');
  const places = [
    path.join(dir, 'captures/a.pcapng'),
    path.relative('.', path.join(dir, 'captures/a.pcapng')),
  ];
  const run = runOf(
    [...places, 'captures/a.pcapng', 'captures/none.pcapng'].map((capture) => sampleResult({ capture })),
    ['tcp-lite'],
  );
  const { results } = await writeReport(dir, run);
  expect(results.results.map(({ capture }) => capture)).toEqual([
    'captures/a.pcapng',
    'captures/a.pcapng',
    'captures/a.pcapng',
    'captures/none.pcapng',
  ]);
});

test('a file that cannot be written leaves nothing', async () => {
  await mkdir(path.join(dir, 'taken'));
  await expect(writeAtomically(path.join(dir, 'taken'), 'x')).rejects.toThrow();
  expect(await readdir(dir)).toEqual(['taken']);
});
