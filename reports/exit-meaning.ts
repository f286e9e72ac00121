import type { CaseResult, RunResults } from '../harness/run/results.js';

/** The exit status that a run's results call for, and why, in one sentence. */
export function exitMeaning(run: RunResults): { exit: 0 | 1; text: string } {
  const wrong = run.results.filter(({ unexpected }) => unexpected);
  if (wrong.length === 0) return { exit: 0, text: 'all as it should be' };
  const cured = wrong.filter(({ verdict, knownDeviation }) => verdict === 'pass' && knownDeviation);
  const rest = wrong.length - cured.length;
  const parts: string[] = [];
  if (rest > 0)
    parts.push(`${plural(rest, 'result is', 'results are')} not as it should be (${kinds(wrong)})`);
  if (cured.length > 0) {
    parts.push(`${plural(cured.length, 'known deviation deviates', 'known deviations deviate')} no longer`);
  }
  return { exit: 1, text: parts.join('; ') };
}

function kinds(wrong: CaseResult[]): string {
  const counts = new Map<string, number>();
  for (const { verdict, knownDeviation } of wrong) {
    if (verdict === 'pass' && knownDeviation) continue;
    counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
  }
  return [...counts].map(([verdict, count]) => `${count} ${verdict}`).join(', ');
}

function plural(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}
