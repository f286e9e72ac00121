import { expect, test } from '@jest/globals';
import { IutStartError } from '../../../harness/run/program.js';
import { StartFailures } from '../../../harness/run/start-failures.js';

const LATE = new IutStartError('mine was not ready within 15 s', 'it printed: nothing');
const MISSING = new IutStartError('mine cannot be started', 'correct the command', true);

test('a program that does not come up in three cases is given up', () => {
  const starts = new StartFailures();
  starts.failedWith('mine', LATE);
  starts.failedWith('mine', LATE);
  expect(starts.hopeless('mine')).toBeUndefined();
  starts.failedWith('mine', LATE);
  const given = starts.hopeless('mine');
  expect(given).toMatchObject({ message: `not run, since ${LATE.message}`, remedy: LATE.remedy });
  starts.failedWith('mine', given!);
  expect(starts.hopeless('mine')).toMatchObject({ message: `not run, since ${LATE.message}` });
  expect(starts.hopeless('another')).toBeUndefined();
});

test('one that is not there is given up at once', () => {
  const starts = new StartFailures();
  starts.failedWith('mine', MISSING);
  expect(starts.hopeless('mine')?.isFinal).toBe(true);
});

test('one that came up once is not given up', () => {
  const starts = new StartFailures();
  starts.cameUp('mine');
  for (let times = 0; times < 5; times++) starts.failedWith('mine', LATE);
  expect(starts.hopeless('mine')).toBeUndefined();
});
