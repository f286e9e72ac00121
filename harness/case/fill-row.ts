import { describe } from './describe.js';
import { didYouMean } from './did-you-mean.js';
import type { Problems } from './problems.js';
import { resolvePlain } from './resolve-plain.js';
import type { Row } from './table-rows.js';
import { UNQUOTED_PLACEHOLDER, emptyScalar } from './yaml-node.js';
import type { MappingEntry, MappingNode, ScalarNode, YamlNode } from './yaml-node.js';

const PLACEHOLDER = /\{\{\s*([\w-]+)\s*\}\}/g;

/** What all rows of one file may add: characters of texts and values of structured cells. */
export class FillBudget {
  #left = 16 * 1024 * 1024;

  /** False once it is spent. */
  take(amount: number): boolean {
    this.#left -= amount;
    return this.#left >= 0;
  }
}

/** Puts the cells of one row in place of the placeholders of a case. */
export class RowFiller {
  constructor(
    private readonly problems: Problems,
    private readonly row: Row,
    private readonly used: Set<string>,
    /** Columns of any row. */
    private readonly columns: ReadonlySet<string>,
    private readonly budget: FillBudget,
  ) {}

  mapping(node: MappingNode): MappingNode {
    let changed = false;
    const entries: MappingEntry[] = [];
    for (const entry of node.entries) {
      const key = this.#scalarText(entry.key);
      const value = this.#node(entry.value);
      const removed = value.kind === 'scalar' && value.value === null && isPlaceholder(entry.value);
      if (key !== entry.key || value !== entry.value) changed = true;
      if (!removed) entries.push({ key, value });
    }
    return changed ? { ...node, entries } : node;
  }

  /** What holds no placeholder is shared by all rows. */
  #node(node: YamlNode): YamlNode {
    const whole = wholePlaceholder(node);
    if (whole !== undefined) return this.#whole(node, whole);
    if (node.kind === 'mapping') return this.mapping(node);
    if (node.kind === 'scalar') return this.#scalarText(node);
    const items = node.items.flatMap((item) => this.#item(item));
    const same =
      items.length === node.items.length && items.every((item, index) => item === node.items[index]);
    return same ? node : { ...node, items };
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
    if (cell === undefined) return { ...node };
    if (!this.budget.take(cell.size)) return this.#tooMuch(node);
    if (cell.kind !== 'scalar') return cell;
    const start = node.start;
    return { ...cell, start, end: node.end, offsetOf: () => start };
  }

  #scalarText(node: ScalarNode): ScalarNode {
    if (!node.text.includes('{{')) return node;
    if (!this.budget.take(node.text.length)) return this.#tooMuch(node);
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
      if (!this.budget.take(filling.length)) return this.#tooMuch(node);
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

  #tooMuch(node: YamlNode): ScalarNode {
    const wrong = {
      found: 'cells that fill more than 16 Mi characters',
      expected: 'shorter cells, or several tables',
    };
    this.problems.at(node, wrong);
    return emptyScalar(node.start);
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

/** Whether `{{name}}` stands anywhere. */
export function mentions(node: YamlNode, name: string): boolean {
  if (node.kind === 'scalar') return [...node.text.matchAll(PLACEHOLDER)].some((match) => match[1] === name);
  if (node.kind === 'sequence') return node.items.some((item) => mentions(item, name));
  return node.entries.some(({ key, value }) => mentions(key, name) || mentions(value, name));
}
