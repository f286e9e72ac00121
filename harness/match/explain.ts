import type { Place } from '../case/model.js';
import { RST } from '../dissect/packet.js';
import { candidateOf, candidatesFor, resembles } from './candidates.js';
import type { Candidate } from './candidates.js';
import { breaks } from './expectation.js';
import type { ActiveSilence, Expectation, Seen, Thread } from './expectation.js';
import { analysisName, milliseconds } from './packet-line.js';
import { about, missing, mismatch } from './problem.js';
import type { Problem } from './problem.js';
import { bestStory } from './stories.js';
import type { Silence } from './term.js';
import type { Effect, Head } from './ways.js';

/** Where a problem is told when no item of the case is at fault. */
export interface Fallback {
  step: number;
  place: Place;
}

/** Why a packet was refused. `next` are the packets after it, as far as they are known. */
export function explainRefusal(
  expectation: Expectation,
  culprit: Seen,
  next: readonly Seen[],
  fallback: Fallback,
): Problem {
  const candidates = candidatesFor(expectation, culprit);
  const problem =
    tooEarlyOrLate(candidates, culprit, expectation) ??
    silenceBroken(expectation, candidates, culprit) ??
    bestStory(expectation, candidates, culprit, next) ??
    oneTooMany(culprit, fallback);
  problem.notes.push(...wiresharkSays(culprit));
  return problem;
}

/**
 * Why the case is not complete when no more packets come, told of the reading of it that got furthest: what was still
 * expected, or a silence that was broken; undefined where neither is so. `when` ends the sentence
 * `no such packet came ...`; heads that are not `open` had been given up before; `later` are packets that came too late.
 */
export function explainEnd(
  expectation: Expectation,
  when: (head: Head) => string,
  open: (head: Head) => boolean = () => true,
  later: () => readonly Seen[] = () => [],
): Problem | undefined {
  const expected = expectation.threads.flatMap((thread) =>
    expectation.ways(thread).heads.map((head) => ({ thread, head })),
  );
  const alive = expected.filter(({ head }) => open(head));
  const furthest = (alive.length > 0 ? alive : expected).reduce<Expected | undefined>(
    (best, one) => (best === undefined || isFurther(one, best) ? one : best),
    undefined,
  );
  const passed =
    furthest?.head.effects ?? expectation.threads.flatMap((thread) => endingEffects(expectation, thread));
  const broken = expectation.brokenSilence(passed);
  if (broken !== undefined) return brokenBy(broken.culprit, broken);
  if (furthest === undefined) return undefined;
  const { thread, head } = furthest;
  const problem = missing(furthest, expectation, `no such packet came ${when(head)}`);
  const late = later().find((seen) => candidateOf(expectation, thread, head, seen).untimely);
  if (late !== undefined)
    return tooEarlyOrLate([candidateOf(expectation, thread, head, late)], late, expectation);
  const passedOver = expectation.seen
    .slice(thread.taken === undefined ? 0 : thread.taken.index + 1)
    .filter((seen) => !expectation.wasAdmitted(seen));
  const reset = passedOver.find(({ packet }) => (packet.tcp.flags & RST) !== 0);
  if (reset !== undefined) return blameReset(problem, reset);
  const [closest] = passedOver
    .map((seen) => ({ seen, candidate: candidateOf(expectation, thread, head, seen) }))
    .filter(({ candidate }) => candidate.rightSide)
    .sort((a, b) => a.candidate.differences.length - b.candidate.differences.length);
  if (closest === undefined || !resembles(closest.candidate)) return problem;
  const changed = closest.candidate.untimely
    ? tooEarlyOrLate([closest.candidate], closest.seen, expectation)
    : mismatch(closest.candidate, closest.seen, expectation);
  if (changed === undefined) return problem;
  changed.notes.push(...wiresharkSays(closest.seen));
  return changed;
}

/** The case is not complete, and no single packet is to blame. */
export function incomplete({ step, place }: Fallback, when: string): Problem {
  return {
    kind: 'missing',
    step,
    place,
    headline: `the case was not complete ${when}`,
    expected: 'all of the case',
    actual: 'a part of it',
    differences: [],
    notes: [],
  };
}

/** `quiet: 300 ms from the server`. */
export function quietText({ ms, from }: Pick<Silence, 'ms' | 'from'>): string {
  return `quiet: ${milliseconds(ms)}${from === undefined ? '' : ` from the ${from}`}`;
}

/** `Wireshark calls packet 7 [TCP Dup ACK]`: a second witness, quoted. */
export function wiresharkSays({ packet }: Seen): string[] {
  const names = packet.tcp.analysis.map((flag) => `[${analysisName(flag)}]`);
  return names.length === 0 ? [] : [`Wireshark calls packet ${packet.frame} ${names.join(' ')}.`];
}

interface Expected {
  thread: Thread;
  head: Head;
}

function tooEarlyOrLate(
  candidates: Candidate[],
  culprit: Seen,
  expectation: Expectation,
): Problem | undefined {
  const untimely = candidates.find((candidate) => candidate.untimely && !candidate.breaksSilence);
  if (untimely === undefined) return undefined;
  const { head } = untimely;
  const late = culprit.time > head.window.to;
  const { since } = head.window;
  const bound = milliseconds((late ? head.window.to : head.window.from) - since);
  return {
    ...about('timing', untimely, expectation),
    headline: `packet ${culprit.packet.frame} came too ${late ? 'late' : 'early'}`,
    culprit,
    differences: [
      {
        field: 'time',
        expected: `at ${late ? 'most' : 'least'} ${bound} after what comes before it`,
        actual: `${milliseconds(culprit.time - since)} after it`,
      },
    ],
  };
}

function silenceBroken(
  expectation: Expectation,
  candidates: Candidate[],
  culprit: Seen,
): Problem | undefined {
  const [closest] = candidates.filter((candidate) => !candidate.breaksSilence);
  if (closest !== undefined && resembles(closest)) return undefined;
  const broken = expectation.threads
    .flatMap((thread) => {
      const { heads, endings } = expectation.ways(thread);
      return [...thread.silences, ...[...heads, ...endings].flatMap(({ effects }) => silencesOf(effects))];
    })
    .find((active) => breaks(active, culprit));
  // A packet from before the silence did not break it: it is just one that nothing expects.
  if (broken === undefined || culprit.time < broken.until - broken.silence.ms) return undefined;
  return brokenBy(culprit, broken);
}

function brokenBy(culprit: Seen, { silence, until }: ActiveSilence): Problem {
  const after = milliseconds(culprit.time - (until - silence.ms));
  return {
    kind: 'quiet',
    step: silence.step,
    place: silence.place,
    headline: `packet ${culprit.packet.frame} broke the silence after ${after}`,
    expected: quietText(silence),
    culprit,
    differences: [],
    notes: [],
  };
}

function endingEffects(expectation: Expectation, thread: Thread): Effect[] {
  return expectation.ways(thread).endings.flatMap(({ effects }) => effects);
}

function silencesOf(effects: readonly Effect[]) {
  return effects.flatMap((effect) =>
    effect.kind === 'silence' ? [{ silence: effect.silence, until: effect.until }] : [],
  );
}

function oneTooMany(culprit: Seen, { step, place }: Fallback): Problem {
  return {
    kind: 'unexpected',
    step,
    place,
    headline: `packet ${culprit.packet.frame} came after everything expected`,
    expected: 'no further packet',
    culprit,
    differences: [],
    notes: [],
  };
}

function blameReset(problem: Problem, reset: Seen): Problem {
  const { frame } = reset.packet;
  return {
    ...problem,
    headline: `it never came, the ${reset.role} reset with packet ${frame}`,
    culprit: reset,
    notes: wiresharkSays(reset),
  };
}

function isFurther(one: Expected, other: Expected): boolean {
  if (one.head.step !== other.head.step) return one.head.step > other.head.step;
  return (one.thread.taken?.index ?? -1) > (other.thread.taken?.index ?? -1);
}
