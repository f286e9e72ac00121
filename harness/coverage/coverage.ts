import type { TestCase } from '../case/model.js';
import { type OpenRule, type Requirement, rulesNamed } from './catalogue.js';

/** Both directions of the traceability matrix, and what is missing in it. */
export interface Coverage {
  rules: RuleCoverage[];
  cases: { id: string; file: string; rules: string[] }[];
  /** `covers` entries that name no rule. */
  unknown: { case: string; entry: string; file: string; line: number }[];
  /** Rules that the wire shows, without a case and without a reason. */
  unexplained: string[];
  /** Reasons for rules that have a case, or that do not exist. */
  stale: string[];
}

export interface RuleCoverage {
  rule: Requirement;
  cases: string[];
  /** Why there is no case. */
  open?: string;
}

const SEEN_ON_THE_WIRE = new Set(['wire', 'wire+app']);

/** Which rules have which cases. Case ids are those before the table row. */
export function coverageOf(cases: TestCase[], catalogue: Requirement[], openRules: OpenRule[]): Coverage {
  const casesOf = new Map<string, Set<string>>();
  const unknown: Coverage['unknown'] = [];
  const listed = new Map<string, { id: string; file: string; rules: Set<string> }>();
  for (const testCase of cases) {
    const id = testCase.id.replace(/\[.*$/, '');
    const entry = listed.get(id) ?? { id, file: testCase.place.file, rules: new Set<string>() };
    listed.set(id, entry);
    for (const named of testCase.covers) {
      const rules = rulesNamed(named, catalogue);
      if (rules.length === 0) {
        unknown.push({
          case: testCase.id,
          entry: named,
          file: testCase.place.file,
          line: testCase.place.line,
        });
      }
      for (const rule of rules) {
        entry.rules.add(rule.id);
        if (!casesOf.has(rule.id)) casesOf.set(rule.id, new Set());
        casesOf.get(rule.id)!.add(id);
      }
    }
  }
  const reasons = new Map(openRules.map((open) => [open.id, open.reason]));
  const rules = catalogue.map((rule): RuleCoverage => {
    const open = reasons.get(rule.id);
    return { rule, cases: [...(casesOf.get(rule.id) ?? [])].sort(), ...(open === undefined ? {} : { open }) };
  });
  const known = new Set(catalogue.map((rule) => rule.id));
  return {
    rules,
    cases: [...listed.values()].map((entry) => ({ ...entry, rules: [...entry.rules].sort() })),
    unknown,
    unexplained: rules
      .filter(
        ({ rule, cases: own, open }) =>
          SEEN_ON_THE_WIRE.has(rule.observable) && own.length === 0 && open === undefined,
      )
      .map(({ rule }) => rule.id),
    stale: [...reasons.keys()].filter((id) => !known.has(id) || casesOf.has(id)),
  };
}
