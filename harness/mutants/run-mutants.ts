import type { Requirement } from '../coverage/catalogue.js';
import type { Engine } from '../run/engine.js';
import type { Implementation } from '../run/implementation.js';
import type { PlannedRun } from '../run/plan.js';
import type { CaseResult } from '../run/results.js';
import { casesFor } from './choose-cases.js';
import { type Mutant, rulesOf } from './mutant.js';

/**
 * `killed`: a case that the unbroken TCP Lite passes fails, by the level of its rule. `inconclusive`: no case could judge
 * it, and the mutant says why that is enough. `no-case`: none covers its rules. `error`: the harness failed.
 */
export type MutantStatus = 'killed' | 'inconclusive' | 'survived' | 'no-case' | 'error';

export interface MutantResult {
  id: string;
  breaks: string;
  rules: string[];
  status: MutantStatus;
  /** What noticed it first, or all that did with `all`. */
  kills: Kill[];
  /** Ids of the runs that were played, in order, with their verdicts. */
  tried: { case: string; verdict: CaseResult['verdict']; reason?: string }[];
}

export interface Kill {
  case: string;
  file: string;
  line: number;
  verdict: CaseResult['verdict'];
  /** 1-based, as failure texts count. */
  step?: number;
  expected?: string;
  actual?: string;
  /** How far an inconclusive case came. */
  reason?: string;
  capture: string;
}

export interface MutantRunOptions {
  engine: Pick<Engine, 'start'>;
  /** The cases as planned for the unbroken TCP Lite. */
  planned: PlannedRun[];
  catalogue: Requirement[];
  /** Go on after the first kill, so that it is known which cases never kill. */
  all?: boolean;
  finished?: (result: MutantResult) => void;
}

/** How often the cases are played before a mutant counts as one that nobody notices. */
const ROUNDS = 2;

/** Plays each mutant against its cases, all at once as far as the engine has places. */
export function startMutants(mutants: readonly Mutant[], options: MutantRunOptions): Promise<MutantResult>[] {
  const soundness = new Soundness(options.engine);
  return mutants.map(async (mutant) => {
    const result = await playMutant(mutant, options, soundness);
    options.finished?.(result);
    return result;
  });
}

async function playMutant(
  mutant: Mutant,
  { engine, planned, catalogue, all }: MutantRunOptions,
  soundness: Soundness,
): Promise<MutantResult> {
  const { id, breaks, rules } = mutant;
  const runs = casesFor(mutant, planned, catalogue);
  const tried: MutantResult['tried'] = [];
  const kills: Kill[] = [];
  let vague: Kill | undefined;
  // On a busy machine a case may pass because it waited too long: who survives has to do so twice.
  for (let round = 1; round <= ROUNDS && kills.length === 0; round++) {
    if (vague && mutant.inconclusive !== undefined) break;
    for (const run of runs) {
      // A slow case is asked of the unbroken TCP Lite at the same time: it will hardly pass.
      if (run.testCase.tags.includes('slow')) void soundness.passes(run);
      const result = await play(engine, run, broken(run.implementation, mutant));
      tried.push({
        case: run.id,
        verdict: result.verdict,
        ...(result.reason === undefined ? {} : { reason: result.reason }),
      });
      const noticed = result.verdict === 'fail' || result.verdict === 'non-strict';
      if (result.verdict === 'inconclusive') vague ??= killBy(result);
      if (!noticed || !(await soundness.passes(run))) continue;
      kills.push(killBy(result));
      if (!all) break;
    }
  }
  const base = { id, breaks, rules, tried };
  if (kills.length > 0) return { ...base, status: 'killed', kills };
  if (runs.length === 0) return { ...base, status: 'no-case', kills };
  if (vague && mutant.inconclusive !== undefined) return { ...base, status: 'inconclusive', kills: [vague] };
  const wrecked = tried.every(({ verdict }) => verdict === 'error');
  return { ...base, status: wrecked ? 'error' : 'survived', kills: [] };
}

/** The same implementation with its decisions broken; results and captures carry the mutant's name. */
export function broken(implementation: Implementation, mutant: Mutant): Implementation {
  return {
    ...implementation,
    name: `tcp-lite+${mutant.id}`,
    title: `TCP Lite, broken: ${mutant.breaks}`,
    rules: () => rulesOf(mutant),
  };
}

export async function play(
  engine: Pick<Engine, 'start'>,
  run: PlannedRun,
  implementation: Implementation,
): Promise<CaseResult> {
  return engine.start([{ ...run, implementation }])[0]!;
}

/** A case that the unbroken TCP Lite fails says nothing of a mutant; each is asked once, when it first matters. */
export class Soundness {
  private readonly known = new Map<string, Promise<boolean>>();

  constructor(private readonly engine: Pick<Engine, 'start'>) {}

  passes(run: PlannedRun): Promise<boolean> {
    let known = this.known.get(run.id);
    if (!known) {
      known = play(this.engine, run, run.implementation).then(({ verdict }) => verdict === 'pass');
      this.known.set(run.id, known);
    }
    return known;
  }
}

function killBy(result: CaseResult): Kill {
  const { failure, reason } = result;
  return {
    case: result.id,
    file: result.file,
    line: failure?.place.line ?? result.line,
    verdict: result.verdict,
    ...(failure ? { step: failure.step, expected: failure.expected, actual: failure.actual } : {}),
    ...(reason === undefined ? {} : { reason }),
    capture: result.capture,
  };
}
