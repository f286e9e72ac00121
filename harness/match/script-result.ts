import type { ScriptedCase } from '../case/model.js';
import { failedCount } from './count.js';
import { failureOf } from './failure-text.js';
import type { FailureSources } from './failure-text.js';
import { outcomesOf } from './expectation.js';
import type { Seen, Thread } from './expectation.js';
import { firstForbidden } from './never.js';
import type { FilterHits } from './never.js';
import type { Problem } from './problem.js';
import type { ScriptWire } from './script-wire.js';
import type { MatchResult, PacketMark } from './verdict.js';

/** How a script ended. */
export interface ScriptEnd {
  problem: Problem | undefined;
  /** In the recipe for the start state: the purpose was never reached. */
  inRecipe: boolean;
  /** Given up here: nothing is judged. */
  stage?: string;
  /** The step of each segment that the tester sent. */
  sent: ReadonlyMap<Seen, number>;
}

/** The result of a script at its end, with what is judged over all of it: counts and what must never come. */
export function scriptResult(
  testCase: ScriptedCase,
  wire: ScriptWire,
  { problem, inRecipe, sent, stage }: ScriptEnd,
  context: FailureSources & { filterHits?: FilterHits },
): MatchResult {
  wire.reveal();
  const { expectation, packets, told } = wire;
  const iutPackets = told.filter(({ role }) => role === testCase.iut);
  const ended = expectation.endings(Infinity);
  const reading = problem === undefined ? (ended[0] ?? expectation.threads[0]) : expectation.threads[0];
  const steps = stepsOf(expectation.seen, reading, sent);
  if (stage !== undefined) {
    const marks = marksOf(packets, steps, undefined);
    return { verdict: 'inconclusive', stage, marks, outcomes: [], variables: { ...reading?.variables } };
  }
  const counted =
    problem === undefined && reading !== undefined ? failedCount(reading, iutPackets) : undefined;
  const found = problem ?? counted ?? forbidden(testCase, told, steps, reading, context.filterHits);
  const marks = marksOf(packets, steps, found);
  const result = { marks, outcomes: outcomesOf(reading), variables: { ...reading?.variables } };
  if (found === undefined) return { verdict: 'pass', ...result };
  const way = `the way to ${testCase.start.state}`;
  const failure = failureOf(found, {
    ...context,
    testCase,
    steps: testCase.steps.length,
    way,
    packets,
    marks,
  });
  if (!inRecipe) return { verdict: 'fail', failure, ...result };
  const notReached = `${testCase.start.state} was not reached: ${found.headline}`;
  return { verdict: 'inconclusive', stage: notReached, failure, ...result };
}

/** Only the IUT is judged: what the tester sends is the case's own doing. */
function forbidden(
  { iut, never }: ScriptedCase,
  packets: readonly Seen[],
  steps: ReadonlyMap<Seen, number>,
  reading: Thread | undefined,
  filterHits: FilterHits | undefined,
): Problem | undefined {
  const rules = filterHits === undefined ? never.filter(({ kind }) => kind === 'pattern') : never;
  const iutPackets = packets.filter(({ role }) => role === iut);
  const problem = firstForbidden(rules, iutPackets, reading?.variables ?? {}, filterHits);
  if (problem?.culprit === undefined) return problem;
  const before = packets.slice(0, packets.indexOf(problem.culprit) + 1);
  const step = before.reduce((last, seen) => steps.get(seen) ?? last, 1);
  return { ...problem, step };
}

/** The step of each packet that belongs to one. */
function stepsOf(
  taken: readonly Seen[],
  reading: Pick<Thread, 'taken'> | undefined,
  sent: ReadonlyMap<Seen, number>,
): Map<Seen, number> {
  const steps = new Map(sent);
  for (let link = reading?.taken; link !== undefined; link = link.before) {
    const seen = taken[link.index];
    if (seen !== undefined) steps.set(seen, link.step);
  }
  return steps;
}

function marksOf(
  packets: readonly Seen[],
  steps: ReadonlyMap<Seen, number>,
  problem: Problem | undefined,
): PacketMark[] {
  return packets.map((seen) => {
    const { frame } = seen.packet;
    if (problem !== undefined && seen === problem.culprit) {
      const isMismatch = problem.kind === 'mismatch' || problem.kind === 'timing';
      const mark = isMismatch ? 'mismatch' : 'unexpected';
      return problem.step < 0 ? { frame, mark } : { frame, mark, step: problem.step };
    }
    const step = steps.get(seen);
    if (step === undefined) return { frame, mark: 'not-judged' };
    return step < 0 ? { frame, mark: 'expected' } : { frame, mark: 'expected', step };
  });
}
