import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { loadCaseFiles } from '../harness/case/load-files.js';
import { createEngine } from '../harness/run/engine.js';
import { loadImplementation, PROJECT_ROOT } from '../harness/run/implementation.js';
import { planRuns, type PlannedRun } from '../harness/run/plan.js';
import type { CaseResult } from '../harness/run/results.js';
import { isPrivate, runPrivate } from '../netns/private.js';

/*
 * The conformance suite as a whole: wall and processor time a case, how they grow with --jobs, and the share of each phase:
 *   node dist/bench/suite.js [--iut NAME]... [--jobs 1,2,4,8,16] [PATH...]
 * or the whole suite again and again, where no verdict may differ from one run to the next:
 *   node dist/bench/suite.js --times 20 [--hog] [--iut NAME]... [PATH...]
 */

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    iut: { type: 'string', multiple: true, default: ['linux', 'tcp-lite'] },
    jobs: { type: 'string', default: '1,2,4,8,16' },
    times: { type: 'string' },
    hog: { type: 'boolean', default: false },
  },
});
const PATHS = positionals.length > 0 ? positionals : ['expectations'];
const DEFAULT_JOBS = 8;

interface Run {
  results: CaseResult[];
  wallMs: number;
  /** Of every process in the private namespace: this one, the captures, the dissector, the implementations. */
  cpuMs: number;
}

if (isPrivate()) await main();
else
  process.exitCode = await runPrivate([
    process.execPath,
    fileURLToPath(import.meta.url),
    ...process.argv.slice(2),
  ]);

async function main(): Promise<void> {
  const outputDir = await mkdtemp(path.join(os.tmpdir(), 'tcpspec-bench-'));
  const hog = values.hog ? spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }) : undefined;
  try {
    if (values.times !== undefined) await repeat(Number(values.times), outputDir);
    else for (const jobs of values.jobs.split(',').map(Number)) await growth(jobs, outputDir);
  } finally {
    hog?.kill('SIGKILL');
    await rm(outputDir, { recursive: true, force: true });
  }
}

/** Each IUT by itself, without the cases whose wall time is that of a protocol timer. */
async function growth(jobs: number, outputDir: string): Promise<void> {
  for (const iut of values.iut) {
    const planned = (await plan([iut])).filter((run) => run.sleepsMs === 0);
    const { results, wallMs, cpuMs } = await run(planned, jobs, outputDir);
    const count = results.length;
    const phases = Object.entries(meanPhases(results)).map(([name, ms]) => `${name} ${ms.toFixed(1)}`);
    const unexpected = results.filter((result) => result.unexpected).length;
    print(
      `${iut.padEnd(12)} ${String(jobs).padStart(2)} jobs  ${count} cases  ${(wallMs / count).toFixed(1).padStart(6)} ms a case  ` +
        `${(cpuMs / count).toFixed(1).padStart(5)} ms CPU  ${unexpected} unexpected  ms in flight: ${phases.join(', ')}`,
    );
  }
}

/** The suite so many times; tells every verdict that was not the same each time. */
async function repeat(times: number, outputDir: string): Promise<void> {
  const planned = await plan(values.iut);
  const verdicts = new Map<string, Map<string, number>>();
  for (let time = 1; time <= times; time++) {
    const { results, wallMs, cpuMs } = await run(planned, DEFAULT_JOBS, outputDir);
    for (const { iut, id, verdict } of results) {
      const seen = verdicts.get(`${iut} ${id}`) ?? new Map<string, number>();
      verdicts.set(`${iut} ${id}`, seen.set(verdict, (seen.get(verdict) ?? 0) + 1));
    }
    const unexpected = results.filter((result) => result.unexpected);
    for (const { failure, reason } of unexpected) process.stderr.write(`${failure?.text ?? reason ?? ''}\n`);
    const again = results.filter(({ tries }) => tries !== undefined).length;
    print(
      `run ${time}: ${results.length} results in ${(wallMs / 1000).toFixed(1)} s, ${(cpuMs / 1000).toFixed(1)} s CPU, ` +
        `load ${os.loadavg()[0]!.toFixed(1)}, played again ${again}, unexpected: ${unexpected.map(({ iut, id }) => `${iut} ${id}`).join(', ') || 'none'}`,
    );
  }
  const differing = [...verdicts].filter(([, seen]) => seen.size > 1);
  for (const [id, seen] of differing) print(`${id}: ${JSON.stringify(Object.fromEntries(seen))}`);
  print(`${differing.length} of ${verdicts.size} verdicts differ between ${times} runs`);
  if (differing.length > 0) process.exitCode = 1;
}

async function plan(iuts: string[]): Promise<PlannedRun[]> {
  const { cases, errors } = await loadCaseFiles(PATHS.map((one) => path.resolve(PROJECT_ROOT, one)));
  if (errors[0]) throw errors[0];
  return planRuns(cases, await Promise.all(iuts.map((name) => loadImplementation(name))));
}

async function run(planned: PlannedRun[], jobs: number, outputDir: string): Promise<Run> {
  const engine = createEngine({ jobs, outputDir });
  try {
    const cpu = processorMs();
    const began = performance.now();
    const results = await Promise.all(engine.start(planned));
    return { results, wallMs: performance.now() - began, cpuMs: processorMs() - cpu };
  } finally {
    await engine.close();
    await rm(path.join(outputDir, 'captures'), { recursive: true, force: true });
  }
}

/** Processor time of every process here and of those that they have waited for, ms. */
function processorMs(): number {
  const TICKS_MS = 10;
  const [UTIME, CSTIME] = [11, 15];
  let ticks = 0;
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'latin1');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      ticks += fields.slice(UTIME, CSTIME).reduce((sum, field) => sum + Number(field), 0);
    } catch {
      // It ended meanwhile; its parent has its time.
    }
  }
  return ticks * TICKS_MS;
}

function meanPhases(results: CaseResult[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { phases } of results)
    for (const [name, ms] of Object.entries(phases)) sums[name] = (sums[name] ?? 0) + ms / results.length;
  return sums;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
