import { loadCatalogue, loadOpenRules } from '../coverage/catalogue.js';
import { coverageOf, type Coverage } from '../coverage/coverage.js';
import { EXIT_FAILURE, EXIT_OK } from './exit.js';
import { loadAll } from './load.js';

/**
 * Prints both directions, rule to cases and case to rules, what is covered, and every open rule with its reason. Exit 1
 * when a `covers` names nothing, or a rule that the wire shows has neither a case nor a reason.
 */
export async function coverageCommand(
  paths: string[],
  options: { json?: boolean; cases?: boolean },
): Promise<number> {
  const coverage = coverageOf(await loadAll(paths), await loadCatalogue(), await loadOpenRules());
  if (options.json) {
    process.stdout.write(JSON.stringify({ schemaVersion: 1, ...coverage }, null, 2) + '\n');
  } else {
    process.stdout.write((options.cases ? caseLines(coverage) : ruleLines(coverage)).join('\n') + '\n');
  }
  const wrong = coverage.unknown.length + coverage.unexplained.length + coverage.stale.length;
  return wrong === 0 ? EXIT_OK : EXIT_FAILURE;
}

const LEVELS = ['MUST', 'SHOULD', 'MAY', 'REC'] as const;

function ruleLines(coverage: Coverage): string[] {
  const lines: string[] = [];
  for (const { rule, cases, open } of coverage.rules) {
    const state = cases.length > 0 ? 'covered' : open === undefined ? 'OPEN' : 'open';
    lines.push(
      `${rule.id.padEnd(16)} ${rule.level.padEnd(6)} ${rule.observable.padEnd(11)} ${state.padEnd(8)} ${rule.feature}`,
    );
    for (const id of cases) lines.push(`${' '.repeat(16)}   ${id}`);
    if (cases.length === 0 && open !== undefined) lines.push(`${' '.repeat(16)}   ${open}`);
  }
  lines.push('', ...totals(coverage));
  for (const { entry, file, line } of coverage.unknown)
    lines.push(`${file}:${line}: covers ${entry}, which is no rule`);
  for (const id of coverage.unexplained)
    lines.push(`${id}: the wire shows it, but no case covers it and no reason is given`);
  for (const id of coverage.stale)
    lines.push(`${id}: has a reason in open.yaml, but it is covered or does not exist`);
  return lines;
}

function caseLines(coverage: Coverage): string[] {
  return coverage.cases.map(({ id, rules }) => `${id.padEnd(40)} ${rules.join(' ')}`);
}

function totals(coverage: Coverage): string[] {
  return LEVELS.map((level) => {
    const own = coverage.rules.filter(({ rule }) => rule.level === level);
    const seen = own.filter(({ rule }) => rule.observable === 'wire' || rule.observable === 'wire+app');
    const covered = (rows: typeof own) => rows.filter(({ cases }) => cases.length > 0).length;
    return `${level.padEnd(6)} ${covered(own)} of ${own.length} covered; of ${seen.length} that the wire shows, ${covered(seen)}`;
  });
}
