import type { Requirement } from '../coverage/catalogue.js';
import { rulesNamed } from '../coverage/catalogue.js';
import type { PlannedRun } from '../run/plan.js';
import type { Mutant } from './mutant.js';

/**
 * The runs that must notice a mutant, the most telling first: in IPv4 where the case can, else in IPv6. A case about few
 * rules comes before one about many, tables take turns row by row, slow cases come last.
 */
export function casesFor(
  mutant: Pick<Mutant, 'rules' | 'cases'>,
  planned: readonly PlannedRun[],
  catalogue: Requirement[],
): PlannedRun[] {
  const once = inOneFamily(planned);
  if (mutant.cases !== undefined) {
    return mutant.cases.flatMap((id) => once.filter(({ testCase }) => isNamed(testCase.id, id)));
  }
  const wanted = new Set(mutant.rules);
  const covered = once
    .map((run) => ({ run, rules: rulesOfCase(run, catalogue) }))
    .filter(({ rules }) => [...rules].some((id) => wanted.has(id)));
  const rows = new Map<string, number>();
  return covered
    .map(({ run, rules }) => {
      const id = withoutRow(run.testCase.id);
      const row = rows.get(id) ?? 0;
      rows.set(id, row + 1);
      const others = [...rules].filter((rule) => !wanted.has(rule)).length;
      return { run, rank: [run.testCase.tags.includes('slow') ? 1 : 0, row, others] };
    })
    .sort((a, b) => compare(a.rank, b.rank))
    .map(({ run }) => run);
}

/** Ids of the rules that a case covers, sections taken apart. */
export function rulesOfCase({ testCase }: PlannedRun, catalogue: Requirement[]): Set<string> {
  return new Set(testCase.covers.flatMap((entry) => rulesNamed(entry, catalogue).map(({ id }) => id)));
}

export function isNamed(caseId: string, name: string): boolean {
  return caseId === name || withoutRow(caseId) === name;
}

export function withoutRow(caseId: string): string {
  return caseId.replace(/\[.*$/, '');
}

function inOneFamily(planned: readonly PlannedRun[]): PlannedRun[] {
  return planned.filter(({ family, testCase }) => family === 'ipv4' || !testCase.families.includes('ipv4'));
}

function compare(a: number[], b: number[]): number {
  for (const [index, value] of a.entries()) {
    const difference = value - b[index]!;
    if (difference !== 0) return difference;
  }
  return 0;
}
