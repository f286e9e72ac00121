import type { Colours } from '../../reports/colours.js';
import type { RandomResult } from './run-random.js';

/** What `tcpspec mutants --random` prints: each middlebox with its case, the share by field, then who was not noticed. */
export function randomTableLines(
  results: readonly RandomResult[],
  seed: number,
  columns: number,
  colours: Colours,
): string[] {
  const unnoticed = results.filter(({ outcome }) => outcome === 'unnoticed');
  const lines = results
    .filter(({ outcome }) => outcome !== 'unnoticed')
    .map(({ id, outcome, breaks, case: name }) => `${id}  ${outcome.padEnd(12)}  ${breaks}; ${name}`);
  return [
    ...lines.map((line) => cut(line, columns)),
    '',
    ...byField(results),
    ...(unnoticed.length === 0 ? [] : ['', colours.yellow(`not noticed, by field (seed ${seed}):`)]),
    ...[...unnoticed]
      .sort((a, b) => (a.field < b.field ? -1 : a.field > b.field ? 1 : 0))
      .map(({ id, breaks, case: name, changed }) => `  ${id}  ${breaks}; ${name}, ${changed} changed`),
    '',
    totals(results, seed),
  ];
}

function byField(results: readonly RandomResult[]): string[] {
  const fields = [...new Set(results.map(({ field }) => field))].sort();
  const width = Math.max(0, ...fields.map((field) => field.length));
  return fields.map((field) => {
    const own = results.filter((result) => result.field === field && isTried(result));
    const seen = own.filter(({ outcome }) => outcome !== 'unnoticed').length;
    const share = own.length === 0 ? 'never there' : `${seen} of ${own.length}`;
    return `${field.padEnd(width)}  ${share}`;
  });
}

/** Did it change anything, and was that judged? */
function isTried({ outcome }: RandomResult): boolean {
  return outcome !== 'idle' && outcome !== 'error';
}

function totals(results: readonly RandomResult[], seed: number): string {
  const tried = results.filter(isTried);
  const count = (outcome: RandomResult['outcome']) =>
    results.filter((each) => each.outcome === outcome).length;
  const seen = count('noticed') + count('inconclusive');
  const share = tried.length === 0 ? '' : ` (${Math.round((100 * seen) / tried.length)} %)`;
  const parts = [
    `seed ${seed}: ${seen} of ${tried.length} random mutants noticed${share}`,
    `${count('inconclusive')} of them stopped the case short`,
    `${count('idle')} changed nothing`,
  ];
  if (count('error') > 0) parts.push(`${count('error')} not judged`);
  return parts.join(', ');
}

function cut(text: string, columns: number): string {
  return text.length <= columns ? text : `${text.slice(0, columns - 1)}…`;
}
