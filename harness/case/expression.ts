import type { Expression } from './model.js';

/** What the names in an expression stand for, relative or raw as the caller's numbers are. */
export interface Scope {
  /** Captured with `let:`; looked up without the `$`. */
  variables?: Readonly<Record<string, number>>;
  /** SND.UNA, RCV.NXT, MSS, ...; see RFC_NAMES. */
  rfc?: Readonly<Record<string, number>>;
}

/** Names of RFC 9293 section 3.3.1 (and the MSS in force) that an expression may use, with what each is. */
export const RFC_NAMES: Readonly<Record<string, string>> = {
  'SND.UNA': 'oldest sequence number the IUT sent that is not acknowledged',
  'SND.NXT': 'next sequence number the IUT will send',
  'SND.WND': 'window the IUT may send into, octets',
  'RCV.NXT': 'next sequence number the IUT expects',
  'RCV.WND': 'window the IUT offers, octets',
  ISS: 'initial send sequence number of the IUT',
  IRS: 'initial sequence number the IUT received',
  MSS: 'largest segment the IUT may send, octets of payload',
  'SEG.SEQ': 'sequence number of the last segment seen',
  'SEG.ACK': 'acknowledgement number of the last segment seen',
  'SEG.LEN': 'length of the last segment seen, SYN and FIN counted',
};

/** An expression that has no value: a name nobody bound, or a division by zero. */
export class ExpressionError extends Error {
  override readonly name = 'ExpressionError';

  constructor(
    message: string,
    readonly remedy?: string,
  ) {
    super(message);
  }
}

/**
 * The integer value, not wrapped: `Len` and window arithmetic may go below zero and above 2^32. Division rounds towards
 * zero. Throws ExpressionError.
 */
export function evaluate(expression: Expression, scope: Scope = {}): number {
  switch (expression.kind) {
    case 'number':
      return expression.value;
    case 'variable':
      return lookUp(scope.variables, expression.name, `$${expression.name}`);
    case 'rfc':
      return lookUp(scope.rfc, expression.name, expression.name);
    case 'negate':
      return 0 - evaluate(expression.operand, scope);
    case 'binary':
      return calculate(expression.op, evaluate(expression.left, scope), evaluate(expression.right, scope));
  }
}

/** The value in sequence space, 0..2^32-1. Throws ExpressionError. */
export function evaluateSequence(expression: Expression, scope: Scope = {}): number {
  return wrap(evaluate(expression, scope));
}

/** Modulo 2^32, as sequence numbers count (RFC 9293 section 3.4). */
export function wrap(value: number): number {
  return ((value % 2 ** 32) + 2 ** 32) % 2 ** 32;
}

/** As it would be written in a case, with the parentheses it needs. */
export function printExpression(expression: Expression): string {
  switch (expression.kind) {
    case 'number':
      return String(expression.value);
    case 'variable':
      return `$${expression.name}`;
    case 'rfc':
      return expression.name;
    case 'negate': {
      const operand = printExpression(expression.operand);
      return expression.operand.kind === 'binary' ? `-(${operand})` : `-${operand}`;
    }
    case 'binary': {
      const tight = expression.op === '*' || expression.op === '/';
      const left = printExpression(expression.left);
      const right = printExpression(expression.right);
      const leftNeeds = tight && isSum(expression.left);
      const rightNeeds =
        expression.right.kind === 'negate' ||
        isSum(expression.right) ||
        (tight && expression.right.kind === 'binary');
      return `${leftNeeds ? `(${left})` : left}${expression.op}${rightNeeds ? `(${right})` : right}`;
    }
  }
}

/** Every `$variable` in it, without the `$`. */
export function variablesOf(expression: Expression): string[] {
  if (expression.kind === 'variable') return [expression.name];
  if (expression.kind === 'negate') return variablesOf(expression.operand);
  if (expression.kind === 'binary')
    return [...variablesOf(expression.left), ...variablesOf(expression.right)];
  return [];
}

function calculate(op: '+' | '-' | '*' | '/', left: number, right: number): number {
  if (op === '+') return left + right;
  if (op === '-') return left - right;
  if (op === '*') return left * right;
  if (right === 0) throw new ExpressionError('division by zero');
  return Math.trunc(left / right) + 0;
}

function lookUp(names: Readonly<Record<string, number>> | undefined, name: string, written: string): number {
  const value = names !== undefined && Object.hasOwn(names, name) ? names[name] : undefined;
  if (value !== undefined) return value;
  const known = Object.keys(names ?? {});
  throw new ExpressionError(
    `${written} has no value here`,
    known.length > 0 ? `known: ${known.join(', ')}` : undefined,
  );
}

function isSum(expression: Expression): boolean {
  return expression.kind === 'binary' && (expression.op === '+' || expression.op === '-');
}
