import type { Comparison } from '../compare.js';
import { countOf, dateText } from '../duration.js';
import { printableLine } from '../printable.js';
import type { Page } from '../terminal.js';

/** Named of each kind; the report names all. */
const MOST = 20;

/** What is new since an earlier run: counts, and by name what somebody has to look at. */
export function comparisonLines(comparison: Comparison, { colours }: Page): string[] {
  const { newFailures, fixed, flaky, stillFailing, added, removed } = comparison;
  const since = dateText(comparison.earlier);
  const counts = [
    countOf(newFailures.length, 'new failure'),
    `${fixed.length} fixed`,
    `${flaky.length} flaky`,
    `${stillFailing} still failing`,
    ...(added > 0 ? [`${added} added`] : []),
    ...(removed > 0 ? [`${removed} no longer there`] : []),
  ];
  return [
    `since ${since}: ${counts.join(', ')}`,
    ...named('new    ', newFailures, colours.red),
    ...named('fixed  ', fixed, colours.green),
    ...named('flaky  ', flaky, colours.yellow),
  ];
}

function named(
  word: string,
  list: readonly { id: string; iut: string }[],
  paint: (text: string) => string,
): string[] {
  const lines = list
    .slice(0, MOST)
    .map(({ id, iut }) => `  ${paint(word)}  ${printableLine(`${iut}  ${id}`)}`);
  return list.length > MOST ? [...lines, `  ${list.length - MOST} more ${word.trim()}`] : lines;
}
