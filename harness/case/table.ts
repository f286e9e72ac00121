import { didYouMean } from './did-you-mean.js';
import { quoted } from './cursor.js';
import { ROW_KEYS } from './keys.js';
import type { Problems } from './problems.js';
import { asWritten } from './plain.js';
import { FillBudget, RowFiller, mentions } from './fill-row.js';
import { readRows } from './table-rows.js';
import type { Row } from './table-rows.js';
import { entryOf } from './yaml-node.js';
import type { MappingNode } from './yaml-node.js';

/** A case document with one row's cells in place of its placeholders. */
export interface ExpandedRow {
  document: MappingNode;
  row?: { name: string; values: Record<string, unknown> };
}

/** Rows times values of the template: what one table may grow to. */
const MAX_EXPANDED = 2_000_000;

/**
 * One document for each row of `table:`, or the document itself without one. `{{name}}` becomes the cell: a whole value
 * takes the cell with its kind, a list in a list is spliced in, and an empty cell removes the key or item. A column named
 * like a key of the case (`level`, `families`, ...) sets that key.
 */
export function expandTable(problems: Problems, document: MappingNode): ExpandedRow[] {
  const table = entryOf(document, 'table');
  if (table === undefined) return [{ document }];
  const template = { ...document, entries: document.entries.filter(({ key }) => key.text !== 'table') };
  const rows = readRows(problems, table);
  if (rows.length * (document.size - table.size) > MAX_EXPANDED) {
    problems.at(table, {
      found: `${rows.length} rows of a large case`,
      expected: 'fewer rows, or several tables',
    });
    return [];
  }
  const used = new Set<string>();
  const budget = new FillBudget();
  const columns = new Set(rows.flatMap((row) => [...row.cells.keys()]));
  const expanded = rows.flatMap((row) => {
    problems.row = row.name;
    const before = problems.count;
    const filled = new RowFiller(problems, row, used, columns, budget).mapping(
      withRowKeys(template, row, used),
    );
    const values: Record<string, unknown> = {};
    for (const [name, { value }] of row.cells) values[name] = asWritten(value);
    // A case with a hole where a cell belongs would only show the same problem again.
    return problems.count > before ? [] : [{ document: filled, row: { name: row.name, values } }];
  });
  problems.row = undefined;
  noteUnused(problems, rows, used);
  return expanded;
}

function withRowKeys(template: MappingNode, row: Row, used: Set<string>): MappingNode {
  const own = [...row.cells.entries()].filter(([name]) => ROW_KEYS.includes(name));
  const set = own.filter(([name]) => !mentions(template, name));
  for (const [name] of set) used.add(name);
  const names = set.map(([name]) => name);
  const kept = template.entries.filter(({ key }) => !names.includes(key.text));
  return { ...template, entries: [...kept, ...set.map(([, { key, value }]) => ({ key, value }))] };
}

function noteUnused(problems: Problems, rows: readonly Row[], used: ReadonlySet<string>): void {
  const known = [...used, ...ROW_KEYS];
  for (const { cells } of rows) {
    for (const [name, { key }] of cells) {
      if (used.has(name) || name === 'name' || name === 'note') continue;
      const close = didYouMean(name, known);
      problems.at(key, {
        found: `the column ${quoted(name)}, which the case does not use`,
        expected: `{{${name}}} somewhere in the case`,
        remedy: close === undefined ? 'call a column of remarks `note`' : `did you mean ${quoted(close)}?`,
      });
    }
  }
}
