import type { Verdict } from '../harness/match/verdict.js';

/** Verdicts in the order in which a reader wants them: what needs eyes first. */
export const VERDICTS: readonly Verdict[] = [
  'fail',
  'error',
  'inconclusive',
  'non-strict',
  'unsupported',
  'pass',
];

/** A sign for each verdict, so that colour is never the only carrier. */
export const VERDICT_SIGN: Record<Verdict, string> = {
  pass: '✓',
  'non-strict': '≈',
  fail: '✗',
  inconclusive: '?',
  unsupported: '–',
  error: '!',
};

/** What each verdict says, normatively: the legend of the report. */
export const VERDICT_MEANING: Record<Verdict, string> = {
  pass: 'The test purpose was reached and every packet that the case judges was as the rule requires.',
  'non-strict':
    'A SHOULD or RECOMMENDED was not followed. RFC 2119 allows that where there are valid reasons: the implementation stays conformant, and the deviation is named.',
  fail: 'A MUST or MUST NOT was broken, and the capture shows the packet (or the missing packet) that breaks it. The implementation does not conform.',
  inconclusive:
    'The test purpose was never reached, for example because the connection did not come to the state that the case starts in. Nothing is said about the rule: neither kept nor broken.',
  unsupported:
    'The implementation conformance statement, or the implementation itself, says that it does not offer what the case needs. Nothing is said about the rule.',
  error:
    'The harness or the machine failed (a capture with drops, a process that did not start). Nothing is said about the implementation; the case has to be run again.',
};

/** Whether a verdict says anything about the rule: kept or not. */
export function isJudged(verdict: Verdict): boolean {
  return verdict === 'pass' || verdict === 'non-strict' || verdict === 'fail';
}

/**
 * One verdict for several cases of one rule. A broken rule is broken, whatever else passed; a rule is kept only where
 * nothing was left open; `unsupported` stands only where every case says so.
 */
export function combined(verdicts: readonly Verdict[]): Verdict | undefined {
  const order: Verdict[] = ['fail', 'error', 'inconclusive', 'non-strict', 'pass', 'unsupported'];
  return order.find((verdict) => verdicts.includes(verdict));
}

export type VerdictCounts = Record<Verdict, number>;

export function countVerdicts(results: Iterable<{ verdict: Verdict }>): VerdictCounts {
  const counts: VerdictCounts = {
    pass: 0,
    'non-strict': 0,
    fail: 0,
    inconclusive: 0,
    unsupported: 0,
    error: 0,
  };
  for (const { verdict } of results) counts[verdict]++;
  return counts;
}
