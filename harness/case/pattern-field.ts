import { Cursor, quoted } from './cursor.js';
import { lineField } from './fields.js';
import { GrammarProblem } from './grammar-problem.js';
import type { FieldPattern } from './model.js';
import { isPlainText } from './parse-line.js';
import type { LineToken } from './parse-line.js';
import { VALUE_HELP, parseFieldValue } from './parse-value.js';
import type { Reading } from './reading.js';
import { resolvePlain } from './resolve-plain.js';
import type { ScalarNode, YamlNode } from './yaml-node.js';

/** What stands behind a field's key; undefined with a problem noted. */
export function readFieldValue(
  reading: Reading,
  name: string,
  node: YamlNode,
): FieldPattern['value'] | undefined {
  const isLineKey = lineField(name) !== undefined;
  if (node.kind !== 'scalar') return reading.read.wrong(node, VALUE_HELP);
  if (lineField(name)?.bare && (node.value === null || node.value === true || node.text === '1')) {
    return { kind: 'present' };
  }
  if (lineField(name)?.bare && (node.value === false || node.text === '0')) return { kind: 'absent' };
  if (node.value === null) return reading.read.wrong(node, VALUE_HELP);
  if (typeof node.value === 'boolean' && !isLineKey) {
    return { kind: 'equals', value: { kind: 'number', value: node.value ? 1 : 0 } };
  }
  const cursor = new Cursor(node.text);
  try {
    cursor.skipSpace();
    const value = parseFieldValue(cursor);
    cursor.skipSpace();
    if (!cursor.atEnd) throw cursor.problem(quoted(cursor.word()), 'the end, or an operator');
    return value;
  } catch (error) {
    if (!(error instanceof GrammarProblem)) throw error;
    if (!isLineKey && isPlainText(node.text)) return { kind: 'text', text: node.text };
    reading.problems.inside(node, error);
    return undefined;
  }
}

/** What a number may be that the field can never hold. */
export function outOfRange({ name, value }: FieldPattern, sending: boolean): string | undefined {
  const max = lineField(name)?.max;
  if (max === undefined || value.kind !== 'equals' || value.value.kind !== 'number') return undefined;
  const number = value.value.value;
  // Wireshark shows at most 2^14; what is sent may be wrong on purpose.
  if (number > max && !(sending && name === 'WS')) return `at most ${max}`;
  const isFactor = Number.isInteger(Math.log2(number));
  return name !== 'WS' || isFactor ? undefined : 'a power of two: Wireshark shows the factor, not the shift';
}

export function isExact({ name, value }: FieldPattern): boolean {
  if (value.kind === 'present') return lineField(name)?.bare === true;
  return value.kind === 'equals' || value.kind === 'text';
}

export function scalarText(node: YamlNode): string {
  return node.kind === 'scalar' ? node.text : '?';
}

/** The part of a line behind a field's `=`, as a value of its own at its own place. */
export function valuePart(node: ScalarNode, token: LineToken): ScalarNode {
  const skipped = /^=?\s*/.exec(token.text.slice(token.length))?.[0].length ?? 0;
  const first = token.index + token.length + skipped;
  const text = token.text.slice(token.length + skipped);
  return {
    ...node,
    text,
    value: resolvePlain(text),
    start: node.offsetOf(first),
    end: node.offsetOf(first + text.length),
    offsetOf: (index) => node.offsetOf(first + index),
  };
}
