import type { Role } from '../case/model.js';
import { iutFailure } from './failures.js';
import type { IutSession } from './iut.js';
import type { JudgeContext } from './judge.js';
import type { PlannedRun } from './plan.js';
import type { Attempt } from './run-case.js';

/** Of what a program printed, this is told: most explain a crash in their last line, some before they show their stack. */
const LAST_LINES = 6;
const SAYS_WHY = /\b(panic|fatal|abort|assert|exception|error|segmentation)/i;

/** How an implementation went down by itself. */
export interface Crash {
  role: Role;
  /** "was ended by SIGSEGV". */
  how: string;
  output: string;
}

/** To be asked before the session is stopped. */
export function crashOf(role: Role, session: IutSession): Crash | undefined {
  const how = session.crash();
  return how === undefined ? undefined : { role, how, output: session.output() };
}

/** A stack that goes down in a case has failed it, whatever the wire shows. */
export function withCrash(
  attempt: Attempt,
  { implementation, testCase }: PlannedRun,
  crash: Crash | undefined,
  where: JudgeContext,
): Attempt {
  if (crash === undefined) return attempt;
  const { role, how, output } = crash;
  const message = `${implementation.name} ${how}`;
  const all = output.trimEnd().split('\n');
  const why = all.slice(0, -LAST_LINES).find((line) => SAYS_WHY.test(line));
  const printed = [...(why === undefined ? [] : [why, '...']), ...all.slice(-LAST_LINES)];
  const lines = [`  ${role}: ${message}; it printed:`, ...printed.map((line) => `    ${line}`)];
  const problem = { action: 'run to the end of the case', place: testCase.place, message };
  const failure = attempt.failure ?? iutFailure(testCase, role, problem, where);
  return {
    ...attempt,
    verdict: 'fail',
    failure: { ...failure, text: `${failure.text.trimEnd()}\n${lines.join('\n')}\n` },
  };
}
