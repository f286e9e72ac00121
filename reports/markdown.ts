import type { CaseResult, RunResults } from '../harness/run/results.js';
import type { Comparison } from './compare.js';
import { countOf, duration } from './duration.js';
import { exitMeaning } from './exit-meaning.js';
import { withLadder } from './failure-text.js';
import { briefly, implementationsOf } from './html/collect.js';
import { ladderText } from './ladder.js';
import { printable, printableLine } from './printable.js';
import type { Requirement } from './requirements.js';
import { levelShares, percent, ruleTable } from './rules.js';
import { countVerdicts, VERDICTS, VERDICT_SIGN } from './verdicts.js';

export interface MarkdownOptions {
  requirements?: readonly Requirement[];
  comparison?: Comparison;
  /** Failures shown with their ladder, 5 by default; GitHub cuts comments at 65,536 characters. */
  ladders?: number;
}

/** A summary for a pull request: what the run says, a table an implementation, what is broken with its packets. */
export function markdownSummary(run: RunResults, options: MarkdownOptions = {}): string {
  const { exit, text } = exitMeaning(run);
  const wrong = run.results.filter(({ unexpected, verdict }) => unexpected || verdict === 'fail');
  const parts = [
    `## ${exit === 0 ? '✓' : '✗'} tcpspec: ${text}`,
    `${countOf(run.results.length, 'result')} in ${duration(run.durationMs)}.`,
    verdictTable(run),
    levelTable(run, options),
    ...(options.comparison ? [compared(options.comparison)] : []),
    ...(wrong.length === 0 ? [] : [broken(wrong), ...ladders(wrong, options.ladders ?? 5)]),
  ];
  return `${parts.join('\n\n')}\n`;
}

/** Text for a table cell or a line: nothing in it is markup, a link, a mention or a break. */
export function markdownText(text: string): string {
  return printableLine(text)
    .replace(/[\\`*_{}[\]()#+\-.!|~:/]/g, (char) => (/[\\`*_[\]|~#!]/.test(char) ? `\\${char}` : char))
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/@/g, '&#64;')
    .replace(/:\/\//g, ':&#47;&#47;');
}

function verdictTable(run: RunResults): string {
  const shown = VERDICTS.filter((verdict) => run.results.some((result) => result.verdict === verdict));
  const rows = implementationsOf(run).map(({ name }) => {
    const counts = countVerdicts(run.results.filter(({ iut }) => iut === name));
    return [markdownText(name), ...shown.map((verdict) => String(counts[verdict]))];
  });
  return table(['', ...shown.map((verdict) => `${VERDICT_SIGN[verdict]} ${verdict}`)], rows);
}

function levelTable(run: RunResults, { requirements }: MarkdownOptions): string {
  const names = implementationsOf(run).map(({ name }) => name);
  const rules = ruleTable(run.results, requirements);
  const shares = names.map((name) => levelShares(rules, name));
  const rows = (['MUST', 'SHOULD', 'MAY'] as const).map((level, at) => [
    level,
    ...shares.map((own) => {
      const share = own[at]!;
      const part = percent(share.kept, share.judged);
      return `${share.kept} of ${share.judged} kept${part === '' ? '' : ` (${part})`}, ${share.total} in all`;
    }),
  ]);
  return table(['rules', ...names.map(markdownText)], rows);
}

function broken(wrong: CaseResult[]): string {
  const rows = wrong
    .slice(0, 50)
    .map((result) => [
      `${VERDICT_SIGN[result.verdict]} ${result.verdict}${result.knownDeviation ? ' (known)' : ''}`,
      markdownText(result.iut),
      markdownText(result.id),
      markdownText(result.covers.join(', ')),
      markdownText(result.knownDeviation?.reason ?? briefly(result) ?? result.reason ?? ''),
    ]);
  const more = wrong.length > 50 ? `\n\nand ${wrong.length - 50} more` : '';
  return `### What is broken\n\n${table(['verdict', 'implementation', 'case', 'rules', 'seen'], rows)}${more}`;
}

function ladders(wrong: CaseResult[], most: number): string[] {
  return wrong
    .filter(({ knownDeviation, packets }) => knownDeviation === undefined && packets.length > 0)
    .slice(0, most)
    .map((result) => {
      const ladder = ladderText(result, { width: 100, window: { before: 6, after: 3 } });
      const text = printable(result.failure?.text.trimEnd() ?? result.reason ?? result.purpose);
      const title = `${result.id} on ${result.iut}`.replace(/[&<>]/g, (char) => `&#${char.charCodeAt(0)};`);
      return `<details><summary>${printableLine(title)}</summary>\n\n${fenced(withLadder(text.split('\n'), ladder.split('\n')).join('\n'))}\n\n</details>`;
    });
}

function compared({ earlier, newFailures, fixed, flaky, stillFailing }: Comparison): string {
  const list = (title: string, items: { id: string; iut: string }[]): string[] =>
    items.length === 0
      ? []
      : [
          `- ${title}: ${items
            .slice(0, 20)
            .map(({ id, iut }) => `${markdownText(id)} on ${markdownText(iut)}`)
            .join('; ')}${items.length > 20 ? '; …' : ''}`,
        ];
  const head = `Compared with the run of ${markdownText(earlier)}: ${newFailures.length} new failures, ${fixed.length} fixed, ${flaky.length} flaky, ${stillFailing} still failing.`;
  return [head, '', ...list('new failures', newFailures), ...list('fixed', fixed), ...list('flaky', flaky)]
    .join('\n')
    .trimEnd();
}

/** A code block that nothing inside can end. */
function fenced(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}text\n${text}\n${fence}`;
}

function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
