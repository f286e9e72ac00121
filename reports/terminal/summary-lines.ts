import type { Verdict } from '../../harness/match/verdict.js';
import type { CaseResult, RunResults } from '../../harness/run/results.js';
import { countOf, duration } from '../duration.js';
import type { RunOutputs } from '../events.js';
import { exitMeaning } from '../exit-meaning.js';
import type { Page } from '../terminal.js';
import { countVerdicts, VERDICTS, type VerdictCounts } from '../verdicts.js';
import { paintVerdict } from './case-line.js';
import { comparisonLines } from './comparison-lines.js';

/** Counts per verdict and implementation, where the report lies, and what the exit status means. */
export function summaryLines(run: RunResults, outputs: RunOutputs, page: Page): string[] {
  const { colours } = page;
  const shown = VERDICTS.filter(
    (verdict) => run.summary[verdict] > 0 || verdict === 'pass' || verdict === 'fail',
  );
  const groups = byImplementation(run);
  const { exit, text } = exitMeaning(run);
  return [
    ...(page.columns >= 76 ? table(groups, shown, page) : list(groups, shown, page)),
    '',
    `${countOf(run.results.length, 'result')} in ${duration(run.durationMs)}`,
    ...playedAgain(run.results),
    ...(outputs.comparison === undefined ? [] : comparisonLines(outputs.comparison, page)),
    ...(outputs.html === undefined ? [] : [`report  ${outputs.html}`]),
    ...(outputs.json === undefined ? [] : [`json    ${outputs.json}`]),
    exit === 0 ? colours.green(`exit 0: ${text}`) : colours.red(`exit ${exit}: ${text}`),
  ];
}

/** Whether the machine kept up: where it did not, times are worth less. */
function playedAgain(results: readonly CaseResult[]): string[] {
  const again = results.filter(({ tries }) => tries !== undefined).length;
  return again === 0
    ? []
    : [
        `${countOf(again, 'case')} played again, since this machine stood still or a capture went wrong at first`,
      ];
}

interface Group {
  iut: string;
  counts: VerdictCounts;
  total: number;
}

function table(groups: Group[], shown: readonly Verdict[], { colours }: Page): string[] {
  const name = Math.max(4, ...groups.map(({ iut }) => iut.length));
  const header = [
    ''.padEnd(name),
    ...shown.map((verdict) => verdict.padStart(cell(verdict))),
    ' total'.padStart(8),
  ];
  const rows = groups.map(({ iut, counts, total }) =>
    [
      iut.padEnd(name),
      ...shown.map((verdict) =>
        painted(verdict, String(counts[verdict]).padStart(cell(verdict)), counts, colours),
      ),
      String(total).padStart(8),
    ].join(''),
  );
  return [colours.dim(header.join('')), ...rows];
}

function list(groups: Group[], shown: readonly Verdict[], { colours }: Page): string[] {
  return groups.flatMap(({ iut, counts, total }) => [
    colours.bold(`${iut}: ${total}`),
    ...shown.map((verdict) => `  ${painted(verdict, `${counts[verdict]} ${verdict}`, counts, colours)}`),
  ]);
}

function painted(verdict: Verdict, text: string, counts: VerdictCounts, colours: Page['colours']): string {
  return counts[verdict] === 0 ? colours.dim(text) : paintVerdict(verdict, colours)(text);
}

function cell(verdict: Verdict): number {
  return verdict.length + 2;
}

function byImplementation(run: RunResults): Group[] {
  const groups = new Map<string, CaseResult[]>(run.implementations.map(({ name }) => [name, []]));
  for (const result of run.results) {
    const group = groups.get(result.iut);
    if (group) group.push(result);
    else groups.set(result.iut, [result]);
  }
  return [...groups].map(([iut, results]) => ({
    iut,
    counts: countVerdicts(results),
    total: results.length,
  }));
}
