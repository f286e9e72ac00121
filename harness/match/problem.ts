import type { Scope } from '../case/expression.js';
import type { PacketPattern, Place, Role } from '../case/model.js';
import type { Candidate } from './candidates.js';
import type { Expectation, Seen, Thread } from './expectation.js';
import type { Difference, Failure } from './verdict.js';
import type { Head } from './ways.js';

/** What went wrong, before it is put into words. */
export interface Problem {
  kind: Failure['kind'];
  step: number;
  place: Place;
  /** What happened, in one clause: `packet 3 is not what is expected here`. */
  headline: string;
  /** What the case says, as written. */
  expected: string;
  /** The pattern that was expected, with the values its names had. */
  pattern?: PacketPattern;
  scope?: Scope;
  /** The offending packet. */
  culprit?: Seen;
  /** What was seen in words, where it is not the culprit's line. */
  actual?: string;
  /** Who should have sent what was expected. */
  from?: Role;
  differences: Difference[];
  notes: string[];
}

/** The packet is the expected one with something changed. */
export function mismatch(closest: Candidate, culprit: Seen, expectation: Expectation): Problem {
  return {
    ...about('mismatch', closest, expectation),
    headline: `packet ${culprit.packet.frame} is not what is expected here`,
    culprit,
    differences: closest.differences,
  };
}

/** The packet is another one than expected. */
export function unwanted(closest: Candidate, culprit: Seen, expectation: Expectation): Problem {
  const { head, rightSide, differences } = closest;
  const side: Difference = { field: 'from', expected: head.pattern.from, actual: culprit.role };
  return {
    ...about('unexpected', closest, expectation),
    headline: `nothing expects packet ${culprit.packet.frame} here`,
    culprit,
    differences: rightSide ? differences : [side],
  };
}

/** The expected packet never came; `headline` says when it was given up. */
export function missing(
  of: { thread: Thread; head: Head },
  expectation: Expectation,
  headline: string,
): Problem {
  return { ...about('missing', of, expectation), headline, actual: 'nothing' };
}

/** A problem with one expected packet, to be filled in. */
export function about(
  kind: Problem['kind'],
  { thread, head }: { thread: Thread; head: Head },
  expectation: Expectation,
): Problem {
  const { pattern, step } = head;
  return {
    kind,
    step,
    place: pattern.place,
    headline: '',
    expected: pattern.text,
    pattern,
    scope: expectation.scope(thread, head),
    from: pattern.from,
    differences: [],
    notes: [],
  };
}
