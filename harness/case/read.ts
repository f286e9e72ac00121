import { quoted } from './cursor.js';
import { describe } from './describe.js';
import { didYouMean } from './did-you-mean.js';
import { DURATION_HELP, parseDuration } from './duration.js';
import type { Problems } from './problems.js';
import type { MappingNode, ScalarNode, YamlNode } from './yaml-node.js';

/** Readers of single values: the value, or undefined with a problem noted. An absent value is undefined without one. */
export class Read {
  constructor(readonly problems: Problems) {}

  text(node: YamlNode | undefined, expected = 'a text'): string | undefined {
    if (node === undefined) return undefined;
    if (node.kind === 'scalar' && node.value !== null) return node.text;
    return this.wrong(node, expected);
  }

  word<T extends string>(node: YamlNode | undefined, words: readonly T[]): T | undefined {
    if (node === undefined) return undefined;
    const found = node.kind === 'scalar' ? words.find((word) => word === node.text) : undefined;
    return found ?? this.wrong(node, oneOf(words), suggestion(node, words));
  }

  number(node: YamlNode | undefined, min: number, max: number): number | undefined {
    if (node === undefined) return undefined;
    const value = node.kind === 'scalar' ? node.value : undefined;
    const isInside = typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max;
    return isInside ? value : this.wrong(node, `a whole number, ${min} to ${max}`);
  }

  truth(node: YamlNode | undefined): boolean | undefined {
    if (node === undefined) return undefined;
    const value = node.kind === 'scalar' ? node.value : undefined;
    return typeof value === 'boolean' ? value : this.wrong(node, '`true` or `false`');
  }

  /** Milliseconds. */
  duration(node: YamlNode | undefined): number | undefined {
    if (node === undefined) return undefined;
    const ms = node.kind === 'scalar' ? parseDuration(node.text) : undefined;
    const isBare = node.kind === 'scalar' && typeof node.value === 'number';
    return (
      ms ??
      this.wrong(
        node,
        DURATION_HELP,
        isBare ? `add the unit: \`${node.text}ms\` or \`${node.text}s\`` : undefined,
      )
    );
  }

  mapping(node: YamlNode | undefined, expected = 'a mapping'): MappingNode | undefined {
    if (node === undefined) return undefined;
    return node.kind === 'mapping' ? node : this.wrong(node, expected);
  }

  items(node: YamlNode | undefined, expected = 'a list'): YamlNode[] | undefined {
    if (node === undefined) return undefined;
    return node.kind === 'sequence' ? node.items : this.wrong(node, expected);
  }

  /** The texts of a list; a single text stands for a list of one. */
  texts(node: YamlNode | undefined, expected: string): { text: string; node: ScalarNode }[] {
    if (node === undefined) return [];
    const items = node.kind === 'scalar' ? [node] : (this.items(node, `a list of ${expected}`) ?? []);
    return items.flatMap((item) => {
      const text = this.text(item, expected);
      return text === undefined || item.kind !== 'scalar' ? [] : [{ text, node: item }];
    });
  }

  /** Notes every key that is not in `known`. */
  onlyKeys(node: MappingNode, known: readonly string[]): void {
    for (const { key } of node.entries) {
      if (!known.includes(key.text)) this.unknownKey(key, known);
    }
  }

  /** `unnamed` are keys that may be meant too, but are too many to list; `more` says what they are. */
  unknownKey(key: ScalarNode, known: readonly string[], more = '', unnamed: readonly string[] = []): void {
    const close = didYouMean(key.text, [...known, ...unnamed]);
    this.problems.at(key, {
      found: `unknown key ${quoted(key.text)}`,
      expected: oneOf(known) + more,
      remedy: close === undefined ? undefined : `did you mean \`${close}\`?`,
    });
  }

  wrong(node: YamlNode, expected: string, remedy?: string): undefined {
    this.problems.at(node, { found: describe(node), expected, remedy });
    return undefined;
  }
}

export function oneOf(words: readonly string[]): string {
  return words.length === 1 ? `\`${words[0]}\`` : `one of ${words.join(', ')}`;
}

function suggestion(node: YamlNode, words: readonly string[]): string | undefined {
  const close = node.kind === 'scalar' ? didYouMean(node.text, words) : undefined;
  return close === undefined ? undefined : `did you mean \`${close}\`?`;
}
