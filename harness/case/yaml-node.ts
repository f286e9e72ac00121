import type { Primitive } from './resolve-plain.js';

/** YAML with the place of every key and value. Aliased nodes are shared, so this is a graph without cycles. */
export type YamlNode = ScalarNode | SequenceNode | MappingNode;

interface NodeBase {
  /** Offsets into the source text, end exclusive. */
  start: number;
  end: number;
  /** Nodes below and including this one, aliases counted as if copied. */
  size: number;
  /** Levels below and including this one. */
  depth: number;
}

export interface ScalarNode extends NodeBase {
  kind: 'scalar';
  value: Primitive;
  /** The decoded text, also where the value is a number. */
  text: string;
  /** Unquoted, not a block: what makes `any` a word rather than a text. */
  plain: boolean;
  /** The key with nothing behind it, where this is that nothing; it stands at the key's place. */
  behind?: string;
  /** Source offset of a character of `text`. */
  offsetOf: (index: number) => number;
}

export interface SequenceNode extends NodeBase {
  kind: 'sequence';
  items: YamlNode[];
}

export interface MappingNode extends NodeBase {
  kind: 'mapping';
  entries: MappingEntry[];
}

export interface MappingEntry {
  key: ScalarNode;
  value: YamlNode;
}

/** Value of the key that stands for an unquoted `{{name}}`; no key of a file can have it. */
export const UNQUOTED_PLACEHOLDER = '\u0000placeholder';

export function emptyScalar(offset: number): ScalarNode {
  return {
    kind: 'scalar',
    value: null,
    text: '',
    plain: true,
    start: offset,
    end: offset,
    size: 1,
    depth: 1,
    offsetOf: () => offset,
  };
}

/** The value of a key, undefined where the key is not there. */
export function entryOf(node: YamlNode | undefined, key: string): YamlNode | undefined {
  if (node?.kind !== 'mapping') return undefined;
  return node.entries.find((entry) => entry.key.text === key)?.value;
}

/** Plain JavaScript values, as a schema validates them. Keys can be any text, `__proto__` too. */
export function toValue(node: YamlNode): unknown {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'sequence') return node.items.map(toValue);
  const object = Object.create(null) as Record<string, unknown>;
  for (const { key, value } of node.entries) object[key.text] = toValue(value);
  return object;
}
