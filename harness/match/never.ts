import type { NeverRule } from '../case/model.js';
import type { Seen } from './expectation.js';
import { packetMatches } from './match-packet.js';
import type { Problem } from './problem.js';

/** Frame numbers that each display filter hits. */
export type FilterHits = ReadonlyMap<string, ReadonlySet<number>>;

/** A filter of `never` that nobody evaluated: the dissector must be asked for it (neededFilters). */
export class MissingFilterHitsError extends Error {
  override readonly name = 'MissingFilterHitsError';

  constructor(readonly filter: string) {
    super(`the display filter was not evaluated: ${filter}`);
  }
}

/** The first packet that a `never` rule forbids. Throws MissingFilterHitsError. */
export function firstForbidden(
  rules: readonly NeverRule[],
  seen: readonly Seen[],
  variables: Readonly<Record<string, number>>,
  filterHits: FilterHits = new Map(),
): Problem | undefined {
  const tests = rules.map((rule) => ({ rule, forbids: testOf(rule, variables, filterHits) }));
  for (const culprit of seen) {
    const broken = tests.find(({ forbids }) => forbids(culprit));
    if (broken !== undefined) return problemOf(broken.rule, culprit);
  }
  return undefined;
}

function testOf(
  rule: NeverRule,
  variables: Readonly<Record<string, number>>,
  filterHits: FilterHits,
): (seen: Seen) => boolean {
  if (rule.kind === 'filter') {
    const hits = filterHits.get(rule.filter);
    if (hits === undefined) throw new MissingFilterHitsError(rule.filter);
    return ({ packet }) => hits.has(packet.frame);
  }
  const { pattern } = rule;
  return ({ packet, role }) => role === pattern.from && packetMatches(pattern, packet, { variables });
}

/** Belongs to no step of its own: the caller says at which step the packet came. */
function problemOf(rule: NeverRule, culprit: Seen): Problem {
  return {
    kind: 'never',
    step: 1,
    place: rule.place,
    headline: `packet ${culprit.packet.frame} is one that must never come`,
    expected: `never: ${rule.kind === 'filter' ? rule.filter : `${rule.pattern.from}: ${rule.pattern.text}`}`,
    culprit,
    differences: [],
    notes: [],
  };
}
