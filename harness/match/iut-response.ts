import type { IutAction } from '../case/model.js';
import type { UpperResponse } from '../upper-tester/protocol.js';
import type { Difference } from './verdict.js';

/** Where an upper tester's response is not what the step says it returns; a list of values admits each of them. */
export function responseDifferences({ expect = {} }: IutAction, response: UpperResponse): Difference[] {
  return Object.entries(expect).flatMap(([key, expected]) => {
    const actual = valueOf(key, response);
    const admitted: unknown[] = Array.isArray(expected) ? expected : [expected];
    if (admitted.some((one) => show(one) === show(actual))) return [];
    return [{ field: key, expected: admitted.map(show).join(' or '), actual: show(actual) }];
  });
}

/** `ok=false error=ECONNRESET`: the parts of a response that can be required. */
export function responseText(response: Readonly<Record<string, unknown>>): string {
  const parts = RETURN_KEYS.filter((key) => response[key] !== undefined).map(
    (key) =>
      `${key}=${String(typeof response[key] === 'string' && key === 'data' ? show(response[key]) : response[key])}`,
  );
  return parts.length === 0 ? 'nothing' : parts.join(' ');
}

const RETURN_KEYS = ['ok', 'error', 'data', 'hex', 'bytes', 'end', 'state'] as const;

/** Data is told as text or as hex, whichever the stack chose, and says its length; `end` is false where nothing is said. */
function valueOf(key: string, response: UpperResponse): unknown {
  if (key === 'end') return response.end ?? false;
  if (key === 'data') {
    return (
      response.data ?? (response.hex === undefined ? '' : Buffer.from(response.hex, 'hex').toString('latin1'))
    );
  }
  if (key === 'hex') {
    return response.hex?.toLowerCase() ?? Buffer.from(response.data ?? '', 'utf8').toString('hex');
  }
  if (key === 'bytes' && (response.data ?? response.hex) !== undefined)
    return response.hex === undefined ? Buffer.byteLength(response.data ?? '') : response.hex.length / 2;
  return response[key];
}

function show(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}
