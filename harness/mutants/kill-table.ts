import type { Requirement } from '../coverage/catalogue.js';
import { plural } from '../cli/load.js';
import type { Colours } from '../../reports/colours.js';
import type { Kill, MutantResult } from './run-mutants.js';

export interface KillTable {
  results: readonly MutantResult[];
  /** Covered rules that no mutant breaks. */
  unbroken: readonly Requirement[];
  /** Cases that never noticed anything; known only when every case was played. */
  idle?: readonly string[];
}

/** The table of `tcpspec mutants`: a line for each mutant, survivors last and loud, then what nothing breaks. */
export function killTableLines(table: KillTable, columns: number, colours: Colours): string[] {
  const { results, unbroken, idle } = table;
  const of = (status: MutantResult['status']) => results.filter((result) => result.status === status);
  const noticed = [...of('killed'), ...of('inconclusive')];
  const width = Math.max(0, ...noticed.map(({ id }) => id.length));
  return [
    ...noticed.flatMap((result) => noticedLines(result, width, columns, colours)),
    ...section('not played: no case covers their rules', of('no-case'), ({ id, breaks, rules }) => [
      `  ${id}: ${breaks} (${rules.join(', ')})`,
    ]),
    ...section('not judged: the harness failed', of('error'), ({ id, tried }) => [
      `  ${id}`,
      ...tried.slice(0, 3).map((run) => `    ${run.case}: ${run.reason ?? run.verdict}`),
    ]),
    ...section('covered, but no mutant breaks it', unbroken, ({ id, level, feature }) => [
      `  ${id.padEnd(16)} ${level.padEnd(6)} ${feature}`,
    ]),
    ...(idle === undefined ? [] : section('cases that noticed nothing', idle, (id) => [`  ${id}`])),
    ...survivors(of('survived'), colours),
    '',
    totals(table),
  ];
}

function noticedLines(result: MutantResult, width: number, columns: number, colours: Colours): string[] {
  const [first, ...others] = result.kills;
  if (!first) return [];
  const verdict = colours.dim(first.verdict.padEnd(12));
  const more = others.length === 0 ? '' : ` and ${plural(others.length, 'more')}`;
  return [
    `${result.id.padEnd(width)}  ${verdict}  ${first.case}${more}  ${colours.dim(result.rules.join(' '))}`,
    ...(columns > 0 ? [colours.dim(cut(`${' '.repeat(width)}  ${reasonOf(first)}`, columns))] : []),
  ];
}

/** What the case wanted and what came, in a line. */
export function reasonOf(kill: Kill): string {
  if (kill.step === undefined || kill.verdict === 'inconclusive') return oneLine(kill.reason ?? '');
  const step = kill.step === 0 ? 'as a whole' : `step ${kill.step}`;
  return `${step}: ${oneLine(kill.expected ?? '')}; came: ${oneLine(kill.actual ?? '')}`;
}

function survivors(results: readonly MutantResult[], colours: Colours): string[] {
  if (results.length === 0) return [];
  return [
    '',
    colours.red(`SURVIVED: ${plural(results.length, 'mutant')} that no case noticed`),
    ...results.flatMap(({ id, breaks, rules, tried }) => [
      colours.red(`  ${id}: ${breaks}`),
      `    breaks ${rules.join(', ')}; played: ${playedText(tried)}`,
    ]),
  ];
}

function playedText(tried: MutantResult['tried']): string {
  const shown = tried.slice(0, 6).map(({ case: id, verdict }) => `${id} (${verdict})`);
  const rest = tried.length - shown.length;
  return `${shown.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

function totals({ results, unbroken, idle }: KillTable): string {
  const count = (status: MutantResult['status']) => results.filter((each) => each.status === status).length;
  const parts = [`${plural(results.length, 'mutant')}: ${count('killed')} killed`];
  if (count('inconclusive') > 0) parts.push(`${count('inconclusive')} stopped short of a verdict`);
  if (count('no-case') > 0) parts.push(`${count('no-case')} without a case`);
  if (count('error') > 0) parts.push(`${count('error')} not judged`);
  parts.push(`${count('survived')} survived`);
  if (unbroken.length > 0) parts.push(`${plural(unbroken.length, 'rule')} that nothing breaks`);
  if (idle !== undefined) parts.push(`${plural(idle.length, 'case')} that noticed nothing`);
  return parts.join(', ');
}

function section<T>(title: string, rows: readonly T[], lines: (row: T) => string[]): string[] {
  return rows.length === 0 ? [] : ['', `${title}:`, ...rows.flatMap(lines)];
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ');
}

function cut(text: string, columns: number): string {
  return text.length <= columns ? text : `${text.slice(0, columns - 1)}…`;
}
