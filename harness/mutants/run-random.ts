import type { Engine } from '../run/engine.js';
import type { CaseResult } from '../run/results.js';
import { broken, play } from './run-mutants.js';
import type { RandomMutant } from './random.js';

/**
 * `noticed`: the case failed. `inconclusive`: it could not be played to its end. `unnoticed`: it passed all the same.
 * `idle`: the field never came, so nothing was changed. `error`: the harness could not judge it.
 */
export type RandomOutcome = 'noticed' | 'inconclusive' | 'unnoticed' | 'idle' | 'error';

export interface RandomResult {
  id: string;
  field: string;
  breaks: string;
  case: string;
  outcome: RandomOutcome;
  /** Segments that were changed. */
  changed: number;
  verdict: CaseResult['verdict'];
  reason?: string;
  capture: string;
}

/** Plays each middlebox on its case, all at once as far as the engine has places. */
export function startRandom(
  mutants: readonly RandomMutant[],
  engine: Pick<Engine, 'start'>,
  finished?: (result: RandomResult) => void,
): Promise<RandomResult>[] {
  return mutants.map(async ({ id, field, breaks, run, mutant, changed }) => {
    const result = await play(engine, run, broken(run.implementation, mutant));
    const { verdict, reason, failure, capture } = result;
    const why = failure ? `step ${failure.step}: ${failure.expected}; came: ${failure.actual}` : reason;
    const told: RandomResult = {
      ...{ id, field, breaks, case: run.id, verdict, capture },
      changed: changed(),
      outcome: changed() === 0 ? 'idle' : OUTCOMES[verdict],
      ...(why === undefined ? {} : { reason: why }),
    };
    finished?.(told);
    return told;
  });
}

const OUTCOMES: Record<CaseResult['verdict'], RandomOutcome> = {
  pass: 'unnoticed',
  'non-strict': 'noticed',
  fail: 'noticed',
  inconclusive: 'inconclusive',
  unsupported: 'idle',
  error: 'error',
};
