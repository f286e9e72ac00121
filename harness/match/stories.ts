import type { Candidate } from './candidates.js';
import { resembles } from './candidates.js';
import type { Expectation, Seen, Thread } from './expectation.js';
import { missing, mismatch, unwanted } from './problem.js';
import type { Problem } from './problem.js';

/**
 * Tells what may have happened to the refused packet (changed, one too many, changed places, the expected one lost), each
 * story to the end, and returns the one after which most of the later packets fit. Candidates come the closest first.
 */
export function bestStory(
  expectation: Expectation,
  candidates: readonly Candidate[],
  culprit: Seen,
  next: readonly Seen[],
): Problem | undefined {
  const [closest] = candidates;
  if (closest === undefined) return undefined;
  const ahead = next.slice(0, LOOKAHEAD);
  const stories = [
    ...changed(expectation, closest, culprit, ahead),
    inserted(expectation, closest, culprit, ahead),
    ...swapped(expectation, candidates, culprit, ahead),
    ...dropped(expectation, culprit, ahead),
  ];
  return stories.reduce((one, other) => (other.score > one.score ? other : one)).problem();
}

/** How many packets ahead a story is followed. */
const LOOKAHEAD = 20;
/** How many missing packets in a row are looked for. */
const MOST_MISSING = 8;
const MOST_FOLLOWED = 50;

interface Story {
  /** Packets that fit after it; fractions decide between equals. */
  score: number;
  problem(): Problem;
}

function changed(
  expectation: Expectation,
  closest: Candidate,
  culprit: Seen,
  ahead: readonly Seen[],
): Story[] {
  if (!closest.rightSide) return [];
  const after = expectation.follow(closest.thread, closest.head, culprit);
  if (after === undefined) return [];
  const score = fit(expectation, [after], [culprit], ahead) + (resembles(closest) ? 0.5 : 0);
  return [{ score, problem: () => mismatch(closest, culprit, expectation) }];
}

function inserted(
  expectation: Expectation,
  closest: Candidate,
  culprit: Seen,
  ahead: readonly Seen[],
): Story {
  const score = fit(expectation, expectation.threads, [culprit], ahead) + 0.25;
  const problem = () => {
    const told = unwanted(closest, culprit, expectation);
    const [following] = ahead;
    if (following !== undefined && expectation.fork().offer(following)) {
      const { frame } = culprit.packet;
      told.notes.push(`Packet ${following.packet.frame} fits here: packet ${frame} is one too many.`);
    }
    return told;
  };
  return { score, problem };
}

function swapped(
  expectation: Expectation,
  candidates: readonly Candidate[],
  culprit: Seen,
  ahead: readonly Seen[],
): Story[] {
  const [following, ...rest] = ahead;
  if (following === undefined) return [];
  const expected = candidates.find(
    ({ thread, head }) => expectation.take(thread, head, following) !== undefined,
  );
  const fork = expectation.fork();
  if (expected === undefined || !fork.offer(following) || !fork.offer(culprit)) return [];
  const problem = () => {
    const [one, other] = [culprit.packet.frame, following.packet.frame];
    const differences = expectation.differences(expected.thread, expected.head, culprit.packet);
    const rightSide = expected.head.pattern.from === culprit.role;
    const told = unwanted({ ...expected, differences, rightSide }, culprit, expectation);
    told.notes.push(`Packets ${one} and ${other} would fit in the other order.`);
    return told;
  };
  return [{ score: 1 + fit(fork, fork.threads, [], rest), problem }];
}

function dropped(expectation: Expectation, culprit: Seen, ahead: readonly Seen[]): Story[] {
  const stories: Story[] = [];
  let threads: readonly Thread[] = expectation.threads;
  const [first] = openHeads(expectation, threads);
  for (let count = 1; count <= MOST_MISSING && first !== undefined; count++) {
    threads = openHeads(expectation, threads).map(({ thread, head }) => {
      const anchor = { time: thread.anchor.time, index: expectation.seen.length };
      return { ...thread, term: head.rest(anchor), anchor };
    });
    const fitting = fit(expectation, [...threads], [], [culprit, ...ahead]);
    if (fitting < 1) continue;
    const problem = () => {
      const { frame } = culprit.packet;
      const what = count === 1 ? 'the packet is' : `${count} packets are`;
      const told = missing(first, expectation, `${what} missing, packet ${frame} came instead`);
      told.notes.push(`Packet ${frame} fits what is expected after ${count === 1 ? 'it' : 'them'}.`);
      return { ...told, culprit };
    };
    // One of the packets that fit is the culprit itself, which the other stories leave out.
    stories.push({ score: fitting - count * 0.9, problem });
  }
  return stories;
}

function openHeads(expectation: Expectation, threads: readonly Thread[]) {
  return threads
    .flatMap((thread) => expectation.ways(thread).heads.map((head) => ({ thread, head })))
    .slice(0, MOST_FOLLOWED);
}

/** How many of the packets ahead fit, and one more where the case is then complete. */
function fit(
  expectation: Expectation,
  threads: Thread[],
  passedOver: readonly Seen[],
  ahead: readonly Seen[],
): number {
  const fork = expectation.fork(threads);
  for (const seen of passedOver) fork.passOver(seen);
  let fitting = 0;
  for (const seen of ahead) {
    if (!fork.offer(seen)) return fitting;
    fitting++;
  }
  const last = ahead.at(-1) ?? passedOver.at(-1);
  return fork.endings(last?.time ?? 0).length > 0 ? fitting + 1 : fitting;
}
