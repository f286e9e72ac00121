import type { Family, Level, TestCase } from '../case/model.js';
import type { Implementation } from './implementation.js';
import { leastTimeMs } from './least-time.js';

/** One run of one case on one implementation in one address family. */
export interface PlannedRun {
  /** `case-id`, `case-id[row]`, `case-id@ipv6`: what results and deviations call it. */
  id: string;
  testCase: TestCase;
  implementation: Implementation;
  family: Family;
  /** How long it mostly sleeps, ms; 0 where it is busy, as most cases are. */
  sleepsMs: number;
}

export interface PlanFilter {
  /** Runs nothing below it: `MUST` runs MUST only, `SHOULD` MUST and SHOULD, `MAY` everything. */
  level?: Level;
  family?: Family;
  /** Result ids or case ids; empty means all. */
  ids?: string[];
  /** Cases with one of these tags. What is tagged `very-slow` runs only where that tag, or its id, is named. */
  tags?: string[];
  /** With everything that is tagged `very-slow`. */
  verySlow?: boolean;
  /** 1-based part of a run that is spread over several machines. */
  shard?: { index: number; of: number };
}

const LEVELS: Level[] = ['MUST', 'SHOULD', 'MAY'];
/** A case that lets so much time pass leaves the machine to others meanwhile, ms. */
const SLEEPING_MS = 1000;
/** More than a minute of protocol time: not without being asked. */
const VERY_SLOW = 'very-slow';
/** What these tags promise, ms: a case does not always say by itself how long it takes. */
const TAGGED_MS = new Map([
  ['slow', 10_000],
  [VERY_SLOW, 60_000],
]);

/**
 * Every case on every implementation that it is meant for, in both families where it does not say otherwise. Cases that
 * mostly sleep come first, the longest before all, so that everything else runs beside them and not before them. Linux, the
 * reference, comes before the implementations in the order given.
 */
export function planRuns(
  cases: TestCase[],
  implementations: Implementation[],
  filter: PlanFilter = {},
): PlannedRun[] {
  const ordered = [...implementations].sort(
    (a, b) => Number(b.name === 'linux') - Number(a.name === 'linux'),
  );
  const planned: PlannedRun[] = [];
  for (const implementation of ordered) {
    const own = cases
      .filter((testCase) => meantFor(testCase, implementation))
      .flatMap((testCase) => testCase.families.map((family) => ({ testCase, family })))
      .map(({ testCase, family }) => plannedRun(testCase, implementation, family))
      .filter((run) => admitted(run, filter));
    planned.push(...own);
  }
  planned.sort((a, b) => b.sleepsMs - a.sleepsMs);
  const { shard } = filter;
  return shard ? planned.filter((_, index) => index % shard.of === shard.index - 1) : planned;
}

/** `id` of a result: the IPv6 twin carries a mark, the IPv4 run is the case itself. */
export function resultId(testCase: TestCase, family: Family): string {
  return family === 'ipv6' ? `${testCase.id}@ipv6` : testCase.id;
}

/** A case without `on:` is meant for any implementation. */
function meantFor(testCase: TestCase, implementation: Implementation): boolean {
  return testCase.on.length === 0 || testCase.on.includes(implementation.name);
}

function admitted(run: PlannedRun, filter: PlanFilter): boolean {
  if (filter.level && LEVELS.indexOf(run.testCase.level) > LEVELS.indexOf(filter.level)) return false;
  if (filter.family && run.family !== filter.family) return false;
  if (filter.tags && !filter.tags.some((tag) => run.testCase.tags.includes(tag))) return false;
  if (!filter.ids || filter.ids.length === 0) {
    const asked = filter.verySlow === true || (filter.tags?.includes(VERY_SLOW) ?? false);
    return asked || !run.testCase.tags.includes(VERY_SLOW);
  }
  return filter.ids.some(
    (id) => id === run.id || id === run.testCase.id || run.testCase.id.startsWith(`${id}[`),
  );
}

function plannedRun(testCase: TestCase, implementation: Implementation, family: Family): PlannedRun {
  const leastMs = Math.max(leastTimeMs(testCase), ...testCase.tags.map((tag) => TAGGED_MS.get(tag) ?? 0));
  const id = resultId(testCase, family);
  return { id, testCase, implementation, family, sleepsMs: leastMs < SLEEPING_MS ? 0 : leastMs };
}
