import { DURATION_PATTERN, parseDuration } from './duration.js';
import type { YamlNode } from './yaml-node.js';

/**
 * Options as a stack's upper tester names them: `no-delay` becomes `noDelay`, and a time with a unit becomes
 * milliseconds, `user-timeout: 5s` being `userTimeoutMs: 5000`.
 */
export function plainOptions(node: YamlNode | undefined): Record<string, unknown> {
  const options: Record<string, unknown> = {};
  if (node?.kind !== 'mapping') return options;
  for (const { key, value } of node.entries) {
    const [name, plain] = plainOption(key.text, value);
    define(options, name, plain);
  }
  return options;
}

export function plainOption(key: string, node: YamlNode): [name: string, value: unknown] {
  const name = camelCase(key);
  if (
    node.kind === 'scalar' &&
    typeof node.value === 'string' &&
    node.plain &&
    DURATION_PATTERN.test(node.text)
  ) {
    return [name.endsWith('Ms') ? name : `${name}Ms`, parseDuration(node.text)];
  }
  return [name, plainValue(node)];
}

export function camelCase(key: string): string {
  return key.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

function plainValue(node: YamlNode): unknown {
  if (node.kind === 'scalar') return node.value;
  return node.kind === 'sequence' ? node.items.map(plainValue) : plainOptions(node);
}

/** As JSON, every key as written. */
export function asWritten(node: YamlNode): unknown {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'sequence') return node.items.map(asWritten);
  const object: Record<string, unknown> = {};
  for (const { key, value } of node.entries) define(object, key.text, asWritten(value));
  return object;
}

/** `__proto__` is a key like any other. */
function define(object: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
}
