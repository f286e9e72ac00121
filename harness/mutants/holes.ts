import { rulesNamed, type Requirement } from '../coverage/catalogue.js';
import type { PlannedRun } from '../run/plan.js';
import { withoutRow } from './choose-cases.js';
import type { Mutant } from './mutant.js';
import type { MutantResult } from './run-mutants.js';

/** MUST and SHOULD rules that the wire shows and a case covers, but no mutant breaks: whether the case can fail is unknown. */
export function unbrokenRules(
  mutants: readonly Mutant[],
  planned: readonly PlannedRun[],
  catalogue: Requirement[],
): Requirement[] {
  const brokenRules = new Set(mutants.flatMap(({ rules }) => rules));
  const covered = new Set(
    [...new Set(planned.flatMap(({ testCase }) => testCase.covers))].flatMap((entry) =>
      rulesNamed(entry, catalogue).map(({ id }) => id),
    ),
  );
  return catalogue.filter(
    ({ id, level, observable }) =>
      covered.has(id) &&
      !brokenRules.has(id) &&
      (level === 'MUST' || level === 'SHOULD') &&
      (observable === 'wire' || observable === 'wire+app'),
  );
}

/** Ids of cases, rows taken together, that no mutant was failed by. Tells something only after a run with `all`. */
export function idleCases(results: readonly MutantResult[], planned: readonly PlannedRun[]): string[] {
  const killers = new Set(results.flatMap(({ kills }) => kills.map((kill) => caseOf(kill.case))));
  return [...new Set(planned.map(({ testCase }) => withoutRow(testCase.id)))]
    .filter((id) => !killers.has(id))
    .sort();
}

function caseOf(runId: string): string {
  return withoutRow(runId.replace(/@ipv6$/, ''));
}
