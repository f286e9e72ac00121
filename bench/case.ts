import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { loadCaseFiles } from '../harness/case/load-files.js';
import { createEngine, type Engine } from '../harness/run/engine.js';
import { loadImplementation, PROJECT_ROOT } from '../harness/run/implementation.js';
import { type PlannedRun, planRuns } from '../harness/run/plan.js';
import type { CaseResult } from '../harness/run/results.js';

/*
 * One whole case (lab, capture, both ends, dissection, verdict) in process, as own processes, and as the shell script that
 * a person would write for the same, all in one run: node dist/bench/case.js [--stability N], inside scripts/private.
 */

const CASE = 'expectations/session/echo-user-space.yaml';
const IN_PROCESS_RUNS = 400;
const PROCESS_RUNS = 40;
const SCRIPT_RUNS = 8;
const IN_FLIGHT = 8;

interface Measured {
  way: string;
  runs: number;
  inFlight: number;
  msPerCase: number;
  casesPerMinute: number;
  cpuMsPerCase: number;
  verdicts: Record<string, number>;
  phases: Record<string, number>;
}

const outputDir = await mkdtemp(path.join(os.tmpdir(), 'tcpspec-bench-'));
try {
  const stability = process.argv.indexOf('--stability');
  if (stability >= 0) await measureStability(Number(process.argv[stability + 1] ?? 1000));
  else await compareWays();
} finally {
  await rm(outputDir, { recursive: true, force: true });
}

async function compareWays(): Promise<void> {
  const rows = [
    await measure('in process, one at a time', 'tcp-lite', IN_PROCESS_RUNS / 4, 1),
    await measure(`in process, ${IN_FLIGHT} in flight`, 'tcp-lite', IN_PROCESS_RUNS, IN_FLIGHT),
    await measure('own processes, one at a time', 'tcp-lite-process', PROCESS_RUNS / 4, 1),
    await measure(`own processes, ${IN_FLIGHT} in flight`, 'tcp-lite-process', PROCESS_RUNS, IN_FLIGHT),
  ];
  const script = await measureScript();
  print([...rows, script]);
  for (const row of rows) {
    print(`${row.way}: ${(script.msPerCase / row.msPerCase).toFixed(1)} times as fast as the script`);
  }
  print({ schemaVersion: 1, cores: os.cpus().length, rows: [...rows, script] });
}

/** The same case over and over beside a process that keeps one core busy: no verdict may differ. */
async function measureStability(runs: number): Promise<void> {
  const hog = startHog();
  try {
    const row = await measure(
      `in process, ${IN_FLIGHT} in flight, beside a CPU hog`,
      'tcp-lite',
      runs,
      IN_FLIGHT,
    );
    print([row]);
    if (Object.keys(row.verdicts).length !== 1) process.exitCode = 1;
  } finally {
    hog.kill('SIGKILL');
  }
}

async function measure(way: string, iut: string, runs: number, inFlight: number): Promise<Measured> {
  const { cases } = await loadCaseFiles([path.join(PROJECT_ROOT, CASE)]);
  const [run] = planRuns(cases, [await loadImplementation(iut)], { family: 'ipv4' });
  if (!run) throw new Error(`${CASE} does not run on ${iut}`);
  const engine = createEngine({ jobs: inFlight, outputDir });
  try {
    await runMany(engine, run, inFlight);
    const cpu = process.cpuUsage();
    const began = performance.now();
    const results = await runMany(engine, run, runs);
    const wall = performance.now() - began;
    const used = process.cpuUsage(cpu);
    for (const { verdict, failure, reason } of results) {
      if (verdict !== 'pass') process.stderr.write(`${verdict}: ${failure?.text ?? reason ?? ''}\n`);
    }
    return {
      way,
      runs,
      inFlight,
      msPerCase: wall / runs,
      casesPerMinute: (60_000 * runs) / wall,
      cpuMsPerCase: (used.user + used.system) / 1000 / runs,
      verdicts: count(results),
      phases: meanPhases(results),
    };
  } finally {
    await engine.close();
  }
}

function runMany(engine: Engine, run: PlannedRun, times: number): Promise<CaseResult[]> {
  return Promise.all(engine.start(new Array<PlannedRun>(times).fill(run)));
}

async function measureScript(): Promise<Measured> {
  const script = fileURLToPath(new URL('../../bench/by-hand.sh', import.meta.url));
  const began = performance.now();
  let passed = 0;
  for (let run = 0; run < SCRIPT_RUNS; run++) {
    const { exitCode } = await execa(script, { reject: false });
    if (exitCode === 0) passed++;
  }
  const wall = performance.now() - began;
  return {
    way: 'shell script, one at a time',
    runs: SCRIPT_RUNS,
    inFlight: 1,
    msPerCase: wall / SCRIPT_RUNS,
    casesPerMinute: (60_000 * SCRIPT_RUNS) / wall,
    cpuMsPerCase: NaN,
    verdicts: { pass: passed, fail: SCRIPT_RUNS - passed },
    phases: {},
  };
}

function startHog(): ChildProcess {
  return spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' });
}

function count(results: CaseResult[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { verdict } of results) counts[verdict] = (counts[verdict] ?? 0) + 1;
  return counts;
}

function meanPhases(results: CaseResult[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { phases } of results)
    for (const [name, ms] of Object.entries(phases)) sums[name] = (sums[name] ?? 0) + ms;
  return Object.fromEntries(
    Object.entries(sums).map(([name, sum]) => [name, Math.round((100 * sum) / results.length) / 100]),
  );
}

function print(value: Measured[] | string | object): void {
  if (typeof value === 'string') process.stdout.write(`${value}\n`);
  else if (Array.isArray(value))
    for (const row of value as Measured[]) process.stdout.write(`${line(row)}\n`);
  else process.stdout.write(`${JSON.stringify(value)}\n`);
}

function line({ way, msPerCase, casesPerMinute, cpuMsPerCase, verdicts, phases }: Measured): string {
  const figures = `${msPerCase.toFixed(1).padStart(8)} ms a case ${casesPerMinute.toFixed(0).padStart(7)} a minute ${cpuMsPerCase.toFixed(1).padStart(6)} ms CPU`;
  const parts = Object.entries(phases).map(([name, ms]) => `${name} ${ms}`);
  return `${way.padEnd(48)}${figures}  ${JSON.stringify(verdicts)}  ${parts.join(', ')}`;
}
