import type { Level } from '../case/model.js';
import type { MatchResult, Verdict } from './verdict.js';

/**
 * What a match means at the level of the requirement (RFC 2119): a MUST broken is `fail`, a SHOULD not followed is
 * `non-strict`. A MAY cannot be broken: the verdict is `pass`, and the result keeps the failure as what was seen instead.
 */
export function verdictFor(match: Pick<MatchResult, 'verdict'>, level: Level): Verdict {
  if (match.verdict !== 'fail' || level === 'MUST') return match.verdict;
  return level === 'SHOULD' ? 'non-strict' : 'pass';
}
