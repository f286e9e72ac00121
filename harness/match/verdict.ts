import type { Place } from '../case/model.js';

/**
 * `pass`; `non-strict` (a SHOULD not followed); `fail` (a MUST broken); `inconclusive` (the purpose was never
 * reached); `unsupported` (the ICS or the IUT says so); `error` (the harness or the machine).
 * Inconclusive and error are never fail, and never pass.
 */
export type Verdict = 'pass' | 'non-strict' | 'fail' | 'inconclusive' | 'unsupported' | 'error';

/** What went wrong at one step, in numbers and words that Wireshark shows. */
export interface Failure {
  /** 1-based index of the step or expectation. */
  step: number;
  place: Place;
  /** The requirement in one sentence. */
  requirement: string;
  /** What the case says, as written. */
  expected: string;
  /** What was seen instead, in the same grammar; `nothing` when no packet came. */
  actual: string;
  /** Frame number of the offending packet, where there is one. */
  frame?: number;
  /** Which end should have sent what was expected; ladders draw the gap of a missing packet from that side. */
  from?: 'client' | 'server';
  kind: 'mismatch' | 'missing' | 'unexpected' | 'never' | 'timing' | 'count' | 'quiet' | 'iut' | 'finding';
  /** Fields that differ, expected over actual, decimal and hex. */
  differences: Difference[];
  /** The whole failure text (STYLE.md), many lines, without colour. */
  text: string;
}

export interface Difference {
  field: string;
  expected: string;
  actual: string;
}

/** How each packet of the conversation was used; reports draw it beside the ladder. */
export interface PacketMark {
  frame: number;
  mark: 'expected' | 'unexpected' | 'mismatch' | 'not-judged';
  /** Index of the expectation that took it. */
  step?: number;
}

export interface MatchResult {
  verdict: 'pass' | 'fail' | 'inconclusive';
  failure?: Failure;
  /** How far it came, where it is inconclusive. */
  stage?: string;
  marks: PacketMark[];
  /** Labels of the `one-of` alternatives that were seen, in order. */
  outcomes: string[];
  variables: Record<string, number>;
}
