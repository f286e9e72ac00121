import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { loadCatalogue } from '../coverage/catalogue.js';
import { idleCases, unbrokenRules } from '../mutants/holes.js';
import { killTableLines } from '../mutants/kill-table.js';
import { loadMutants } from '../mutants/load-mutants.js';
import type { Mutant } from '../mutants/mutant.js';
import { randomMutants } from '../mutants/random.js';
import { randomTableLines } from '../mutants/random-table.js';
import { type RandomResult, startRandom } from '../mutants/run-random.js';
import { type MutantResult, startMutants } from '../mutants/run-mutants.js';
import { createEngine } from '../run/engine.js';
import { loadImplementation } from '../run/implementation.js';
import { type PlannedRun, planRuns } from '../run/plan.js';
import { didYouMean } from '../case/did-you-mean.js';
import { EXIT_FAILURE, EXIT_OK, EXIT_USAGE } from './exit.js';
import { type CommandIo, processIo } from './io.js';
import { loadAll } from './load.js';

export interface MutantOptions {
  mutant: string[];
  tag: string[];
  jobs: number;
  json?: string;
  all?: boolean;
  /** How many middleboxes drawn at random are played instead of the catalogue. */
  random?: number;
  seed?: number;
  tolerance: number;
}

/** Captures go where those of `run` without a report go. */
const OUTPUT = '.tcpspec';
const SCHEMA_VERSION = 1;

/**
 * Plays mutants of TCP Lite against the cases that cover the rules they break, and prints who noticed. Returns 0 when
 * all were noticed, 1 when one survived or could not be judged. Throws CasesInvalid. Runs inside the private namespaces.
 */
export async function mutantsCommand(paths: string[], options: MutantOptions): Promise<number> {
  const io = processIo();
  const catalogue = await loadCatalogue();
  const cases = await loadAll(paths);
  const filter = options.tag.length > 0 ? { tags: options.tag } : {};
  const planned = planRuns(cases, [await loadImplementation('tcp-lite')], filter);
  if (options.random !== undefined) return randomCommand(options.random, planned, options, io);
  const mutants = chosen([...(await loadMutants(cases, catalogue)).values()].flat(), options.mutant);
  const startedAt = new Date();
  const engine = createEngine({ jobs: options.jobs, tolerance: options.tolerance, outputDir: OUTPUT });
  const results: MutantResult[] = [];
  try {
    let done = 0;
    const finished = () => {
      done++;
      if (io.progress) io.err(`\r${done} of ${mutants.length} mutants\u001b[K`);
    };
    const started = startMutants(mutants, {
      engine,
      planned,
      catalogue,
      finished,
      ...(options.all === undefined ? {} : { all: options.all }),
    });
    for (const result of started) results.push(await result);
  } finally {
    if (io.progress) io.err('\r\u001b[K');
    await engine.close();
  }
  // Where cases were left out on purpose, a mutant without one is no hole.
  const restricted = paths.length > 0 || options.tag.length > 0;
  const table = {
    results: restricted ? results.filter(({ status }) => status !== 'no-case') : results,
    unbroken: options.mutant.length > 0 ? [] : unbrokenRules(mutants, planned, catalogue),
    ...(options.all === true && options.mutant.length === 0 ? { idle: idleCases(results, planned) } : {}),
  };
  const wrong = table.results.filter(({ status }) => status === 'survived' || status === 'error').length;
  if (options.json !== undefined) {
    const value = {
      schemaVersion: SCHEMA_VERSION,
      startedAt: startedAt.toISOString(),
      durationMs: Date.now() - startedAt.getTime(),
      mutants: table.results,
      unbroken: table.unbroken.map(({ id }) => id),
      ...(table.idle === undefined ? {} : { idleCases: table.idle }),
    };
    await writeJson(options.json, value);
  }
  const lines = killTableLines(table, io.columns, io.colours).join('\n') + '\n';
  if (options.json === '-') io.err(lines);
  else io.out(lines);
  return wrong === 0 ? EXIT_OK : EXIT_FAILURE;
}

/** Middleboxes drawn at random: some change what does not matter to their case, so that none has to be noticed. */
async function randomCommand(
  count: number,
  planned: PlannedRun[],
  options: MutantOptions,
  io: CommandIo,
): Promise<number> {
  const seed = options.seed ?? Date.now() % 2 ** 31;
  const mutants = randomMutants(count, seed, planned);
  const engine = createEngine({ jobs: options.jobs, tolerance: options.tolerance, outputDir: OUTPUT });
  const results: RandomResult[] = [];
  try {
    for (const result of startRandom(mutants, engine)) {
      results.push(await result);
      if (io.progress) io.err(`\r${results.length} of ${mutants.length} random mutants\u001b[K`);
    }
  } finally {
    if (io.progress) io.err('\r\u001b[K');
    await engine.close();
  }
  if (options.json !== undefined)
    await writeJson(options.json, { schemaVersion: SCHEMA_VERSION, seed, random: results });
  const lines = randomTableLines(results, seed, io.columns, io.colours).join('\n') + '\n';
  if (options.json === '-') io.err(lines);
  else io.out(lines);
  return results.some(({ outcome }) => outcome === 'error') ? EXIT_FAILURE : EXIT_OK;
}

/** Mutants by id, all without any. Throws with a remedy for an id that there is not. */
function chosen(mutants: readonly Mutant[], ids: readonly string[]): readonly Mutant[] {
  const known = mutants.map(({ id }) => id);
  for (const id of ids) {
    if (known.includes(id)) continue;
    const near = didYouMean(id, known);
    throw Object.assign(new Error(`there is no mutant ${id}`), {
      exitStatus: EXIT_USAGE,
      remedy: near === undefined ? 'see harness/mutants/catalogue' : `did you mean ${near}?`,
    });
  }
  return ids.length === 0 ? mutants : mutants.filter(({ id }) => ids.includes(id));
}

async function writeJson(file: string, value: unknown): Promise<void> {
  const text = JSON.stringify(value, null, 2) + '\n';
  if (file === '-') {
    process.stdout.write(text);
    return;
  }
  await mkdir(path.dirname(path.resolve(file)), { recursive: true });
  await writeFile(file, text);
}
