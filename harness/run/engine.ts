import { readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { startToolsIn } from '../../netns/run-tool.js';
import { ToolProcess } from '../../netns/tool-process.js';
import { Dissector } from '../dissect/dissector.js';
import { wiresharkVersion } from '../dissect/version.js';
import { type Implementation, loadImplementation, PROJECT_ROOT } from './implementation.js';
import { LabPool } from './lab-pool.js';
import type { RunListener } from './listener.js';
import type { PlannedRun } from './plan.js';
import type { CaseResult, ImplementationInfo, RunResults } from './results.js';
import { RESULTS_SCHEMA_VERSION } from './results.js';
import { runCase } from './run-case.js';
import { StallMonitor } from './stall.js';
import { StartFailures } from './start-failures.js';

export interface EngineOptions {
  /** Cases at work at once; those that wait for a timer do not count. */
  jobs: number;
  /** Scales every timing tolerance; 1 unless told. */
  tolerance?: number;
  /** Captures go to `captures/` in it. */
  outputDir: string;
}

/** This many times the jobs of cases that mostly sleep run beside the others. */
const SLEEPING_FACTOR = 4;
/** A case that has been at it for so long waits for a timer, ms: its place among the awake goes to another. */
const AWAKE_MS = 150;
/** The same where programs have to be started first, which is work. */
const STARTED_MS = 1000;

/** What keeps labs, captures and the dissector up from case to case. Works inside of runPrivate only. */
export interface Engine {
  /** Runs all, as many at once as it may, and tells the listener as they start and finish. */
  run(planned: PlannedRun[], listener?: RunListener): Promise<RunResults>;
  /** Starts all at once and hands out each result as it comes, in the order of `planned`. */
  start(planned: PlannedRun[], listener?: RunListener): Promise<CaseResult>[];
  close(): Promise<void>;
}

export function createEngine(options: EngineOptions): Engine {
  goBeforeOthers();
  return new WarmEngine(options);
}

/** What this process and its captures do late would look like the IUT's doing: other work on the machine can wait. */
function goBeforeOthers(): void {
  try {
    os.setPriority(os.constants.priority.PRIORITY_HIGH);
  } catch {
    // A container may forbid it; the tolerances have to do then.
  }
}

class WarmEngine implements Engine {
  private readonly pool: LabPool;
  private readonly stalls = new StallMonitor();
  private readonly starts = new StartFailures();
  private readonly tools = ToolProcess.start();
  private dissector: Promise<Dissector> | undefined;
  private readonly known = new Map<string, Promise<Implementation>>();
  /** How often each case has been captured: a case that runs again must not write over its earlier capture. */
  private readonly captured = new Map<string, number>();
  private readonly awake: Semaphore;
  private readonly quick: Semaphore;
  private readonly sleeping: Semaphore;

  constructor(private readonly options: EngineOptions) {
    startToolsIn(this.tools);
    this.pool = new LabPool(options.jobs * (SLEEPING_FACTOR + 1));
    this.awake = new Semaphore(options.jobs);
    this.quick = new Semaphore(options.jobs * SLEEPING_FACTOR);
    this.sleeping = new Semaphore(options.jobs * SLEEPING_FACTOR);
  }

  async run(planned: PlannedRun[], listener: RunListener = {}): Promise<RunResults> {
    const startedAt = new Date().toISOString();
    const began = performance.now();
    const implementations = describeAll(planned);
    listener.runStarted?.({ total: planned.length, startedAt, implementations, jobs: this.options.jobs });
    const results = await Promise.all(this.start(planned, listener));
    return {
      schemaVersion: RESULTS_SCHEMA_VERSION,
      startedAt,
      durationMs: performance.now() - began,
      environment: await this.environment(),
      implementations,
      results,
      summary: summarise(results),
    };
  }

  start(planned: PlannedRun[], listener: RunListener = {}): Promise<CaseResult>[] {
    return planned.map(async (run) => {
      const done = await this.place(run);
      try {
        listener.caseStarted?.({ id: run.id, iut: run.implementation.name, title: run.testCase.title });
        const result = await runCase(run, {
          pool: this.pool,
          dissector: await this.warmDissector(),
          tolerance: this.options.tolerance ?? 1,
          stalls: this.stalls,
          starts: this.starts,
          captureFile: (one) => this.captureFile(one),
          implementation: (name) => this.implementation(name),
        });
        listener.caseFinished?.(result);
        return result;
      } finally {
        done();
      }
    });
  }

  /** Waits until the case may start; what it resolves with gives its place back. */
  private async place(run: PlannedRun): Promise<() => void> {
    const leave = await (run.sleepsMs > 0 ? this.sleeping : this.quick).enter();
    const sleep = await this.awake.enter();
    const timer = setTimeout(sleep, startsPrograms(run) ? STARTED_MS : AWAKE_MS);
    return () => {
      clearTimeout(timer);
      sleep();
      leave();
    };
  }

  async close(): Promise<void> {
    this.stalls.stop();
    await this.pool.close();
    await (await this.dissector)?.close();
    this.dissector = undefined;
    startToolsIn(undefined);
    this.tools?.close();
  }

  private captureFile({ id, implementation }: PlannedRun): string {
    const name = path.join(
      this.options.outputDir,
      'captures',
      implementation.name,
      id.replaceAll(/[^A-Za-z0-9_.@-]+/g, '_'),
    );
    const times = (this.captured.get(name) ?? 0) + 1;
    this.captured.set(name, times);
    return times === 1 ? `${name}.pcapng` : `${name}.${times}.pcapng`;
  }

  private warmDissector(): Promise<Dissector> {
    return (this.dissector ??= Dissector.start());
  }

  private implementation(name: string): Promise<Implementation> {
    let loaded = this.known.get(name);
    if (!loaded) {
      loaded = loadImplementation(name);
      this.known.set(name, loaded);
    }
    return loaded;
  }

  private async environment(): Promise<Record<string, string>> {
    const { version } = JSON.parse(readFileSync(path.join(PROJECT_ROOT, 'package.json'), 'utf8')) as {
      version: string;
    };
    return {
      tcpspec: version,
      node: process.versions.node,
      wireshark: await wiresharkVersion(),
      kernel: os.release(),
    };
  }
}

function startsPrograms({ testCase, implementation }: PlannedRun): boolean {
  return implementation.run === 'process' || testCase.kind === 'observed';
}

/** Results of the runs that a summary counts. */
export function summarise(results: CaseResult[]): RunResults['summary'] {
  const summary = { pass: 0, 'non-strict': 0, fail: 0, inconclusive: 0, unsupported: 0, error: 0 };
  for (const result of results) summary[result.verdict]++;
  return {
    ...summary,
    total: results.length,
    unexpected: results.filter((result) => result.unexpected).length,
  };
}

function describeAll(planned: PlannedRun[]): ImplementationInfo[] {
  const all = new Map(planned.map((run) => [run.implementation.name, run.implementation]));
  return [...all.values()].map(({ name, title, attach, deviations }) => ({
    name,
    title,
    attach,
    deviations: deviations.map(({ case: id, reason, reference }) => ({
      case: id,
      reason,
      ...(reference === undefined ? {} : { reference }),
    })),
  }));
}

class Semaphore {
  private readonly waiting: (() => void)[] = [];

  constructor(private free: number) {}

  /** Resolves with what gives the place back, once. */
  async enter(): Promise<() => void> {
    if (this.free > 0) this.free--;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      const next = this.waiting.shift();
      if (next) next();
      else this.free++;
    };
  }
}
