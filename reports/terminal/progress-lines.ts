import type { CaseStart } from '../events.js';
import { printableLine } from '../printable.js';
import type { Page } from '../terminal.js';
import { clip } from './case-line.js';

export interface Progress {
  total: number;
  done: number;
  unexpected: number;
  seconds: number;
}

/** What runs now: a bar with counts, and the cases in flight, oldest first. */
export function progressLines(progress: Progress, running: CaseStart[], page: Page): string[] {
  const { columns, colours } = page;
  const counts = `${progress.done}/${progress.total}  ${progress.seconds.toFixed(0)} s`;
  const wrong = progress.unexpected === 0 ? '' : `  ${progress.unexpected} not as it should be`;
  const width = Math.min(30, columns - counts.length - wrong.length - 4);
  const bar = width < 6 ? '' : `${barOf(progress, width)} `;
  const names = running.slice(0, 4).map(({ id, iut }) => clip(`  ${iut} ${printableLine(id)}`, columns - 1));
  const more = running.length > 4 ? [`  and ${running.length - 4} more`] : [];
  const first = clip(`${bar}${counts}${wrong}`, columns - 1);
  return [colours.bold(first), ...[...names, ...more].map((line) => colours.dim(line))];
}

function barOf({ done, total }: Progress, width: number): string {
  const filled = total === 0 ? 0 : Math.round((done / total) * width);
  return '█'.repeat(filled) + '░'.repeat(width - filled);
}
