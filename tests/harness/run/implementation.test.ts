import { describe, expect, test } from '@jest/globals';
import { deviationFor, parseImplementation } from '../../../harness/run/implementation.js';

describe('known deviations', () => {
  const stack = parseImplementation(
    `name: mine
attach: tap
server: { command: [echo] }
deviations:
  - case: [a, "b[*last]", "c*"]
    reason: several
  - { case: "d[x]@ipv6", reason: one, varies: true }
`,
    'mine.yaml',
  );

  test('an entry may name several cases', () => {
    expect(stack.deviations.map((deviation) => deviation.case)).toEqual(['a', 'b[*last]', 'c*', 'd[x]@ipv6']);
    expect(stack.deviations.map(({ varies }) => varies)).toEqual([false, false, false, true]);
  });

  test.each([
    ['a', 'several'],
    ['a[row]', 'several'],
    ['a@ipv6', 'several'],
    ['ab', undefined],
    ['b[at-last]', 'several'],
    ['b[last]@ipv6', 'several'],
    ['b[first]', undefined],
    ['cd[e]@ipv6', 'several'],
    ['d[x]', undefined],
    ['d[x]@ipv6', 'one'],
  ])('%s', (id, reason) => {
    expect(deviationFor(stack, id)?.reason).toBe(reason);
  });
});

test('options of a stack are spelled as in cases', () => {
  const stack = parseImplementation(
    'name: mine\nattach: tap\nserver: { command: [echo] }\noptions: { congestion: reno, no-delay: true }\n',
    'mine.yaml',
  );
  expect(stack.options).toEqual({ congestion: 'reno', noDelay: true });
});
