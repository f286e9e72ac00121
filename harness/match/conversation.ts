import type { ExpectItem, ObservedCase, Role } from '../case/model.js';
import type { Packet } from '../dissect/packet.js';
import { failedCount } from './count.js';
import { Expectation, firstThread, outcomesOf } from './expectation.js';
import type { Seen, Thread } from './expectation.js';
import { explainEnd, explainRefusal, incomplete } from './explain.js';
import type { Fallback } from './explain.js';
import { failureOf } from './failure-text.js';
import type { FailureSources } from './failure-text.js';
import { milliseconds } from './packet-line.js';
import { firstForbidden } from './never.js';
import type { FilterHits } from './never.js';
import type { Problem } from './problem.js';
import { sequenceOf } from './compile.js';
import type { MatchResult, PacketMark } from './verdict.js';

/** What the matcher must know beside the case and the packets. */
export interface MatchContext extends FailureSources {
  /** Which end sent a packet. */
  roleOf(packet: Packet): Role;
  /** Factor of the run: `within` grows by it, `after` shrinks. 1 by default. */
  tolerance?: number;
  /** Frames that each display filter of `never` hits, as the dissector found them (neededFilters). */
  filterHits?: FilterHits;
  /** Given when the harness never got as far as the purpose of the case: the verdict is inconclusive, at this stage. */
  stage?: string;
  /** Until when the wire was recorded, seconds as packet.time; silences that run beyond are inconclusive. */
  capturedUntil?: number;
}

/**
 * Judges the packets of one conversation, in the order of the capture, against a case of two real ends. Inconclusive
 * without any packet, or where the context names a stage; everything else that does not fit is a failure.
 * Throws AmbiguousCaseError for a case that admits too many readings.
 */
export function matchConversation(
  testCase: ObservedCase,
  packets: readonly Packet[],
  context: MatchContext,
): MatchResult {
  const seen = packets.map((packet) => ({ packet, role: context.roleOf(packet), time: packet.time * 1000 }));
  const nothing = { marks: seen.map(({ packet }) => notJudged(packet)), outcomes: [], variables: {} };
  if (context.stage !== undefined) return { verdict: 'inconclusive', stage: context.stage, ...nothing };
  const expectation = expectationOf(testCase, seen, context);
  const refused = seen.findIndex((one) => !expectation.offer(one));
  const now = context.capturedUntil === undefined ? Infinity : context.capturedUntil * 1000;
  const ended = refused < 0 ? expectation.endings(now) : [];
  if (seen.length === 0 && ended.length === 0) {
    return { verdict: 'inconclusive', stage: 'no packet of the conversation was captured', ...nothing };
  }
  const fitting = ended.find((thread) => failedCount(thread, seen) === undefined);
  const reading = fitting ?? ended[0] ?? expectation.threads[0];
  const problem =
    fitting !== undefined
      ? undefined
      : refused < 0
        ? whyNotEnded(expectation, ended, seen, fallbackOf(testCase))
        : explainRefusal(expectation, seen[refused]!, seen.slice(refused + 1), fallbackOf(testCase));
  const forbidden = firstForbidden(testCase.never, seen, reading?.variables ?? {}, context.filterHits);
  if (forbidden?.culprit !== undefined) forbidden.step = stepAt(seen.indexOf(forbidden.culprit), reading);
  const worst = forbiddenOr(problem, forbidden);
  const marks = marksOf(seen, reading, worst);
  const result = { marks, outcomes: outcomesOf(reading), variables: { ...reading?.variables } };
  if (worst !== undefined) {
    const failure = failureOf(worst, {
      ...context,
      testCase,
      steps: testCase.expect.length,
      packets: seen,
      marks,
    });
    return { verdict: 'fail', failure, ...result };
  }
  const silence = fitting?.silences.find(({ until }) => until > now);
  if (silence !== undefined) {
    const short = milliseconds(silence.until - now);
    return {
      verdict: 'inconclusive',
      stage: `the capture ends ${short} before the silence is over`,
      ...result,
    };
  }
  return { verdict: 'pass', ...result };
}

/** How each packet was used by one reading of the case; the packets behind the culprit were not judged. */
export function marksOf(
  seen: readonly Seen[],
  reading: Pick<Thread, 'taken'> | undefined,
  problem: Problem | undefined,
): PacketMark[] {
  const marks = seen.map(({ packet }) => notJudged(packet));
  for (let taken = reading?.taken; taken !== undefined; taken = taken.before) {
    const mark = marks[taken.index];
    if (mark !== undefined) marks[taken.index] = { frame: mark.frame, mark: 'expected', step: taken.step };
  }
  const at = problem?.culprit === undefined ? -1 : seen.indexOf(problem.culprit);
  const culprit = marks[at];
  if (problem !== undefined && culprit !== undefined) {
    const mark = problem.kind === 'mismatch' || problem.kind === 'timing' ? 'mismatch' : 'unexpected';
    marks[at] = { frame: culprit.frame, mark, step: problem.step };
  }
  return marks;
}

/** The step that took a packet, or the last one that took a packet before it. */
export function stepAt(index: number, reading: Pick<Thread, 'taken'> | undefined): number {
  let taken = reading?.taken;
  while (taken !== undefined && taken.index > index) taken = taken.before;
  return taken?.step ?? 1;
}

function expectationOf(
  testCase: ObservedCase,
  seen: readonly Seen[],
  { tolerance = 1 }: MatchContext,
): Expectation {
  const steps = testCase.expect.map((item, index) => ({ item, step: index + 1 }));
  const start = { time: seen[0]?.time ?? 0, index: 0 };
  const options = { mode: testCase.mode, bindsNothing: !testCase.expect.some(binds), admit: testCase.admit };
  return new Expectation([firstThread(sequenceOf(steps, { tolerance }), start)], options);
}

/** Whether a variable is bound anywhere in the item. */
export function binds(item: ExpectItem): boolean {
  switch (item.kind) {
    case 'packet':
    case 'count':
      return Object.keys(item.pattern.bind).length > 0;
    case 'any-order':
      return item.items.some(binds);
    case 'one-of':
      return item.alternatives.some(({ items }) => items.some(binds));
    case 'quiet':
      return false;
  }
}

function whyNotEnded(
  expectation: Expectation,
  ended: readonly Thread[],
  seen: readonly Seen[],
  fallback: Fallback,
): Problem {
  const [counted] = ended;
  const last = seen.at(-1);
  const when = last === undefined ? 'at all' : `after packet ${last.packet.frame}`;
  const problem = counted === undefined ? explainEnd(expectation, () => when) : failedCount(counted, seen);
  return problem ?? incomplete(fallback, when);
}

/** What is forbidden is told where it comes first; of two complaints about one packet the expectation's says more. */
function forbiddenOr(problem: Problem | undefined, forbidden: Problem | undefined): Problem | undefined {
  if (problem === undefined || forbidden === undefined) return problem ?? forbidden;
  const [at, forbiddenAt] = [problem.culprit?.time ?? Infinity, forbidden.culprit?.time ?? Infinity];
  if (problem.culprit === forbidden.culprit) {
    problem.notes.push(
      `It is also forbidden at ${forbidden.place.line}:${forbidden.place.column}: ${forbidden.expected}`,
    );
    return problem;
  }
  return forbiddenAt < at ? forbidden : problem;
}

function fallbackOf(testCase: ObservedCase): Fallback {
  return {
    step: Math.max(1, testCase.expect.length),
    place: testCase.expect.at(-1)?.place ?? testCase.place,
  };
}

function notJudged(packet: Packet): PacketMark {
  return { frame: packet.frame, mark: 'not-judged' };
}
