import { readSelection } from './field-values.js';
import type { SharkdNode } from './sharkd-process.js';

/** Every field of a tree with the values it has, in order. */
export function readTree(nodes: readonly SharkdNode[]): Map<string, string[]> {
  const values = new Map<string, string[]>();
  const visit = (node: SharkdNode): void => {
    if (node.f !== undefined) {
      const { name, value } = readSelection(node.f);
      const known = values.get(name);
      if (known === undefined) values.set(name, [value ?? '1']);
      else known.push(value ?? '1');
    }
    node.n?.forEach(visit);
  };
  nodes.forEach(visit);
  return values;
}
