import { expect, test } from '@jest/globals';
import type { IutAction } from '../../../harness/case/model.js';
import { responseDifferences } from '../../../harness/match/iut-response.js';

const returns = (expected: Record<string, unknown>): IutAction => ({
  op: 'receive',
  args: {},
  expect: expected,
});

test.each([{ data: 'héllo' }, { hex: '68C3A96C6C6F' }])(
  'octets are counted where the stack only tells them: %j',
  (told) => {
    expect(responseDifferences(returns({ bytes: 6 }), { id: 1, ok: true, ...told })).toEqual([]);
    expect(responseDifferences(returns({ hex: '68c3a96c6c6f' }), { id: 1, ok: true, ...told })).toEqual([]);
    expect(responseDifferences(returns({ bytes: 5 }), { id: 1, ok: true, ...told })).toEqual([
      { field: 'bytes', expected: '5', actual: '6' },
    ]);
  },
);

test('a stack that tells nothing is told so', () => {
  expect(responseDifferences(returns({ bytes: 5 }), { id: 1, ok: true })).toEqual([
    { field: 'bytes', expected: '5', actual: 'nothing' },
  ]);
});

test('a list admits each of its values', () => {
  const action = returns({ error: ['ETIMEDOUT', 'ECONNABORTED'] });
  expect(responseDifferences(action, { id: 1, ok: false, error: 'ECONNABORTED' })).toEqual([]);
  expect(responseDifferences(action, { id: 1, ok: false, error: 'ECONNRESET' })).toEqual([
    { field: 'error', expected: '"ETIMEDOUT" or "ECONNABORTED"', actual: '"ECONNRESET"' },
  ]);
});
