import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { load } from 'js-yaml';

interface Step {
  id?: string;
  uses?: string;
  run?: string;
  with?: Record<string, string | number>;
  env?: Record<string, string>;
}
interface Job {
  needs?: string;
  strategy?: { matrix: Record<string, unknown[]> };
  steps: Step[];
}
interface Action {
  inputs: Record<string, { description: string; default: string }>;
  runs: { steps: Step[] };
}

const action = load(readFileSync('action.yml', 'utf8')) as Action;
const script = readFileSync('scripts/action', 'utf8');
const docs = readFileSync('docs/github-actions.md', 'utf8');

/** Jobs of the repository's workflows and of those that the documentation shows, by where they stand. */
const jobs: [string, Job][] = [
  ...readdirSync('.github/workflows').map((name): [string, string] => [
    name,
    readFileSync(`.github/workflows/${name}`, 'utf8'),
  ]),
  ...[...docs.matchAll(/^```yaml\n(jobs:.*?)^```/gms)].map(([, text], at): [string, string] => [
    `docs ${at}`,
    text!,
  ]),
].flatMap(([place, text]) =>
  Object.entries((load(text) as { jobs: Record<string, Job> }).jobs).map(([name, job]): [string, Job] => [
    `${place} ${name}`,
    job,
  ]),
);

const isThisAction = ({ uses }: Step): boolean =>
  uses === './' || uses?.startsWith('OWNER/tcpspec@') === true;

test('the workflows and the documentation use the action', () => {
  expect(jobs.filter(([, { steps }]) => steps.some(isThisAction)).length).toBeGreaterThanOrEqual(4);
});

describe.each(jobs)('%s', (_, job) => {
  test('hands over inputs that there are', () => {
    for (const step of job.steps.filter(isThisAction))
      expect(Object.keys(action.inputs)).toEqual(expect.arrayContaining(Object.keys(step.with ?? {})));
  });

  test('names the version of every action', () => {
    for (const { uses } of job.steps) if (uses !== undefined) expect(uses).toMatch(/^\.\/$|@v\d+$/);
  });

  test('cuts the run into as many shards as it starts', () => {
    for (const step of job.steps.filter(isThisAction)) {
      const [, of] = /\}\}\/(\d+)$/.exec(String(step.with?.['shard'] ?? '')) ?? [];
      if (of === undefined) continue;
      expect(job.strategy?.matrix['shard']).toEqual(Array.from({ length: Number(of) }, (__, at) => at + 1));
    }
  });
});

describe('action.yml', () => {
  const run = action.runs.steps.find(({ id }) => id === 'tcpspec')!;

  test('every input says what it is, is documented, and reaches a step', () => {
    for (const [name, input] of Object.entries(action.inputs)) {
      expect(input.description).not.toBe('');
      expect(docs).toContain(`| \`${name}\` |`);
      expect(JSON.stringify(action.runs.steps)).toContain(`inputs.${name}`);
    }
  });

  test('no input stands in a script: they go through the environment, which nothing reads as a command', () => {
    for (const step of action.runs.steps) expect(step.run ?? '').not.toContain('${{');
    for (const name of Object.keys(run.env!)) expect(script).toContain(`\${${name}:-`);
  });
});
