import path from 'node:path';
import type { EndSpec, LabSpec, ObservedCase, Role } from '../case/model.js';
import type { Dissector } from '../dissect/dissector.js';
import { type Attach, type IutSession, startIut } from './iut.js';
import { type Deviation, deviationFor, type Implementation, PROJECT_ROOT } from './implementation.js';
import { dissectCut, type Judgement, judgeObserved } from './judge.js';
import type { LabPool } from './lab-pool.js';
import { observe } from './observe.js';
import { ASIDE_PORT, isPlain, wantsClosedPort, whyUnsupported } from './plain-iut.js';
import type { PlannedRun } from './plan.js';
import { DEFAULT_PORT } from './play-session.js';
import { programName, shellWord } from './program-name.js';
import type { CaseResult } from './results.js';
import { runScripted } from './run-scripted.js';
import type { StallMonitor } from './stall.js';
import type { LabKind, WarmLab } from './warm-lab.js';

export interface RunContext {
  pool: LabPool;
  dissector: Dissector;
  tolerance: number;
  stalls: StallMonitor;
  /** Path for the capture of one run of a case, another one each time. */
  captureFile(run: PlannedRun): string;
  /** Implementations that cases name beside the one under test, by name. */
  implementation(name: string): Promise<Implementation>;
}

/** How often a case is played at most when the machine, not the IUT, may have gone wrong. */
const TRIES = 5;
/** A stall of this process that may show on the wire, ms: well below the shortest timer of a TCP. */
const STALL_MS = 100;
/** Before a case is played again the machine is to be calm for so long, ms; it is not waited for longer than that. */
const CALM_MS = 500;
const PATIENCE_MS = 10_000;

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
  let judgement: (Judgement & { output?: string }) | undefined;
  const captureFile = context.captureFile(run);
  for (let attempt = 1; attempt <= TRIES; attempt++) {
    const attempted = performance.now();
    try {
      judgement = await attemptCase(run, context, captureFile, phase);
    } catch (error) {
      judgement = { ...NOTHING_SEEN, verdict: 'error', reason: reasonOf(error) };
    }
    const { verdict } = judgement;
    if (!isUnexpected(verdict, deviates(verdict, declared))) break;
    // What surprises on a machine that stood still is played again; what does so on one that did not is true.
    if (verdict !== 'error' && context.stalls.worstSince(attempted) < STALL_MS) break;
    if (attempt < TRIES) await context.stalls.calm(STALL_MS, CALM_MS, PATIENCE_MS);
  }
  const result = judgement ?? { ...NOTHING_SEEN, verdict: 'error' as const };
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
    capture: captureFile,
    rerun: rerunCommand(run),
    source: testCase.source,
    ...(testCase.kind === 'scripted' ? { iutRole: testCase.iut } : {}),
    ...result,
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
): Promise<Judgement & { output?: string }> {
  const lacking = run.testCase.needs.filter((feature) => !run.implementation.ics.includes(feature));
  if (lacking.length > 0) {
    const reason = `${run.implementation.name} does not claim ${lacking.join(', ')} in its ICS`;
    return { ...NOTHING_SEEN, verdict: 'unsupported', reason };
  }
  const unable = whyUnsupported(run.testCase, run.implementation);
  if (unable !== undefined) return { ...NOTHING_SEEN, verdict: 'unsupported', reason: unable };
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

async function runObserved(
  run: PlannedRun & { testCase: ObservedCase },
  context: RunContext,
  judge: Parameters<typeof judgeObserved>[5],
): Promise<Judgement & { output?: string }> {
  const { testCase } = run;
  const client = await endOf(testCase.client, run.implementation, context);
  const server = await endOf(testCase.server, run.implementation, context);
  const guarded = ROLES.filter((role) => ({ client, server })[role].attach === 'raw');
  const kind: LabKind = {
    ...(guarded.length > 0 && testCase.lab.kernelRst === 'drop'
      ? { kernelRst: 'drop', guarded }
      : { kernelRst: 'allow' }),
    clientKernel: hasKernelAddress(client.attach),
    serverKernel: hasKernelAddress(server.attach),
    ...(testCase.lab.mtu === 1500 ? {} : { mtu: testCase.lab.mtu }),
    ...tapOf(client.attach, server.attach),
    ...impairedKind(testCase.lab, testCase.lab.capture),
    ...(client.implementation.run === 'in-process' && server.implementation.run === 'in-process'
      ? { neighbours: 'static' as const }
      : {}),
  };
  if (client.attach === 'tap' && server.attach === 'tap') {
    return {
      ...NOTHING_SEEN,
      verdict: 'unsupported',
      reason: 'a lab has one TAP device, and both ends want it',
    };
  }
  const tuples = fixedTuples(testCase, run.family);
  const warm = await judge.phase('lab', () => context.pool.acquire(kind, tuples));
  try {
    const { wire, trace, output } = await judge.phase('traffic', () =>
      playObserved(run, warm, { client, server }, context.tolerance),
    );
    const dissection = await dissectCut(run, wire.cut, judge);
    const judgement = await judge.phase('judge', () =>
      Promise.resolve(judgeObserved(run, warm, wire, dissection, trace, judge)),
    );
    return { ...judgement, ...(output ? { output } : {}) };
  } catch (error) {
    warm.spent = true;
    throw error;
  } finally {
    if (client.attach === 'kernel' || server.attach === 'kernel') {
      for (const tuple of tuples) warm.usedTuples.add(tuple);
      // What a kernel still holds it will repeat, into the capture of a later case.
      warm.spent ||= !warm.watch.ended;
    }
    context.pool.release(warm);
  }
}

const ROLES: readonly Role[] = ['client', 'server'];

interface End {
  spec: EndSpec;
  implementation: Implementation;
  attach: Attach;
}

async function playObserved(
  run: PlannedRun & { testCase: ObservedCase },
  warm: WarmLab,
  ends: Record<Role, End>,
  tolerance: number,
) {
  const sessions: Partial<Record<Role, IutSession>> = {};
  try {
    const port = ends.server.spec.port ?? DEFAULT_PORT;
    const start = (role: Role): IutSession => {
      const { implementation, attach } = ends[role];
      const aside = role === 'server' && wantsClosedPort(run.testCase) && isPlain(implementation, role);
      const told = { port: aside ? ASIDE_PORT : port };
      return (sessions[role] = startIut(implementation, warm, role, attach, run.family, told));
    };
    const server = start('server');
    // A plain client is its own application: it connects from its start, so it starts when the server listens.
    const client = isPlain(ends.client.implementation, 'client') ? undefined : start('client');
    await Promise.all([server.ready(), client?.ready()]);
    warm.begin(run.testCase.lab.impair);
    const trace = await observe(run.testCase, { server, client: () => client ?? start('client') }, warm, {
      family: run.family,
      tolerance,
    });
    const wire = await warm.cut();
    const output = Object.values(sessions)
      .map((session) => session.output())
      .filter((text) => text !== '')
      .join('\n');
    return { wire, trace, output };
  } finally {
    await Promise.all(Object.values(sessions).map((session) => session.stop()));
  }
}

async function endOf(spec: EndSpec, iut: Implementation, context: RunContext): Promise<End> {
  const implementation = spec.stack === 'iut' ? iut : await context.implementation(spec.stack);
  const fixed = implementation.attach === 'kernel' || implementation.attach === 'tap';
  return {
    spec,
    implementation,
    attach: fixed ? implementation.attach : (spec.attach ?? implementation.attach),
  };
}

export function hasKernelAddress(attach: Attach): boolean {
  return attach === 'kernel' || attach === 'raw';
}

function tapOf(client: Attach, server: Attach): Partial<LabKind> {
  if (client === 'tap') return { tap: 'client' };
  return server === 'tap' ? { tap: 'server' } : {};
}

/** What the case needs between the ends beyond a plain wire. */
export function impairedKind({ impair }: LabSpec, capture: LabKind['capture']): Partial<LabKind> {
  return {
    ...(impair.length > 0 ? { middle: true } : {}),
    ...(capture === undefined || capture === 'client' ? {} : { capture }),
  };
}

/** 4-tuples that a kernel may keep in TIME-WAIT: only a case with both ports fixed can meet its own past. */
function fixedTuples(testCase: ObservedCase, family: string): string[] {
  const { client, server } = testCase;
  return [client, ...client.also].flatMap((connection) => {
    const to = connection.to ?? client.to ?? server.port ?? DEFAULT_PORT;
    return connection.port === undefined ? [] : [`${family} ${connection.port}>${to}`];
  });
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

/** A failure nobody declared makes the run fail, and so does a declared one that no longer happens. */
/** Whether that deviation is to be expected, or has been seen: one that varies may as well be absent. */
function deviates(verdict: CaseResult['verdict'], declared: Deviation | undefined): boolean {
  return declared !== undefined && !(verdict === 'pass' && declared.varies);
}

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
