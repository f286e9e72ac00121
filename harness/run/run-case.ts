import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Dissector } from '../dissect/dissector.js';
import { type Deviation, deviationFor, type Implementation, PROJECT_ROOT } from './implementation.js';
import type { Judgement } from './judge.js';
import type { LabPool } from './lab-pool.js';
import { whyUnsupported } from './plain-iut.js';
import type { PlannedRun } from './plan.js';
import { IutStartError } from './program.js';
import { programName, shellWord } from './program-name.js';
import type { CaseResult } from './results.js';
import { runObserved } from './run-observed.js';
import { runScripted } from './run-scripted.js';
import type { StallMonitor } from './stall.js';
import type { StartFailures } from './start-failures.js';

export interface RunContext {
  pool: LabPool;
  dissector: Dissector;
  tolerance: number;
  stalls: StallMonitor;
  starts: StartFailures;
  /** Path for the capture of one run of a case, another one each time. */
  captureFile(run: PlannedRun): string;
  /** Implementations that cases name beside the one under test, by name. */
  implementation(name: string): Promise<Implementation>;
}

/** How often a case is played at most when the machine, not the IUT, may have gone wrong. */
const TRIES = 5;
/** A stall of this process that may show on the wire, ms: well below the shortest retransmission timeout of a TCP. */
const STALL_MS = 50;
/** The same for the tester: where round trips are short, Linux probes for the loss of a tail after some 4 ms. */
const LATE_MS = 4;
/** Before a case is played again the machine is to be calm for so long, ms; it is not waited for longer than that. */
const CALM_MS = 500;
const PATIENCE_MS = 10_000;

/** What one run of a case showed. */
export type Attempt = Judgement & {
  output?: string;
  /** How much later than planned the lower tester did its part, all together, ms. */
  lateMs?: number;
};

/** Runs one case on one implementation and judges it. Never throws: what goes wrong in the harness is verdict `error`. */
export async function runCase(run: PlannedRun, context: RunContext): Promise<CaseResult> {
  const started = performance.now();
  const phases: Record<string, number> = {};
  const phase = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    const begin = performance.now();
    try {
      return await work();
    } finally {
      phases[name] = (phases[name] ?? 0) + performance.now() - begin;
    }
  };
  const { testCase, implementation } = run;
  const declared = deviationFor(implementation, run.id);
  const captureFile = context.captureFile(run);
  const attempt = async (): Promise<{ result: Attempt; spoilt: boolean }> => {
    const began = performance.now();
    try {
      const { lateMs = 0, ...result } = await attemptCase(run, context, captureFile, phase);
      const stoodStill = context.stalls.worstSince(began) >= STALL_MS || lateMs >= LATE_MS;
      return { result, spoilt: stoodStill || result.verdict === 'error' };
    } catch (error) {
      // A program that does not start will not do so the next time, unless it had no time to.
      const isStart = error instanceof IutStartError;
      if (isStart) context.starts.failedWith(implementation.name, error);
      const spoilt = !isStart || (!error.isFinal && context.stalls.worstSince(began) >= STALL_MS);
      return { result: { ...NOTHING_SEEN, verdict: 'error', reason: reasonOf(error) }, spoilt };
    }
  };
  const surprises = ({ verdict }: Attempt) => isUnexpected(verdict, deviates(verdict, declared));
  let { result, spoilt } = await attempt();
  let tries = 1;
  // What surprises on a machine that stood still is played again; what does so on one that did not is true.
  while (spoilt && surprises(result) && tries < TRIES) {
    await context.stalls.calm(STALL_MS, CALM_MS, PATIENCE_MS);
    ({ result, spoilt } = await attempt());
    tries++;
  }
  const deviation = deviates(result.verdict, declared) ? declared : undefined;
  return {
    id: run.id,
    title: testCase.title,
    purpose: testCase.purpose,
    iut: implementation.name,
    family: run.family,
    level: testCase.level,
    covers: testCase.covers,
    tags: testCase.tags,
    file: testCase.place.file,
    line: testCase.place.line,
    durationMs: performance.now() - started,
    phases,
    capture: existsSync(captureFile) ? captureFile : '',
    rerun: rerunCommand(run),
    source: testCase.source,
    ...(testCase.kind === 'scripted' ? { iutRole: testCase.iut } : {}),
    ...result,
    ...(tries > 1 ? { tries } : {}),
    ...(deviation ? { knownDeviation: knownDeviation(deviation) } : {}),
    unexpected: isUnexpected(result.verdict, deviation !== undefined),
  };
}

/** A judgement before anything was seen. */
export const NOTHING_SEEN: Omit<Judgement, 'verdict'> = {
  outcomes: [],
  packets: [],
  marks: [],
  diagnosis: [],
  displayFilter: 'tcp',
};

type Phase = <T>(name: string, work: () => Promise<T>) => Promise<T>;

async function attemptCase(
  run: PlannedRun,
  context: RunContext,
  captureFile: string,
  phase: Phase,
): Promise<Attempt> {
  const lacking = run.testCase.needs.filter((feature) => !run.implementation.ics.includes(feature));
  if (lacking.length > 0) {
    const reason = `${run.implementation.name} does not claim ${lacking.join(', ')} in its ICS`;
    return { ...NOTHING_SEEN, verdict: 'unsupported', reason };
  }
  const unable = whyUnsupported(run.testCase, run.implementation);
  if (unable !== undefined) return { ...NOTHING_SEEN, verdict: 'unsupported', reason: unable };
  const hopeless = context.starts.hopeless(run.implementation.name);
  if (hopeless) throw hopeless;
  const judge = {
    dissector: context.dissector,
    captureFile,
    rerun: rerunCommand(run),
    tolerance: context.tolerance,
    phase,
  };
  if (run.testCase.kind === 'scripted')
    return runScripted({ ...run, testCase: run.testCase }, context, judge);
  return runObserved({ ...run, testCase: run.testCase }, context, judge);
}

/** Runs just this again, from the folder where it ran. */
function rerunCommand(run: PlannedRun): string {
  const { name, file } = run.implementation;
  const iut = path.dirname(file) === path.join(PROJECT_ROOT, 'implementations') ? name : fromHere(file);
  const words = ['run', run.testCase.place.file, '--case', run.id, '--iut', iut];
  return `sudo ${programName()} ${words.map(shellWord).join(' ')}`;
}

function fromHere(file: string): string {
  const relative = path.relative(process.cwd(), file);
  return relative.startsWith('..') ? file : relative;
}

function knownDeviation({ reason, reference }: { reason: string; reference?: string | undefined }) {
  return reference === undefined ? { reason } : { reason, reference };
}

/** Whether that deviation is to be expected, or has been seen: one that varies may as well be absent. */
function deviates(verdict: CaseResult['verdict'], declared: Deviation | undefined): boolean {
  return declared !== undefined && !(verdict === 'pass' && declared.varies);
}

/** A failure nobody declared makes the run fail, and so does a declared one that no longer happens. */
function isUnexpected(verdict: CaseResult['verdict'], declared: boolean): boolean {
  switch (verdict) {
    case 'pass':
      return declared;
    case 'fail':
    case 'non-strict':
      return !declared;
    case 'inconclusive':
      return !declared;
    case 'error':
      return true;
    case 'unsupported':
      return false;
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { remedy } = error as { remedy?: string };
  return remedy === undefined ? error.message : `${error.message}; ${remedy}`;
}
