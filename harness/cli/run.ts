import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { compareRuns, type Comparison, withHistory } from '../../reports/compare.js';
import { type Reporter, tellAll } from '../../reports/events.js';
import { GithubReporter } from '../../reports/github.js';
import { exitMeaning } from '../../reports/exit-meaning.js';
import { TerminalReporter } from '../../reports/terminal.js';
import { writeReport } from '../../reports/write.js';
import { loadCatalogue, loadOpenRules } from '../coverage/catalogue.js';
import type { Level } from '../case/model.js';
import { createEngine } from '../run/engine.js';
import { loadImplementation } from '../run/implementation.js';
import { type PlanFilter, planRuns } from '../run/plan.js';
import type { RunResults } from '../run/results.js';
import { EXIT_USAGE } from './exit.js';
import { loadAll } from './load.js';
import { readResults } from './results-file.js';

export interface RunOptions {
  iut: string[];
  jobs: number;
  case: string[];
  tag: string[];
  json?: string;
  report?: string;
  compare?: string;
  level?: 'must' | 'should' | 'may';
  family?: 'ipv4' | 'ipv6';
  tolerance: number;
  shard?: { index: number; of: number };
}

/** Captures of runs that write no report are kept here until the next one. */
const DEFAULT_OUTPUT = '.tcpspec';

/**
 * Runs cases on implementations, reports, and returns 0 when all is as it should be, 1 when not. Throws CasesInvalid,
 * ImplementationError. Runs inside the private namespaces.
 */
export async function runCommand(paths: string[], options: RunOptions): Promise<number> {
  const names = options.iut.length > 0 ? options.iut : ['tcp-lite'];
  const implementations = await Promise.all(names.map((name) => loadImplementation(name)));
  const cases = await loadAll(paths);
  const planned = planRuns(cases, implementations, filterOf(options));
  if (planned.length === 0) {
    process.stderr.write('tcpspec: no case is left to run with these options; see: tcpspec list\n');
    return EXIT_USAGE;
  }
  const earlier = options.compare === undefined ? undefined : await readResults(options.compare);
  const outputDir = options.report ?? DEFAULT_OUTPUT;
  const engine = createEngine({ jobs: options.jobs, tolerance: options.tolerance, outputDir });
  const terminal = new TerminalReporter(options.json === '-' ? { stream: process.stderr } : {});
  const reporters: Reporter[] = [terminal];
  if (process.env['GITHUB_ACTIONS'] === 'true') {
    reporters.push(new GithubReporter(process.stderr, process.env, await loadCatalogue()));
  }
  const reporter = tellAll(reporters);
  let results: RunResults;
  try {
    results = await engine.run(planned, reporter);
  } finally {
    await engine.close();
  }
  const outputs: { html?: string; json?: string; comparison?: Comparison } = {};
  if (options.report !== undefined) {
    const written = await writeReport(options.report, results, {
      catalogue: await loadCatalogue(),
      openRules: await loadOpenRules(),
      ...(earlier === undefined ? {} : { earlier }),
    });
    outputs.html = written.html;
    if (written.comparison) outputs.comparison = written.comparison;
    results = written.results;
  } else if (earlier !== undefined) {
    results = withHistory(results, earlier);
    outputs.comparison = compareRuns(results, earlier);
  }
  if (options.json === '-') process.stdout.write(JSON.stringify(results, null, 2) + '\n');
  else if (options.json !== undefined) {
    await mkdir(path.dirname(path.resolve(options.json)), { recursive: true });
    await writeFile(options.json, JSON.stringify(results, null, 2) + '\n');
    outputs.json = options.json;
  }
  reporter.runFinished(results, outputs);
  return exitMeaning(results).exit;
}

function filterOf(options: RunOptions): PlanFilter {
  return {
    ids: options.case,
    ...(options.level ? { level: options.level.toUpperCase() as Level } : {}),
    ...(options.family ? { family: options.family } : {}),
    ...(options.tag.length > 0 ? { tags: options.tag } : {}),
    ...(options.shard ? { shard: options.shard } : {}),
  };
}
