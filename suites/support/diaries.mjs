// What happens to two sockets in the situations that programs meet, event by event. Run with `net` (as a program) and
// with TCP Lite (from a suite), so that the two can be compared.
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

const PORT = 7000;
const EVENTS = ['lookup', 'connect', 'ready', 'data', 'end', 'finish', 'drain', 'timeout', 'error', 'close'];

/** Each takes the two ends and resolves when the situation is over. */
const SITUATIONS = {
  'the client ends first': async ({ client, server }) => {
    server.pipe(server);
    client.end('hello');
    await Promise.all([closed(client), closed(server)]);
  },
  'the server ends first': async ({ client, server }) => {
    server.end('bye');
    await Promise.all([closed(client), closed(server)]);
  },
  'both end at once': async ({ client, server }) => {
    client.end('a');
    server.end('b');
    await Promise.all([closed(client), closed(server)]);
  },
  'the client is destroyed': async ({ client, server }) => {
    client.destroy();
    await Promise.all([closed(client), closed(server)]);
  },
  'the client is destroyed with an error': async ({ client, server }) => {
    client.destroy(new Error('of its own'));
    await Promise.all([closed(client), closed(server)]);
  },
  'the client resets': async ({ client, server }) => {
    client.resetAndDestroy();
    await Promise.all([closed(client), closed(server)]);
  },
  'the server is destroyed over data that it has not read': async ({ client, server }) => {
    server.pause();
    client.write('unread');
    await sleep(100);
    server.destroy();
    await Promise.all([closed(client), closed(server)]);
  },
  'the server destroys soon': async ({ client, server }) => {
    server.write('last words');
    server.destroySoon();
    await Promise.all([closed(client), closed(server)]);
  },
  'the client writes after its end': async ({ client, server }) => {
    client.end();
    client.write('too late');
    await Promise.all([closed(client), closed(server)]);
  },
  'the client is idle': async ({ client, server }) => {
    client.setTimeout(50, () => client.end());
    await Promise.all([closed(client), closed(server)]);
  },
  'the halves close one by one': async ({ client, server }) => {
    client.end('question');
    await once(server, 'end');
    await sleep(50);
    server.end('answer');
    await Promise.all([closed(client), closed(server)]);
  },
};

/** Settings of `createServer` and `connect` where a situation needs any. */
const SETTINGS = { 'the halves close one by one': { allowHalfOpen: true } };

/**
 * `ends.createServer` and `ends.connect` as those of `net`. Returns, for each situation, what client and server saw.
 * @param {{ host: string, createServer: Function, connect: Function }} ends
 */
export async function diaries({ host, createServer, connect }) {
  const all = {};
  for (const [name, situation] of Object.entries(SITUATIONS)) {
    const settings = SETTINGS[name] ?? {};
    const listener = createServer(settings);
    listener.listen(PORT, host);
    await once(listener, 'listening');
    const connected = once(listener, 'connection');
    const client = connect({ host, port: PORT, ...settings });
    const seenByClient = diary(client);
    await once(client, 'connect');
    const [server] = await connected;
    const seenByServer = diary(server);
    await situation({ client, server });
    listener.close();
    all[name] = { client: seenByClient, server: seenByServer };
  }
  const refused = connect({ host, port: PORT });
  const seen = diary(refused);
  await closed(refused);
  all['nobody listens'] = { client: seen.map((entry) => entry.replace(host, 'HOST')) };
  return all;
}

function diary(socket) {
  const entries = [];
  for (const name of EVENTS) {
    socket.on(name, (argument) =>
      entries.push(argument === undefined ? name : `${name} ${argument.code ?? argument}`),
    );
  }
  return entries;
}

function closed(socket) {
  return new Promise((resolve) => socket.once('close', resolve));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const net = await import('node:net');
  process.stdout.write(JSON.stringify(await diaries({ host: '127.0.0.1', ...net.default })));
}
