import { readFile } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import * as allure from 'allure-js-commons';
import { loadCaseFiles } from '../harness/case/load-files.js';
import type { TestCase } from '../harness/case/model.js';
import type { Engine } from '../harness/run/engine.js';
import { loadImplementation } from '../harness/run/implementation.js';
import { loadCatalogue } from '../harness/coverage/catalogue.js';
import { type PlanFilter, planRuns } from '../harness/run/plan.js';
import type { CaseResult } from '../harness/run/results.js';
import { attachResult } from '../reports/allure-attach.js';

/** What the environment hands in from the outer realm. */
interface Outer {
  getEngine(): Promise<Engine>;
  finished: CaseResult[];
}

const requirements = await loadCatalogue();
const LONGEST_MS = 10 * 60_000;

export const outer = (globalThis as unknown as { tcpspec: Outer }).tcpspec;

/**
 * One jest test for each case of `paths` on each of the implementations. All start together and share the engine's
 * places, so that a file costs what its slowest cases cost; each test waits for its own.
 */
export async function conformance(paths: string[], iuts: string[], filter: PlanFilter = {}): Promise<void> {
  const cases = await load(paths);
  const implementations = await Promise.all(iuts.map((name) => loadImplementation(name)));
  const planned = planRuns(cases, implementations, filter);
  let started: Promise<CaseResult>[] | undefined;
  const begin = async () => (started ??= (await outer.getEngine()).start(planned));
  for (const implementation of implementations) {
    describe(implementation.name, () => {
      planned.forEach((run, index) => {
        if (run.implementation !== implementation) return;
        test(
          `${run.id}: ${run.testCase.title}`,
          async () => {
            const result = await (await begin())[index]!;
            outer.finished.push(result);
            await attachResult(allure, result, { requirements, ...(await captureOf(result)) });
            expectAsDeclared(result);
          },
          LONGEST_MS,
        );
      });
    });
  }
}

/** Runs one case and gives its result, for tests about a particular outcome. */
export async function runOne(path: string, iut: string, filter: PlanFilter = {}): Promise<CaseResult> {
  const [run] = planRuns(await load([path]), [await loadImplementation(iut)], filter);
  if (!run) throw new Error(`no case in ${path} for ${iut}`);
  return (await outer.getEngine()).start([run])[0]!;
}

export async function load(paths: string[]): Promise<TestCase[]> {
  const { cases, errors } = await loadCaseFiles(paths);
  if (errors.length > 0) throw new Error(errors.map(String).join('\n\n'));
  return cases;
}

/** Captures of what passed are in the report's folder; Allure's page gets those that somebody will want to open. */
async function captureOf(result: CaseResult): Promise<{ capture?: Uint8Array }> {
  if (result.verdict === 'pass' || result.packets.length === 0) return {};
  return { capture: await readFile(result.capture) };
}

function expectAsDeclared(result: CaseResult): void {
  if (!result.unexpected) return;
  const about = result.failure?.text ?? result.reason ?? '';
  const cured = result.knownDeviation
    ? ` although it is listed as a deviation: ${result.knownDeviation.reason}`
    : '';
  expect(`${result.verdict}${cured}\n${about}`).toBe('as declared');
}
