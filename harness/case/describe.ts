import { quoted } from './cursor.js';
import type { YamlNode } from './yaml-node.js';

/** What stands in a file, in words, for the found part of a message. */
export function describe(node: YamlNode | undefined): string {
  if (node === undefined) return 'nothing';
  if (node.kind === 'sequence') return node.items.length === 0 ? 'an empty list' : 'a list';
  if (node.kind === 'mapping') {
    const keys = node.entries.slice(0, 3).map(({ key }) => key.text);
    return keys.length === 0 ? 'an empty mapping' : `a mapping with ${quoted(keys.join(', '))}`;
  }
  if (node.behind !== undefined) return `\`${node.behind}:\` with nothing behind it`;
  if (node.value === null) return 'nothing';
  if (node.text === '') return 'an empty text';
  return typeof node.value === 'string'
    ? quoted(node.text)
    : `the ${kindOf(node.value)} ${quoted(node.text)}`;
}

function kindOf(value: number | boolean): string {
  return typeof value === 'number' ? 'number' : 'truth value';
}
