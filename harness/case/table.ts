import { describe } from './describe.js';
import { didYouMean } from './did-you-mean.js';
import { quoted } from './cursor.js';
import { ROW_KEYS } from './keys.js';
import type { Problems } from './problems.js';
import { Read } from './read.js';
import { asWritten } from './plain.js';
import { resolvePlain } from './resolve-plain.js';
import { UNQUOTED_PLACEHOLDER, emptyScalar, entryOf } from './yaml-tree.js';
import type { MappingEntry, MappingNode, ScalarNode, YamlNode } from './yaml-tree.js';

/** A case document with one row's cells in place of its placeholders. */
export interface ExpandedRow {
  document: MappingNode;
  row?: { name: string; values: Record<string, unknown> };
}

interface Row {
  name: string;
  cells: Map<string, { key: ScalarNode; value: YamlNode }>;
  node: YamlNode;
}

/** Cells of all rows times values of the template: what one table may grow to. */
const MAX_EXPANDED = 2_000_000;
const PLACEHOLDER = /\{\{\s*([\w-]+)\s*\}\}/g;

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
  if (rows.length * document.size > MAX_EXPANDED) {
    problems.at(table, {
      found: `${rows.length} rows of a large case`,
      expected: 'fewer rows, or several tables',
    });
    return [];
  }
  const used = new Set<string>();
  const columns = new Set(rows.flatMap((row) => [...row.cells.keys()]));
  const expanded = rows.flatMap((row) => {
    problems.row = row.name;
    const before = problems.count;
    const filled = new RowFiller(problems, row, used, columns).mapping(withRowKeys(template, row, used));
    const values: Record<string, unknown> = {};
    for (const [name, { value }] of row.cells) values[name] = asWritten(value);
    // A case with a hole where a cell belongs would only show the same problem again.
    return problems.count > before ? [] : [{ document: filled, row: { name: row.name, values } }];
  });
  problems.row = undefined;
  noteUnused(problems, rows, used);
  return expanded;
}

function readRows(problems: Problems, table: YamlNode): Row[] {
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

function withRowKeys(template: MappingNode, row: Row, used: Set<string>): MappingNode {
  const own = [...row.cells.entries()].filter(([name]) => ROW_KEYS.includes(name));
  const set = own.filter(([name]) => !mentions(template, name));
  for (const [name] of set) used.add(name);
  const names = set.map(([name]) => name);
  const kept = template.entries.filter(({ key }) => !names.includes(key.text));
  return { ...template, entries: [...kept, ...set.map(([, { key, value }]) => ({ key, value }))] };
}

/** Whether `{{name}}` stands anywhere. */
function mentions(node: YamlNode, name: string): boolean {
  if (node.kind === 'scalar') return [...node.text.matchAll(PLACEHOLDER)].some((match) => match[1] === name);
  if (node.kind === 'sequence') return node.items.some((item) => mentions(item, name));
  return node.entries.some(({ key, value }) => mentions(key, name) || mentions(value, name));
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

class RowFiller {
  constructor(
    private readonly problems: Problems,
    private readonly row: Row,
    private readonly used: Set<string>,
    /** Columns of any row. */
    private readonly columns: ReadonlySet<string>,
  ) {}

  mapping(node: MappingNode): MappingNode {
    const entries: MappingEntry[] = [];
    for (const { key, value } of node.entries) {
      const filled = this.#node(value);
      const removed = filled.kind === 'scalar' && filled.value === null && isPlaceholder(value);
      if (!removed) entries.push({ key: this.#scalarText(key), value: filled });
    }
    return { ...node, entries };
  }

  #node(node: YamlNode): YamlNode {
    const whole = wholePlaceholder(node);
    if (whole !== undefined) return this.#whole(node, whole);
    if (node.kind === 'mapping') return this.mapping(node);
    if (node.kind === 'sequence') return { ...node, items: node.items.flatMap((item) => this.#item(item)) };
    return this.#scalarText(node);
  }

  #item(node: YamlNode): YamlNode[] {
    const filled = this.#node(node);
    if (!isPlaceholder(node)) return [filled];
    if (filled.kind === 'sequence') return filled.items;
    return filled.kind === 'scalar' && filled.value === null ? [] : [filled];
  }

  /** A scalar cell keeps the template's place, so that an error points at what was written there. */
  #whole(node: YamlNode, name: string): YamlNode {
    // What only other rows have is an empty cell of this one.
    if (!this.row.cells.has(name) && this.columns.has(name)) return emptyScalar(node.start);
    const cell = this.#cell(name, node.start, node.end - node.start);
    if (cell === undefined || cell.kind !== 'scalar') return cell ?? { ...node };
    const start = node.start;
    return { ...cell, start, end: node.end, offsetOf: () => start };
  }

  #scalarText(node: ScalarNode): ScalarNode {
    if (!node.text.includes('{{')) return node;
    let text = '';
    const offsets: number[] = [];
    const copy = (from: number, to: number) => {
      for (let index = from; index < to; index++) offsets.push(node.offsetOf(index));
      text += node.text.slice(from, to);
    };
    let position = 0;
    for (const match of node.text.matchAll(PLACEHOLDER)) {
      copy(position, match.index);
      position = match.index + match[0].length;
      const at = node.offsetOf(match.index);
      const cell = this.#cell(match[1] ?? '', at, match[0].length);
      const filling = cell?.kind === 'scalar' ? cell.text : '';
      if (cell !== undefined && cell.kind !== 'scalar') {
        const wrong = { found: `${describe(cell)} in the middle of a text`, expected: 'a text or a number' };
        this.problems.atOffset(at, match[0].length, wrong);
      }
      for (let index = 0; index < filling.length; index++) offsets.push(at);
      text += filling;
    }
    copy(position, node.text.length);
    offsets.push(node.offsetOf(node.text.length));
    const offsetOf = (index: number) => offsets[Math.min(index, offsets.length - 1)] ?? node.start;
    return { ...node, text, value: node.plain ? resolvePlain(text) : text, offsetOf };
  }

  #cell(name: string, offset: number, length: number): YamlNode | undefined {
    const cell = this.row.cells.get(name)?.value;
    this.used.add(name);
    if (cell !== undefined) return cell;
    const columns = [...this.row.cells.keys()];
    const close = didYouMean(name, columns);
    this.problems.atOffset(offset, Math.max(1, length), {
      found: `{{${name}}}, which the row does not have`,
      expected: `one of its columns: ${columns.join(', ')}`,
      remedy: close === undefined ? undefined : `did you mean {{${close}}}?`,
    });
    return undefined;
  }
}

function isPlaceholder(node: YamlNode): boolean {
  return wholePlaceholder(node) !== undefined;
}

/** The name where a value is `{{name}}` and nothing else, quoted or not. */
function wholePlaceholder(node: YamlNode): string | undefined {
  if (node.kind === 'mapping') {
    const [entry, ...more] = node.entries;
    const isUnquoted = entry?.key.value === UNQUOTED_PLACEHOLDER && more.length === 0;
    return isUnquoted ? entry.key.text.slice(2, -2) : undefined;
  }
  return node.kind === 'scalar' ? /^\{\{\s*([\w-]+)\s*\}\}$/.exec(node.text)?.[1] : undefined;
}
