import { evaluate, ExpressionError, wrap } from '../case/expression.js';
import type { Scope } from '../case/expression.js';
import type { Expression, ValueSpec } from '../case/model.js';

/**
 * Whether a number is in the set that a case names. In sequence space all numbers count modulo 2^32, `a..b` runs upwards
 * from a across the wrap, and `<` is SEG < x as RFC 9293 section 3.4 compares. A value that has no value
 * (a variable nobody bound) holds nothing.
 */
export function inValue(spec: ValueSpec, actual: number, scope: Scope, sequence: boolean): boolean {
  switch (spec.kind) {
    case 'any':
      return true;
    case 'either':
      return spec.values.some((value) => inValue(value, actual, scope, sequence));
    case 'equals': {
      const value = numberOf(spec.value, scope);
      return value !== undefined && (sequence ? wrap(value) === wrap(actual) : value === actual);
    }
    case 'range': {
      const from = numberOf(spec.from, scope);
      const to = numberOf(spec.to, scope);
      if (from === undefined || to === undefined) return false;
      if (!sequence) return from <= actual && actual <= to;
      return to - from >= 0 && wrap(actual - from) <= wrap(to - from);
    }
    case 'compare': {
      const value = numberOf(spec.value, scope);
      if (value === undefined) return false;
      return holds(spec.op, sequence ? signedDistance(actual, value) : actual - value);
    }
  }
}

/** The set with its expressions worked out, decimal and hex: `15 (0xf)`, `1..10 (0x1..0xa)`, `<= 10 (0xa)`. */
export function describeValue(spec: ValueSpec, scope: Scope, sequence: boolean): string {
  if (spec.kind === 'either') {
    return spec.values.map((value) => describeValue(value, scope, sequence)).join(' or ');
  }
  const decimal = printValue(spec, scope, sequence, String);
  const hex = printValue(spec, scope, sequence, (value) => `0x${value.toString(16)}`);
  return decimal === hex || hex.includes('-') ? decimal : `${decimal} (${hex.replace(/^\S+ /, '')})`;
}

/** The set in decimal: `2..3`, `>= 1`. */
export function printValue(
  spec: ValueSpec,
  scope: Scope,
  sequence = false,
  print: (value: number) => string = String,
): string {
  const show = (expression: Expression): string => {
    const value = numberOf(expression, scope);
    if (value === undefined) return UNBOUND;
    return print(sequence ? wrap(value) : value);
  };
  switch (spec.kind) {
    case 'any':
      return 'any';
    case 'either':
      return spec.values.map((value) => printValue(value, scope, sequence, print)).join(' or ');
    case 'equals':
      return show(spec.value);
    case 'range':
      return `${show(spec.from)}..${show(spec.to)}`;
    case 'compare':
      return `${spec.op} ${show(spec.value)}`;
  }
}

const UNBOUND = 'a value that nothing bound';

/** Decimal and hex, as Wireshark and a hex dump show the same number. */
export function decimalAndHex(value: number): string {
  return Number.isInteger(value) && value >= 0 ? `${value} (0x${value.toString(16)})` : String(value);
}

/** Every name in it, variables with their `$`. */
export function namesIn(spec: ValueSpec): string[] {
  switch (spec.kind) {
    case 'any':
      return [];
    case 'either':
      return spec.values.flatMap(namesIn);
    case 'range':
      return [...namesOf(spec.from), ...namesOf(spec.to)];
    case 'equals':
    case 'compare':
      return namesOf(spec.value);
  }
}

function namesOf(expression: Expression): string[] {
  switch (expression.kind) {
    case 'number':
      return [];
    case 'variable':
      return [`$${expression.name}`];
    case 'rfc':
      return [expression.name];
    case 'negate':
      return namesOf(expression.operand);
    case 'binary':
      return [...namesOf(expression.left), ...namesOf(expression.right)];
  }
}

function numberOf(expression: Expression, scope: Scope): number | undefined {
  if (expression.kind === 'number') return expression.value;
  try {
    return evaluate(expression, scope);
  } catch (error) {
    if (error instanceof ExpressionError) return undefined;
    throw error;
  }
}

/** -2^31..2^31-1, negative when `from` comes before `to`. */
function signedDistance(from: number, to: number): number {
  return (wrap(from) - wrap(to)) | 0;
}

function holds(op: '<' | '<=' | '>' | '>=' | '!=', distance: number): boolean {
  if (op === '<') return distance < 0;
  if (op === '<=') return distance <= 0;
  if (op === '>') return distance > 0;
  if (op === '>=') return distance >= 0;
  return distance !== 0;
}
