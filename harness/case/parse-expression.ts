import { quoted } from './cursor.js';
import type { Cursor } from './cursor.js';
import { didYouMean } from './did-you-mean.js';
import { RFC_NAMES } from './expression.js';
import type { Expression } from './model.js';

/** What may stand where a number is expected, for messages. */
export const EXPRESSION_HELP = 'a number, $variable, a name such as SND.NXT, or a calculation of these';

/** Far above what a case needs; keeps recursion over expressions shallow. */
const MAX_PARTS = 100;

/**
 * Reads the longest expression at the cursor: `1460`, `0x10`, `$x + 14`, `(SND.NXT-1)*2`. `*` and `/` bind tighter than
 * `+` and `-`. Spaces around an operator belong to it. Throws GrammarProblem.
 */
export function parseExpression(cursor: Cursor): Expression {
  return new ExpressionParser(cursor).sum();
}

class ExpressionParser {
  #parts = 0;

  constructor(private readonly cursor: Cursor) {}

  sum(): Expression {
    let left = this.product();
    for (;;) {
      const op = this.operator(/[ \t]*[-+](?!>)/y);
      if (op === undefined) return left;
      left = { kind: 'binary', op: op as '+' | '-', left, right: this.product() };
    }
  }

  product(): Expression {
    let left = this.factor();
    for (;;) {
      const op = this.operator(/[ \t]*[*/]/y);
      if (op === undefined) return left;
      left = { kind: 'binary', op: op as '*' | '/', left, right: this.factor() };
    }
  }

  operator(pattern: RegExp): string | undefined {
    const op = this.cursor.take(pattern)?.trim();
    if (op !== undefined) this.cursor.skipSpace();
    return op;
  }

  factor(): Expression {
    const { cursor } = this;
    if (++this.#parts > MAX_PARTS) {
      throw cursor.problem('an expression that never ends', `at most ${MAX_PARTS} numbers and names`);
    }
    if (cursor.take(/-[ \t]*/y) !== undefined) return { kind: 'negate', operand: this.factor() };
    if (cursor.peek(/\(/y) !== undefined) return this.parenthesis();
    if (cursor.peek(/[0-9]/y) !== undefined) return this.number();
    const variable = cursor.take(/\$[A-Za-z_]\w*/y);
    if (variable !== undefined) return { kind: 'variable', name: variable.slice(1) };
    return this.name();
  }

  parenthesis(): Expression {
    const { cursor } = this;
    const open = cursor.index;
    cursor.index++;
    cursor.skipSpace();
    const inner = this.sum();
    cursor.skipSpace();
    if (cursor.take(/\)/y) === undefined) {
      throw cursor.problem('no ")" for this "("', '")" or an operator', undefined, open, 1);
    }
    return inner;
  }

  number(): Expression {
    const { cursor } = this;
    const start = cursor.index;
    const digits = cursor.take(/0[xX][0-9a-fA-F]+|[0-9]+/y) ?? '';
    const rest = cursor.peek(/[A-Za-z_]\w*|\.[0-9][\w.]*/y);
    if (rest !== undefined) {
      const whole = digits + rest;
      throw cursor.problem(
        `${quoted(whole)} is not a number`,
        'a whole number, decimal or 0x…',
        undefined,
        start,
        whole.length,
      );
    }
    const value = Number(digits);
    if (!Number.isSafeInteger(value)) {
      throw cursor.problem(
        `the number ${quoted(digits)}`,
        'a number below 2^53',
        undefined,
        start,
        digits.length,
      );
    }
    return { kind: 'number', value };
  }

  name(): Expression {
    const { cursor } = this;
    const start = cursor.index;
    const name = cursor.take(/[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*/y);
    if (name === undefined) {
      const word = cursor.word();
      throw cursor.problem(word === '' ? 'nothing' : quoted(word), EXPRESSION_HELP);
    }
    if (Object.hasOwn(RFC_NAMES, name)) return { kind: 'rfc', name };
    const close = didYouMean(name, Object.keys(RFC_NAMES));
    throw cursor.problem(
      `unknown name ${quoted(name)}`,
      `a number, $variable, or one of ${Object.keys(RFC_NAMES).join(', ')}`,
      close === undefined ? undefined : `did you mean \`${close}\`?`,
      start,
      name.length,
    );
  }
}
