import type { Cursor } from './cursor.js';
import type { ValueSpec } from './model.js';
import { parseExpression } from './parse-expression.js';

export const VALUE_HELP =
  'a number, a range `1..10`, a comparison `>=1`, alternatives `536|1220`, `any`, `present`, `absent`, or an expression such as `$x + 14`';

/** What a field of a pattern may be required to be. */
export type FieldValue = ValueSpec | { kind: 'present' } | { kind: 'absent' };

/** Reads a field's value at the cursor and stops behind it. Throws GrammarProblem. */
export function parseFieldValue(cursor: Cursor): FieldValue {
  const word = cursor.peek(/(?:present|absent)(?![\w.|])/y);
  if (word === undefined) return parseValue(cursor);
  cursor.index += word.length;
  return { kind: word as 'present' | 'absent' };
}

/** Reads a number or a set of numbers. Throws GrammarProblem. */
export function parseValue(cursor: Cursor): ValueSpec {
  const values = [single(cursor)];
  while (cursor.take(/[ \t]*\|[ \t]*/y) !== undefined) {
    if (values.length >= MAX_ALTERNATIVES) {
      throw cursor.problem(`more than ${MAX_ALTERNATIVES} alternatives`, 'a range `1..10`');
    }
    values.push(single(cursor));
  }
  const [first] = values;
  return values.length === 1 && first !== undefined ? first : { kind: 'either', values };
}

const MAX_ALTERNATIVES = 100;

function single(cursor: Cursor): ValueSpec {
  if (cursor.take(/any(?![\w.])/y) !== undefined) return { kind: 'any' };
  const comparison = cursor.take(/(?:<=|>=|!=|<|>)[ \t]*/y)?.trim();
  if (comparison !== undefined) {
    return {
      kind: 'compare',
      op: comparison as '<' | '<=' | '>' | '>=' | '!=',
      value: parseExpression(cursor),
    };
  }
  const from = parseExpression(cursor);
  if (cursor.take(/[ \t]*\.\.[ \t]*/y) === undefined) return { kind: 'equals', value: from };
  const to = parseExpression(cursor);
  if (from.kind === 'number' && to.kind === 'number' && from.value > to.value) {
    throw cursor.problem(
      `the range ${from.value}..${to.value}, which holds nothing`,
      'the smaller number first',
      undefined,
      Math.max(0, cursor.index - 1),
      1,
    );
  }
  return { kind: 'range', from, to };
}
