import type { Expectation, Seen, Thread } from './expectation.js';
import { breaks } from './expectation.js';
import { fieldCount } from './match-packet.js';
import { isWithin } from './term.js';
import type { Difference } from './verdict.js';
import type { Head } from './ways.js';

/** A packet that was expected, held against one that came. */
export interface Candidate {
  thread: Thread;
  head: Head;
  differences: Difference[];
  rightSide: boolean;
  /** It is what was expected, but too early or too late. */
  untimely: boolean;
  /** It comes within a silence that stands before it in the case. */
  breaksSilence: boolean;
}

/** Everything that was expected when the packet came, the closest first: right side, then fewest differing fields. */
export function candidatesFor(expectation: Expectation, seen: Seen): Candidate[] {
  const candidates: Candidate[] = [];
  // A reading that let an admitted packet pass expects again what has come.
  const plain = expectation.threads.filter(({ spared }) => !spared);
  for (const thread of plain.length > 0 ? plain : expectation.threads) {
    for (const head of expectation.ways(thread).heads) {
      candidates.push(candidateOf(expectation, thread, head, seen));
      if (candidates.length >= MAX_CANDIDATES) return candidates.sort(byCloseness);
    }
  }
  return candidates.sort(byCloseness);
}

export function candidateOf(expectation: Expectation, thread: Thread, head: Head, seen: Seen): Candidate {
  const differences = expectation.differences(thread, head, seen.packet);
  const rightSide = head.pattern.from === seen.role;
  return {
    thread,
    head,
    differences,
    rightSide,
    untimely: rightSide && differences.length === 0 && !isWithin(head.window, seen.time),
    breaksSilence: silencesBefore(thread, head).some((silence) => breaks(silence, seen)),
  };
}

/** Whether the packet looks like the expected one with something changed, rather than like another packet. */
export function resembles({ rightSide, differences, head }: Candidate): boolean {
  return rightSide && differences.length <= Math.max(1, Math.floor(fieldCount(head.pattern) / 2));
}

/** Silences that are running when the head is reached. */
export function silencesBefore(thread: Thread, head: Pick<Head, 'effects'>) {
  const entered = head.effects.flatMap((effect) =>
    effect.kind === 'silence' ? [{ silence: effect.silence, until: effect.until }] : [],
  );
  return [...thread.silences, ...entered];
}

const MAX_CANDIDATES = 1000;

function byCloseness(a: Candidate, b: Candidate): number {
  return Number(b.rightSide) - Number(a.rightSide) || a.differences.length - b.differences.length;
}
