import { quoted } from './cursor.js';
import type { Problems } from './problems.js';
import { Read } from './read.js';
import { entryOf } from './yaml-node.js';
import type { MappingNode, ScalarNode, YamlNode } from './yaml-node.js';

/** One row of a table: its cells by column. */
export interface Row {
  name: string;
  cells: Map<string, { key: ScalarNode; value: YamlNode }>;
  node: YamlNode;
}

/** The rows of a table in either form, each with a name of its own. Problems are noted. */
export function readRows(problems: Problems, table: YamlNode): Row[] {
  const read = new Read(problems);
  const cells = table.kind === 'mapping' ? rowsOfColumns(read, table) : rowsOfList(read, table);
  const names = new Set<string>();
  const rows: Row[] = [];
  for (const { node, cells: row } of cells) {
    const name = rowName(read, node, row);
    if (name === undefined) continue;
    if (names.has(name)) {
      problems.at(row.get('name')?.value ?? node, {
        found: `a second row ${quoted(name)}`,
        expected: 'rows that differ',
        remedy: 'add a column `name`',
      });
      continue;
    }
    names.add(name);
    rows.push({ name, cells: row, node });
  }
  return rows;
}

type Cells = { node: YamlNode; cells: Row['cells'] };

function rowsOfList(read: Read, table: YamlNode): Cells[] {
  const items = read.items(table, 'a list of rows, or `columns` and `rows`') ?? [];
  if (table.kind === 'sequence' && items.length === 0) read.wrong(table, 'at least one row');
  return items.flatMap((item) => {
    const mapping = read.mapping(item, 'a row: a mapping of column and cell');
    if (mapping === undefined) return [];
    return [{ node: mapping, cells: new Map(mapping.entries.map((entry) => [entry.key.text, entry])) }];
  });
}

function rowsOfColumns(read: Read, table: MappingNode): Cells[] {
  read.onlyKeys(table, ['columns', 'rows']);
  const columns = read
    .texts(entryOf(table, 'columns') ?? table, '`columns:` with their names')
    .map(({ node }) => node);
  columns.forEach((column, index) => {
    if (columns.findIndex(({ text }) => text === column.text) === index) return;
    read.problems.at(column, {
      found: `a second column ${quoted(column.text)}`,
      expected: 'each column once',
    });
  });
  const rowsNode = entryOf(table, 'rows') ?? table;
  const rows = read.items(rowsNode, '`rows:` with a list of rows') ?? [];
  if (rowsNode.kind === 'sequence' && rows.length === 0) read.wrong(rowsNode, 'at least one row');
  return rows.flatMap((row) => {
    const cells = read.items(row, `a row of ${columns.length} cells`);
    if (cells === undefined) return [];
    if (cells.length !== columns.length) {
      const found = `a row of ${cells.length} cells`;
      const names = columns.map(({ text }) => text).join(', ');
      read.problems.at(row, { found, expected: `${columns.length} cells: ${names}` });
      return [];
    }
    const entries = columns.flatMap((key, index) => {
      const value = cells[index];
      return value === undefined ? [] : [[key.text, { key, value }] as const];
    });
    return [{ node: row, cells: new Map(entries) }];
  });
}

/** The `name` cell, or the scalar cells joined, in characters that a file name and a command line bear. */
function rowName(read: Read, node: YamlNode, cells: Row['cells']): string | undefined {
  const named = cells.get('name');
  if (named !== undefined) {
    const name = read.text(named.value, 'the name of the row');
    if (name === undefined || /^[\w.,:+=<>~-]{1,100}$/.test(name)) return name;
    return read.wrong(named.value, 'a name of letters, digits and . , : + = < > ~ _ -');
  }
  const texts = [...cells.values()].flatMap(({ value }) =>
    value.kind === 'scalar' && value.value !== null ? [value.text] : [],
  );
  const joined = texts
    .map((text) => text.replace(/[^\w.+=<>~-]+/g, '-').replace(/^-(?=.)|-$/g, ''))
    .join(',');
  if (joined.length <= 100 && joined !== '') return joined;
  return read.wrong(node, 'short cells to make a name of', 'add a column `name`');
}
