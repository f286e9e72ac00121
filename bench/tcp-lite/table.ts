import type { Figures } from './workloads.js';

/** A table for people: a line a pair, a column a figure. */
export function table(
  rows: { workload: string; pair: string; figures: Figures; ratioToLinux?: number }[],
): string {
  const names = [...new Set(rows.flatMap(({ figures }) => Object.keys(figures)))];
  const ratio = rows.some(({ ratioToLinux }) => ratioToLinux !== undefined);
  const header = [rows[0]?.workload ?? '', ...(ratio ? ['to Linux'] : []), ...names];
  const lines = rows.map(({ pair, figures, ratioToLinux }) => [
    pair,
    ...(ratio ? [ratioToLinux === undefined ? '' : ratioToLinux.toFixed(2)] : []),
    ...names.map((name) => (figures[name] === undefined ? '' : short(figures[name]))),
  ]);
  const widths = header.map((_, column) =>
    Math.max(...[header, ...lines].map((line) => line[column]!.length)),
  );
  return [header, ...lines]
    .map((line) =>
      line
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!)))
        .join('  '),
    )
    .join('\n')
    .concat('\n');
}

function short(value: number): string {
  if (value === 0) return '0';
  if (value >= 1000) return Math.round(value).toLocaleString('en');
  return value.toPrecision(3);
}
