import { describe } from './describe.js';
import { ACT_HEADS, EXPECT_HEADS } from './keys.js';
import type { Alternative, ExpectItem, Role, Timing } from './model.js';
import { readPattern } from './pattern.js';
import { oneOf } from './read.js';
import type { Reading } from './reading.js';
import { readTime, readTimes, readValue } from './times.js';
import { entryOf } from './yaml-node.js';
import type { MappingEntry, MappingNode, YamlNode } from './yaml-node.js';

/** Keys of an item that are structure; the others, but the head, describe the packet. */
const STRUCTURE = ['let', 'times', 'optional', 'within', 'after', 'count', 'label', 'from'];
const SCRIPTED_HEADS = ['expect', 'any-order', 'one-of', 'quiet'] as const;

/** What the alternatives of a choice do from their first step on that is no expectation. */
export type Tails = Map<Alternative, YamlNode[]>;

/** Reads the items of `expect:`, or those of a group. In a scripted case `iut` is who sends what is expected. */
export class ExpectReader {
  readonly #heads: readonly string[];

  constructor(
    private readonly reading: Reading,
    private readonly iut?: Role,
  ) {
    this.#heads = iut === undefined ? EXPECT_HEADS : SCRIPTED_HEADS;
  }

  items(node: YamlNode | undefined): ExpectItem[] {
    const nodes = this.reading.read.items(node, 'a list of packets') ?? [];
    return nodes.flatMap((item) => this.item(item) ?? []);
  }

  /** One item; undefined with a problem noted. Only where `tails` is given may the alternatives of a choice act. */
  item(node: YamlNode, tails?: Tails): ExpectItem | undefined {
    const mapping = this.reading.read.mapping(node, `a mapping with ${oneOf(this.#heads)}`);
    if (mapping === undefined) return undefined;
    const heads = mapping.entries.filter(({ key }) => this.#heads.includes(key.text));
    const [head, second] = heads;
    if (head === undefined) return this.#noHead(mapping);
    if (second !== undefined) {
      this.reading.problems.at(second.key, {
        found: `${describe(second.key)} beside ${describe(head.key)}`,
        expected: `one of the two`,
        remedy: 'begin a new item with "-"',
      });
      return undefined;
    }
    switch (head.key.text) {
      case 'any-order':
        this.#only(mapping, ['any-order', 'within', 'after', 'label']);
        return {
          kind: 'any-order',
          items: this.items(head.value),
          timing: this.timing(mapping),
          place: this.reading.problems.placeOf(head.key),
        };
      case 'one-of':
        this.#only(mapping, ['one-of', 'within', 'after', 'label']);
        return {
          kind: 'one-of',
          alternatives: this.#alternatives(head.value, tails),
          timing: this.timing(mapping),
          place: this.reading.problems.placeOf(head.key),
        };
      case 'quiet':
        return this.#quiet(mapping, head);
      default:
        return this.#packet(mapping, head);
    }
  }

  timing(mapping: MappingNode): Timing {
    const timing: Timing = {};
    const within = readTime(this.reading, entryOf(mapping, 'within'));
    const after = readTime(this.reading, entryOf(mapping, 'after'));
    if (within !== undefined) timing.within = within;
    if (after !== undefined) timing.after = after;
    const node = entryOf(mapping, 'within');
    const isShorter = typeof within === 'number' && typeof after === 'number' && within < after;
    if (isShorter && node !== undefined) {
      this.reading.problems.at(node, {
        found: '`within` shorter than `after`',
        expected: 'a longer time than in `after`',
      });
    }
    return timing;
  }

  #packet(mapping: MappingNode, head: MappingEntry): ExpectItem | undefined {
    const { read, problems } = this.reading;
    const from = head.key.text === 'expect' ? (this.iut ?? 'server') : (head.key.text as Role);
    const beside = mapping.entries.filter((entry) => entry !== head && !STRUCTURE.includes(entry.key.text));
    const pattern = readPattern(this.reading, {
      from,
      body: head.value,
      beside,
      bind: entryOf(mapping, 'let'),
    });
    const place =
      head.value.kind === 'scalar' && head.value.value !== null ? pattern.place : problems.placeOf(head.key);
    const count = entryOf(mapping, 'count');
    this.#refuse(mapping, 'from', 'the head of the item says who sends');
    if (count !== undefined) {
      for (const key of ['times', 'optional', 'within', 'after', 'let'])
        this.#refuse(mapping, key, 'not beside `count`');
      const is = readValue(this.reading, count);
      return is === undefined ? undefined : { kind: 'count', pattern, is, place };
    }
    const timesNode = entryOf(mapping, 'times');
    const times = (timesNode === undefined ? undefined : readTimes(this.reading, timesNode)) ?? {
      min: 1,
      max: 1,
    };
    if (read.truth(entryOf(mapping, 'optional')) === true) times.min = 0;
    return { kind: 'packet', pattern, times, timing: this.timing(mapping), place };
  }

  #quiet(mapping: MappingNode, head: MappingEntry): ExpectItem | undefined {
    this.#only(mapping, this.iut === undefined ? ['quiet', 'from', 'label'] : ['quiet', 'label']);
    const ms = this.reading.read.duration(head.value);
    const from = this.reading.read.word(entryOf(mapping, 'from'), ['client', 'server'] as const) ?? this.iut;
    if (ms === undefined) return undefined;
    const place = this.reading.problems.placeOf(head.key);
    return from === undefined ? { kind: 'quiet', ms, place } : { kind: 'quiet', ms, from, place };
  }

  #alternatives(node: YamlNode, tails: Tails | undefined): Alternative[] {
    const alternatives =
      node.kind === 'mapping'
        ? node.entries.map(({ key, value }) => this.#alternative(value, key.text, key, tails))
        : (this.reading.read.items(node, 'alternatives: a mapping of label and items, or a list') ?? []).map(
            (item, index) => this.#listed(item, index, tails),
          );
    if (alternatives.length < 2 && !this.reading.problems.has(node)) {
      this.reading.problems.at(node, {
        found: `${alternatives.length} alternative(s)`,
        expected: 'at least two',
      });
    }
    return alternatives;
  }

  /** An entry of a list of alternatives: `{ label, items }`, one item that may carry a label, or a list of items. */
  #listed(node: YamlNode, index: number, tails: Tails | undefined): Alternative {
    const label = this.reading.read.text(entryOf(node, 'label'));
    const items = entryOf(node, 'items');
    if (node.kind === 'mapping' && items !== undefined) this.reading.read.onlyKeys(node, ['label', 'items']);
    const alternative = this.#alternative(items ?? node, label ?? '', node, tails);
    if (alternative.label === '')
      alternative.label = labelOf(alternative.items) ?? `alternative ${index + 1}`;
    return alternative;
  }

  /** Nothing at all is an outcome too. */
  #alternative(node: YamlNode, label: string, at: YamlNode, tails: Tails | undefined): Alternative {
    const place = this.reading.problems.placeOf(at);
    if (node.kind === 'scalar' && node.value === null) return { label, items: [], place };
    const nodes = node.kind === 'sequence' ? node.items : [node];
    const acts = tails === undefined ? -1 : nodes.findIndex(isAct);
    const leading = acts < 0 ? nodes : nodes.slice(0, acts);
    const items = leading.flatMap((item) => this.item(item) ?? []);
    const alternative = { label, items, place };
    if (acts >= 0) tails?.set(alternative, nodes.slice(acts));
    return alternative;
  }

  #noHead(mapping: MappingNode): undefined {
    const key = mapping.entries.find((entry) => !STRUCTURE.includes(entry.key.text))?.key;
    if (key !== undefined) this.reading.read.unknownKey(key, this.#heads);
    else this.reading.read.wrong(mapping, `a mapping with ${oneOf(this.#heads)}`);
    return undefined;
  }

  #only(mapping: MappingNode, keys: readonly string[]): void {
    this.reading.read.onlyKeys(mapping, keys);
  }

  #refuse(mapping: MappingNode, key: string, why: string): void {
    const entry = mapping.entries.find((other) => other.key.text === key);
    if (entry !== undefined)
      this.reading.problems.at(entry.key, { found: describe(entry.key), expected: why });
  }
}

function isAct(node: YamlNode): boolean {
  return node.kind === 'mapping' && node.entries.some(({ key }) => ACT_HEADS.includes(key.text));
}

function labelOf(items: readonly ExpectItem[]): string | undefined {
  const [first] = items;
  return first?.kind === 'packet' ? first.pattern.text : undefined;
}
