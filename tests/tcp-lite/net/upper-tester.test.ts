import { expect, test } from '@jest/globals';
import { createUpperTester } from '../../../tcp-lite/net/upper-tester.js';
import { makeLan } from './cable.js';

function testers() {
  const { a, b } = makeLan();
  return [createUpperTester(a), createUpperTester(b)] as const;
}

/** An established connection: its number at the client, its number at the server. */
async function connected([client, server]: ReturnType<typeof testers>) {
  const { listener } = await server.request({ op: 'listen', port: 7 });
  const accepting = server.request({ op: 'accept', listener: listener! });
  const { connection } = await client.request({
    op: 'connect',
    address: '10.0.0.2',
    port: 7,
    localPort: 4000,
  });
  expect(await client.request({ op: 'wait', connection: connection! })).toEqual({
    id: 0,
    ok: true,
    state: 'ESTABLISHED',
  });
  const accepted = await accepting;
  expect(accepted).toMatchObject({ ok: true, peer: { address: '10.0.0.1', port: 4000 } });
  return [connection!, accepted.connection!, listener!] as const;
}

test('a session from listen to close', async () => {
  const both = testers();
  const [client, server] = both;
  const [out, inn] = await connected(both);
  expect(await client.request({ op: 'send', connection: out, data: 'ab', repeat: 3 })).toMatchObject({
    ok: true,
    bytes: 6,
  });
  expect(await server.request({ op: 'receive', connection: inn, bytes: 6 })).toMatchObject({
    ...{ ok: true, hex: '616261626162', bytes: 6 },
  });
  await client.request({ op: 'shutdown', connection: out });
  expect(await server.request({ op: 'receive', connection: inn })).toMatchObject({
    ok: true,
    end: true,
    bytes: 0,
  });
  await server.request({ op: 'send', connection: inn, hex: '00ff' });
  await server.request({ op: 'close', connection: inn });
  expect(await client.request({ op: 'receive', connection: out, bytes: 100 })).toMatchObject({
    ...{ ok: true, hex: '00ff', bytes: 2, end: true },
  });
  expect(await client.request({ op: 'status', connection: out })).toMatchObject({
    ok: true,
    state: 'TIME-WAIT',
  });
});

test('errors come as codes', async () => {
  const both = testers();
  const [client, server] = both;
  const { connection } = await client.request({ op: 'connect', address: '10.0.0.2', port: 9 });
  expect(await client.request({ op: 'wait', connection: connection! })).toMatchObject({
    ok: false,
    error: 'ECONNREFUSED',
  });
  const [out, inn] = await connected(both);
  const waiting = server.request({ op: 'receive', connection: inn, bytes: 1 });
  await client.request({ op: 'abort', connection: out });
  expect(await waiting).toMatchObject({ ok: false, error: 'ECONNRESET', bytes: 0 });
  expect(await client.request({ op: 'send', connection: out, data: 'x' })).toMatchObject({
    ok: false,
    error: 'ECONNABORTED',
  });
  expect(await client.request({ op: 'send', connection: 99, data: 'x' })).toMatchObject({
    ok: false,
    error: 'EBADF',
  });
});

test('what it does not know is unsupported', async () => {
  const [client] = testers();
  const options = { colour: 'red' };
  expect(await client.request({ op: 'connect', address: '10.0.0.2', port: 9, options })).toMatchObject({
    ok: false,
    error: 'unsupported',
  });
  expect(await client.request({ op: 'dance' } as never)).toMatchObject({ ok: false, error: 'unsupported' });
});

test('waiting ends at the timeout', async () => {
  const both = testers();
  const [, server] = both;
  const [, inn, listener] = await connected(both);
  expect(await server.request({ op: 'accept', listener, timeoutMs: 10 })).toMatchObject({
    ok: false,
    error: 'ETIMEDOUT',
  });
  expect(await server.request({ op: 'receive', connection: inn, bytes: 5, timeoutMs: 10 })).toMatchObject({
    ok: true,
    bytes: 0,
  });
  const accepting = server.request({ op: 'accept', listener });
  await server.request({ op: 'close', listener });
  expect(await accepting).toMatchObject({ ok: false, error: 'ECONNABORTED' });
});

test('a large send waits for the reader', async () => {
  const both = testers();
  const [client, server] = both;
  const [out, inn] = await connected(both);
  const sending = client.request({ op: 'send', connection: out, data: 'x', repeat: 1_000_000 });
  const state = await Promise.race([sending, new Promise((resolve) => setTimeout(resolve, 100, 'waiting'))]);
  expect(state).toBe('waiting');
  const read = await server.request({ op: 'receive', connection: inn, bytes: 1_000_000 });
  expect(read.bytes).toBe(1_000_000);
  expect(await sending).toMatchObject({ ok: true, bytes: 1_000_000 });
});
