import { Cursor, quoted } from './cursor.js';
import { GrammarProblem } from './grammar-problem.js';
import type { Time, ValueSpec } from './model.js';
import { parseExpression } from './parse-expression.js';
import { VALUE_HELP, parseValue } from './parse-value.js';
import type { Reading } from './reading.js';
import type { YamlNode } from './yaml-node.js';

const TIMES_HELP = 'a number, a range `1..3`, or an open one such as `>=1`';
/** More packets than a case of reasonable length sees. */
const MAX_TIMES = 1_000_000;

/** How often a packet may come; `max` is Infinity for an open range. Undefined with a problem noted. */
export function readTimes(reading: Reading, node: YamlNode): { min: number; max: number } | undefined {
  const value = readValue(reading, node, TIMES_HELP);
  if (value === undefined) return undefined;
  const times = boundsOf(value);
  const isSensible =
    times !== undefined && times.min >= 0 && times.min <= MAX_TIMES && times.max >= times.min;
  return isSensible ? times : reading.read.wrong(node, TIMES_HELP);
}

/** A time, or a calculation with times that were captured; undefined with a problem noted where it is neither. */
export function readTime(reading: Reading, node: YamlNode | undefined): Time | undefined {
  if (node?.kind !== 'scalar' || !node.text.includes('$')) return reading.read.duration(node);
  const cursor = new Cursor(node.text);
  try {
    cursor.skipSpace();
    const time = parseExpression(cursor);
    cursor.skipSpace();
    if (cursor.atEnd) return time;
    throw cursor.problem(quoted(cursor.word()), 'an operator, or the end');
  } catch (error) {
    if (!(error instanceof GrammarProblem)) throw error;
    reading.problems.inside(node, error);
    return undefined;
  }
}

/** A value that stands alone behind a key, as `count:` does. Undefined with a problem noted. */
export function readValue(reading: Reading, node: YamlNode, expected = VALUE_HELP): ValueSpec | undefined {
  if (node.kind !== 'scalar' || node.value === null) return reading.read.wrong(node, expected);
  const cursor = new Cursor(node.text);
  try {
    cursor.skipSpace();
    const value = parseValue(cursor);
    cursor.skipSpace();
    if (!cursor.atEnd) throw cursor.problem(quoted(cursor.word()), expected);
    return value;
  } catch (error) {
    if (!(error instanceof GrammarProblem)) throw error;
    reading.problems.inside(node, error);
    return undefined;
  }
}

function boundsOf(value: ValueSpec): { min: number; max: number } | undefined {
  switch (value.kind) {
    case 'any':
      return { min: 0, max: Infinity };
    case 'equals':
      return value.value.kind === 'number' ? { min: value.value.value, max: value.value.value } : undefined;
    case 'range':
      return value.from.kind === 'number' && value.to.kind === 'number'
        ? { min: value.from.value, max: value.to.value }
        : undefined;
    case 'compare':
      return value.value.kind === 'number' ? openBounds(value.op, value.value.value) : undefined;
    case 'either':
      return undefined;
  }
}

function openBounds(op: string, bound: number): { min: number; max: number } | undefined {
  if (op === '>=') return { min: bound, max: Infinity };
  if (op === '>') return { min: bound + 1, max: Infinity };
  if (op === '<=') return { min: 0, max: bound };
  return op === '<' ? { min: 0, max: bound - 1 } : undefined;
}
