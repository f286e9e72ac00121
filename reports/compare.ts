import type { Verdict } from '../harness/match/verdict.js';
import type { CaseResult, RunResults } from '../harness/run/results.js';

/** What one result was in the earlier file, and is now. */
export interface Change {
  id: string;
  iut: string;
  /** Nothing where the earlier run did not have it. */
  before?: Verdict;
  now: Verdict;
}

export interface Comparison {
  /** When the earlier run started. */
  earlier: string;
  newFailures: Change[];
  fixed: Change[];
  /** Verdicts that went to and fro in the runs known, or within this one. */
  flaky: { id: string; iut: string; verdicts: Verdict[] }[];
  stillFailing: number;
  /** Results that only one of the two runs has. */
  added: number;
  removed: number;
}

/** Runs remembered per result. */
const REMEMBERED = 20;

/**
 * The run with what earlier runs said: each result gets the verdicts of the runs before and the start of the run since
 * which its verdict has been the same. Without an earlier file `since` is this run.
 */
export function withHistory(run: RunResults, earlier?: RunResults): RunResults {
  const before = new Map(earlier?.results.map((result) => [keyOf(result), result]));
  return {
    ...run,
    results: run.results.map((result) => remembered(result, before.get(keyOf(result)), run, earlier)),
  };
}

/** `run` should come from `withHistory`, else only what these two files show is known. */
export function compareRuns(run: RunResults, earlier: RunResults): Comparison {
  const before = new Map(earlier.results.map((result) => [keyOf(result), result]));
  const keys = new Set(run.results.map(keyOf));
  const comparison: Comparison = {
    earlier: earlier.startedAt,
    newFailures: [],
    fixed: [],
    flaky: flakyResults(run, before),
    stillFailing: 0,
    added: run.results.filter((result) => !before.has(keyOf(result))).length,
    removed: earlier.results.filter((result) => !keys.has(keyOf(result))).length,
  };
  for (const result of run.results) {
    const old = before.get(keyOf(result));
    const change: Change = {
      id: result.id,
      iut: result.iut,
      now: result.verdict,
      ...(old === undefined ? {} : { before: old.verdict }),
    };
    if (isFailing(result) && !(old && isFailing(old))) comparison.newFailures.push(change);
    else if (isFailing(result)) comparison.stillFailing++;
    else if (old && isFailing(old) && isKept(result)) comparison.fixed.push(change);
  }
  return comparison;
}

/** What a reader has to act on: a broken rule that is on no list, or whatever else fails the run. */
export function isFailing({ verdict, unexpected, knownDeviation }: CaseResult): boolean {
  return unexpected || (verdict === 'fail' && knownDeviation === undefined);
}

export function keyOf({ id, iut }: { id: string; iut: string }): string {
  return JSON.stringify([iut, id]);
}

function remembered(
  result: CaseResult,
  old: CaseResult | undefined,
  run: RunResults,
  earlier: RunResults | undefined,
): CaseResult {
  if (old === undefined || earlier === undefined) return { ...result, since: result.since ?? run.startedAt };
  const before = inOrder([
    ...(old.history ?? []),
    { startedAt: earlier.startedAt, verdict: old.verdict },
    // A report that is written again knows runs in between.
    ...(result.history ?? []),
  ]);
  return { ...result, history: before.slice(-REMEMBERED), since: sinceWhen(result, before, old, run) };
}

type History = NonNullable<CaseResult['history']>;

/** Each run once, the oldest first. */
function inOrder(history: History): History {
  const byStart = new Map(history.map((entry) => [entry.startedAt, entry]));
  return [...byStart.values()].sort((a, b) => (a.startedAt < b.startedAt ? -1 : 1));
}

/** Start of the first of the last runs that all had this verdict; what came before those remembered, the old result knows. */
function sinceWhen({ verdict }: CaseResult, before: History, old: CaseResult, run: RunResults): string {
  const changed = before.findLastIndex((entry) => entry.verdict !== verdict);
  const first = before[changed + 1]?.startedAt ?? run.startedAt;
  return changed === -1 && old.since !== undefined && old.since < first ? old.since : first;
}

/** Changed at least twice over the runs known, or two verdicts for the same case within one run. */
function flakyResults(run: RunResults, before: Map<string, CaseResult>): Comparison['flaky'] {
  const groups = new Map<string, CaseResult[]>();
  for (const result of run.results) {
    const group = groups.get(keyOf(result));
    if (group) group.push(result);
    else groups.set(keyOf(result), [result]);
  }
  const flaky: Comparison['flaky'] = [];
  for (const [key, group] of groups) {
    const first = group[0]!;
    const old = before.get(key);
    const known =
      first.history ?? (old ? [...(old.history ?? []), { startedAt: '', verdict: old.verdict }] : []);
    const now = group.map(({ verdict }) => verdict);
    const verdicts = [...known.map(({ verdict }) => verdict), ...now];
    if (changes(now) > 0 || changes(verdicts) > 1) flaky.push({ id: first.id, iut: first.iut, verdicts });
  }
  return flaky;
}

function changes(verdicts: Verdict[]): number {
  return verdicts.filter((verdict, index) => index > 0 && verdict !== verdicts[index - 1]).length;
}

function isKept({ verdict }: CaseResult): boolean {
  return verdict === 'pass' || verdict === 'non-strict';
}
