import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { Cursor } from '../../../harness/case/cursor.js';
import {
  ExpressionError,
  evaluate,
  evaluateSequence,
  printExpression,
} from '../../../harness/case/expression.js';
import { GrammarProblem } from '../../../harness/case/grammar-problem.js';
import type { Expression } from '../../../harness/case/model.js';
import { parseExpression } from '../../../harness/case/parse-expression.js';

function parse(text: string): Expression {
  const cursor = new Cursor(text);
  const expression = parseExpression(cursor);
  if (!cursor.atEnd) throw new Error(`stopped before ${text.slice(cursor.index)}`);
  return expression;
}

const SCOPE = { variables: { x: 5, long_name: 7 }, rfc: { 'SND.NXT': 100, ISS: 0, MSS: 1460 } };

describe('evaluate', () => {
  test.each([
    ['1460', 1460],
    ['0x10', 16],
    ['1 + 2 * 3', 7],
    ['(1 + 2) * 3', 9],
    ['10 - 2 - 3', 5],
    ['100 / 7 / 2', 7],
    ['-3 + 1', -2],
    ['--3', 3],
    ['-(1 + 2)', -3],
    ['-7 / 2', -3],
    ['$x + 14', 19],
    ['$long_name*2', 14],
    ['SND.NXT-1', 99],
    ['ISS + MSS', 1460],
  ])('%s is %d', (text, value) => {
    expect(evaluate(parse(text), SCOPE)).toBe(value);
  });

  test('wraps only in sequence space', () => {
    expect(evaluate(parse('ISS - 1'), SCOPE)).toBe(-1);
    expect(evaluateSequence(parse('ISS - 1'), SCOPE)).toBe(4294967295);
    expect(evaluateSequence(parse('4294967295 + 2'))).toBe(1);
  });

  test('says what has no value', () => {
    expect(() => evaluate(parse('$y'), SCOPE)).toThrow(new ExpressionError('$y has no value here'));
    expect(() => evaluate(parse('$constructor'), SCOPE)).toThrow(ExpressionError);
    expect(() => evaluate(parse('1 / (2 - 2)'))).toThrow(new ExpressionError('division by zero'));
  });
});

test('what is printed reads back as the same expression', () => {
  const { expression } = fc.letrec<{ expression: Expression }>((tie) => ({
    expression: fc.oneof(
      { maxDepth: 5 },
      fc.record({ kind: fc.constant('number' as const), value: fc.nat(2 ** 31) }),
      fc.record({ kind: fc.constant('variable' as const), name: fc.constantFrom('x', 'y_1') }),
      fc.record({ kind: fc.constant('rfc' as const), name: fc.constantFrom('SND.UNA', 'ISS') }),
      fc.record({ kind: fc.constant('negate' as const), operand: tie('expression') }),
      fc.record({
        kind: fc.constant('binary' as const),
        op: fc.constantFrom('+' as const, '-' as const, '*' as const, '/' as const),
        left: tie('expression'),
        right: tie('expression'),
      }),
    ),
  }));
  fc.assert(
    fc.property(expression, (written) => {
      expect(parse(printExpression(written))).toEqual(written);
    }),
  );
});

test.each([
  ['', 0, 'nothing'],
  ['1 +', 3, 'nothing'],
  ['(1', 0, 'no ")" for this "("'],
  ['14abc', 0, '`14abc` is not a number'],
  ['1.5', 0, '`1.5` is not a number'],
  ['99999999999999999', 0, 'the number `99999999999999999`'],
  ['SND.UNX', 0, 'unknown name `SND.UNX`'],
  ['$', 0, '`$`'],
])('%j is refused at %d: %s', (text, index, found) => {
  expect.assertions(2);
  try {
    parse(text);
  } catch (error) {
    expect((error as GrammarProblem).found).toBe(found);
    expect((error as GrammarProblem).index).toBe(index);
  }
});

test('an endless expression is refused before it can exhaust the stack', () => {
  for (const text of ['('.repeat(100_000), '-'.repeat(100_000), '1+'.repeat(100_000)]) {
    expect(() => parse(text)).toThrow(GrammarProblem);
  }
});
