import { expect, test } from '@jest/globals';
import type { UpperTester } from '../../../harness/upper-tester/protocol.js';
import { withOptions } from '../../../harness/upper-tester/with-options.js';

type Request = Parameters<UpperTester['request']>[0];

test('sockets that are opened get the options, those of the case first; other requests pass as they are', async () => {
  const seen: Request[] = [];
  const upper: UpperTester = {
    request: (request) => {
      seen.push(request);
      return Promise.resolve({ id: 1, ok: true });
    },
  };
  const tester = withOptions(upper, { congestion: 'reno', noDelay: true });
  await tester.request({ op: 'listen', port: 1 });
  await tester.request({ op: 'connect', address: 'a', port: 2, options: { congestion: 'cubic' } });
  await tester.request({ op: 'set', connection: 1, options: { ttl: 3 } });
  expect(seen).toEqual([
    { op: 'listen', port: 1, options: { congestion: 'reno', noDelay: true } },
    { op: 'connect', address: 'a', port: 2, options: { congestion: 'cubic', noDelay: true } },
    { op: 'set', connection: 1, options: { ttl: 3 } },
  ]);
  expect(withOptions(upper, {})).toBe(upper);
});
