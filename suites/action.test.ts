import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execa } from 'execa';
import type { RunResults } from '../harness/run/results.js';

const LONG_MS = 2 * 60_000;
const CASES = ['docs/examples/kernel-reset.yaml', 'docs/examples/data-after-close.yaml'];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'tcpspec-action-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs what action.yml runs, with its inputs. */
async function action(inputs: Record<string, string>) {
  const env = Object.fromEntries(Object.entries(inputs).map(([name, value]) => [`INPUT_${name}`, value]));
  const files = {
    GITHUB_OUTPUT: path.join(folder, 'output'),
    GITHUB_STEP_SUMMARY: path.join(folder, 'summary'),
  };
  return execa('scripts/action', { env: { ...env, ...files }, reject: false, stdin: 'ignore' });
}

const resultsIn = async (report: string): Promise<RunResults> =>
  JSON.parse(await readFile(path.join(folder, report, 'results.json'), 'utf8')) as RunResults;

const verdicts = ({ results }: RunResults) =>
  results.map(({ iut, id, verdict, capture }) => [iut, id, verdict, capture]);

test(
  'the merged report of two shards is that of the whole run, and is told on the job’s page',
  async () => {
    const common = { CASES: `  ${CASES[0]}\n\n${CASES[1]}\n`, IUT: 'linux\ntcp-lite', ARGUMENTS: '--jobs=4' };
    const report = (name: string): string => path.join(folder, name);
    const whole = await action({ ...common, REPORT: report('whole') });
    const first = await action({ ...common, SHARD: '1/2', REPORT: report('shards/1') });
    const second = await action({ ...common, SHARD: '2/2', REPORT: report('shards/2') });
    const merged = await action({ MERGE: report('shards'), REPORT: report('merged') });

    expect(verdicts(await resultsIn('merged'))).toEqual(verdicts(await resultsIn('whole')));
    expect((await resultsIn('merged')).summary).toEqual((await resultsIn('whole')).summary);
    expect((await resultsIn('shards/1')).summary.total).toBeLessThan(
      (await resultsIn('whole')).summary.total,
    );
    expect(whole.exitCode).toBe(1);
    expect([first.exitCode, second.exitCode].sort()).not.toEqual([0, 0]);
    expect(merged.exitCode).toBe(1);
    expect(await readFile(path.join(folder, 'output'), 'utf8')).toContain(
      `exit-status=1\nreport=${report('merged')}\n`,
    );
    expect(await readFile(path.join(folder, 'summary'), 'utf8')).toContain('## ✗ tcpspec');
  },
  LONG_MS,
);

test('an input is an argument and nothing more', async () => {
  const { exitCode, stderr } = await action({ CASES: '$(touch owned)', REPORT: path.join(folder, 'no') });
  expect(stderr).toContain('$(touch owned)');
  expect(exitCode).toBe(2);
});
