import type { ScriptedCase } from '../case/model.js';
import type { JudgeContext, Judgement } from './judge.js';
import type { PlannedRun } from './plan.js';
import type { RunContext } from './run-case.js';

/** Runs a case whose other end is the lower tester. */
export function runScripted(
  run: PlannedRun & { testCase: ScriptedCase },
  _context: RunContext,
  _judge: JudgeContext,
): Promise<Judgement> {
  return Promise.reject(new Error(`${run.id} is scripted, and there is no lower tester yet`));
}
