import type { Verdict } from '../harness/match/verdict.js';
import {
  compareNumbered,
  compareSections,
  countedLevel,
  rulesNamed,
  sectionOf,
  uncataloguedRule,
  type Requirement,
} from './requirements.js';
import { combined, isJudged } from './verdicts.js';

/** As much of a result as the matrix of rules needs. */
export interface RuledResult {
  id: string;
  title: string;
  iut: string;
  verdict: Verdict;
  level: string;
  covers: readonly string[];
}

export interface RuleRow<R extends RuledResult = RuledResult> {
  rule: Requirement;
  /** By implementation: the combined verdict and the results it comes from. */
  cells: Map<string, { verdict: Verdict; results: R[] }>;
}

/** The conformance matrix: every rule of the catalogue and every rule that a case covers, by section, then by id. */
export function ruleTable<R extends RuledResult>(
  results: readonly R[],
  requirements: readonly Requirement[] = [],
): RuleRow<R>[] {
  const rules = new Map(requirements.map((rule) => [rule.id, rule]));
  const covering = new Map<string, R[]>();
  const named = new Map<string, string[]>();
  const idsOf = (entry: string, result: R): string[] => {
    const known = named.get(entry);
    if (known !== undefined) return known;
    const ids = rulesNamed(entry, requirements).map(({ id }) => id);
    if (ids.length === 0) {
      rules.set(entry, uncataloguedRule(entry, result.level, result.title));
      ids.push(entry);
    }
    named.set(entry, ids);
    return ids;
  };
  for (const result of results) {
    for (const id of new Set(result.covers.flatMap((entry) => idsOf(entry, result)))) {
      const list = covering.get(id);
      if (list) list.push(result);
      else covering.set(id, [result]);
    }
  }
  return [...rules.values()]
    .sort(compareRules)
    .map((rule) => ({ rule, cells: cellsOf(covering.get(rule.id) ?? []) }));
}

export interface LevelShare {
  level: 'MUST' | 'SHOULD' | 'MAY';
  /** Rules whose combined verdict is `pass`. */
  kept: number;
  /** Rules that were judged: kept or not. */
  judged: number;
  broken: number;
  /** Rules of this level in the matrix, covered or not. */
  total: number;
}

/** How many rules of each level one implementation keeps, of those that could be judged. */
export function levelShares(rows: readonly RuleRow[], iut: string): LevelShare[] {
  return (['MUST', 'SHOULD', 'MAY'] as const).map((level) => {
    const own = rows.filter(({ rule }) => countedLevel(rule.level) === level);
    const verdicts = own.map(({ cells }) => cells.get(iut)?.verdict);
    const judged = verdicts.filter((verdict) => verdict !== undefined && isJudged(verdict)).length;
    const kept = verdicts.filter((verdict) => verdict === 'pass').length;
    return { level, kept, judged, broken: judged - kept, total: own.length };
  });
}

/** `97 %`, rounded down so that 100 % means all; nothing where nothing was judged. */
export function percent(part: number, whole: number): string {
  return whole === 0 ? '' : `${Math.floor((part / whole) * 100)} %`;
}

/** Rules of the catalogue that no result of the run covers. */
export function uncovered(rows: readonly RuleRow[]): Requirement[] {
  return rows.filter(({ cells }) => cells.size === 0).map(({ rule }) => rule);
}

function cellsOf<R extends RuledResult>(results: R[]): RuleRow<R>['cells'] {
  const byIut = new Map<string, R[]>();
  for (const result of results) {
    const list = byIut.get(result.iut);
    if (list) list.push(result);
    else byIut.set(result.iut, [result]);
  }
  const cells: RuleRow<R>['cells'] = new Map();
  for (const [iut, own] of byIut) {
    const verdict = combined(own.map((result) => result.verdict));
    if (verdict !== undefined) cells.set(iut, { verdict, results: own });
  }
  return cells;
}

function compareRules(a: Requirement, b: Requirement): number {
  return compareSections(sectionOf(a), sectionOf(b)) || compareNumbered(a.id, b.id);
}
