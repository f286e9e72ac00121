import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { loadCatalogue } from '../harness/coverage/catalogue.js';
import { casesFor } from '../harness/mutants/choose-cases.js';
import { reasonOf } from '../harness/mutants/kill-table.js';
import { loadMutants } from '../harness/mutants/load-mutants.js';
import type { MutantResult } from '../harness/mutants/run-mutants.js';
import { loadImplementation } from '../harness/run/implementation.js';
import { planRuns } from '../harness/run/plan.js';
import { load } from './conformance.js';

const LONGEST_MS = 15 * 60_000;
const catalogue = await loadCatalogue();
const cases = await load(['expectations']);
const topics = await loadMutants(cases, catalogue);
/** What only these cases cover is played when they are: `tcpspec mutants --tag very-slow`. */
const patient = planRuns(cases, [await loadImplementation('tcp-lite')], { tags: ['very-slow'] });

interface Told {
  mutants: MutantResult[];
  unbroken: string[];
}

let told: Told;

beforeAll(async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'tcpspec-mutants-'));
  const file = path.join(folder, 'mutants.json');
  try {
    await execa(process.execPath, ['bin/tcpspec', 'mutants', '--json', file], { reject: false });
    told = JSON.parse(await readFile(file, 'utf8')) as Told;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}, LONGEST_MS);

for (const [topic, mutants] of topics) {
  describe(`mutants: ${topic}`, () => {
    test.each(mutants.map((mutant) => [mutant.id, mutant.breaks, mutant] as const))(
      '%s: %s',
      (id, _breaks, mutant) => {
        const result = told.mutants.find((each) => each.id === id);
        if (result?.status === 'no-case') {
          expect(casesFor(mutant, patient, catalogue).map((run) => run.id)).not.toEqual([]);
          return;
        }
        const [kill] = result?.kills ?? [];
        const played = result?.tried.map((run) => `${run.case}: ${run.verdict}`);
        expect({ status: result?.status, played, seen: kill && reasonOf(kill) }).toEqual({
          status: expect.stringMatching(/^(killed|inconclusive)$/) as unknown,
          played,
          seen: kill && reasonOf(kill),
        });
      },
    );
  });
}

test('every MUST and SHOULD that a case covers and the wire shows is broken by a mutant', () => {
  expect(told.unbroken).toEqual([]);
});
