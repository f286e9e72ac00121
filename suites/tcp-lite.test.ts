import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { createLab } from '../netns/lab.js';
import type { Lab } from '../netns/lab.js';
import { withNamespace } from '../native/namespace.js';
import { PacketSocket } from '../native/packet-socket.js';
import { createTcpLite } from '../tcp-lite/net/stack.js';
import type { TcpLiteStack } from '../tcp-lite/net/stack.js';
import type { TcpSocket } from '../tcp-lite/net/socket.js';
import { LossyDevice } from './support/lossy-device.js';
import { pattern } from './support/octet-pattern.mjs';

// A busy machine is slow, not wrong.
jest.setTimeout(120_000);

const PEER = fileURLToPath(new URL('support/net-peer.mjs', import.meta.url));
const HUNDRED_MB = 100_000_000;

let lab: Lab;
let device: PacketSocket;
const stacks: TcpLiteStack[] = [];
const children: ChildProcess[] = [];

beforeAll(async () => {
  lab = await createLab({ kernelRst: 'allow', clientKernel: false, serverKernel: true });
  device = withNamespace(lab.client.path, () => PacketSocket.open(lab.client.interface));
});
afterEach(() => {
  for (const stack of stacks.splice(0)) stack.detach();
  for (const child of children.splice(0)) child.kill('SIGKILL');
});
afterAll(async () => {
  device.close();
  await lab.destroy();
});

/** TCP Lite at the client's end, losing that share of all frames. */
function tcpLite(loss = 0): TcpLiteStack {
  const { ipv4, ipv6, mac } = lab.client;
  device.discard();
  const stack = createTcpLite({
    ...{ device: loss === 0 ? device : new LossyDevice(device, loss), mac },
    addresses: [`${ipv4}/24`, `${ipv6}/64`],
  });
  stacks.push(stack);
  return stack;
}

/** Linux at the server's end; `line` gives what it prints, line by line, as JSON where it is. */
function linux(...args: (string | number)[]) {
  const child = lab.spawn('server', [process.execPath, PEER, ...args.map(String)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  return {
    line: async () => (await lines.next()).value as string,
    json: async () => JSON.parse((await lines.next()).value as string) as Record<string, unknown>,
  };
}

async function linuxServes(mode: string) {
  const server = linux('serve', 8080, mode);
  expect(await server.line()).toBe('listening');
  return server;
}

function digestOf(octets: number): string {
  const hash = createHash('sha256');
  for (let at = 0; at < octets; at += 65_536) hash.update(pattern(at, Math.min(65_536, octets - at)));
  return hash.digest('hex');
}

async function send(socket: TcpSocket, octets: number): Promise<void> {
  for (let at = 0; at < octets; at += 65_536) {
    if (!socket.write(pattern(at, Math.min(65_536, octets - at)))) await once(socket, 'drain');
  }
  socket.end();
}

async function receive(socket: TcpSocket) {
  const hash = createHash('sha256');
  let octets = 0;
  socket.on('data', (data: Buffer) => {
    hash.update(data);
    octets += data.length;
  });
  await once(socket, 'end');
  return { octets, sha256: hash.digest('hex') };
}

const peers = () => [lab.server.ipv4, lab.server.ipv6];

describe('TCP Lite and Linux', () => {
  test.each(['10.0.0.2', 'fd00::2'])('carry 100 MB from TCP Lite to %s', async (host) => {
    expect(peers()).toContain(host);
    const server = await linuxServes('sink');
    const socket = tcpLite().connect({ host, port: 8080 });
    await send(socket, HUNDRED_MB);
    expect(await server.json()).toEqual({ octets: HUNDRED_MB, sha256: digestOf(HUNDRED_MB) });
  });

  test('carry 100 MB from Linux to TCP Lite', async () => {
    await linuxServes(`source:${HUNDRED_MB}`);
    const socket = tcpLite().connect({ host: lab.server.ipv4, port: 8080 });
    expect(await receive(socket)).toEqual({ octets: HUNDRED_MB, sha256: digestOf(HUNDRED_MB) });
  });

  test('carry 5 MB each way although every 50th frame is lost, with all of Linux’s options', async () => {
    const octets = 5_000_000;
    const stack = tcpLite(0.02);
    await linuxServes(`source:${octets}`);
    const down = stack.connect({ host: lab.server.ipv4, port: 8080 });
    expect(await receive(down)).toEqual({ octets, sha256: digestOf(octets) });
    const status = down.status()!;
    expect([status.sack, status.timestamps, status.windowScale !== undefined]).toEqual([true, true, true]);
    const accepted = new Promise<TcpSocket>((resolve) => stack.listen({ port: 9090 }, resolve));
    const puller = linux('pull', lab.client.ipv4, 9090);
    await send(await accepted, octets);
    expect(await puller.json()).toEqual({ octets, sha256: digestOf(octets) });
    expect(stack.host.tcp.counters.retransmissions).toBeGreaterThan(0);
  });

  test('make 1,000 connections one after another, either calling', async () => {
    const stack = tcpLite();
    stack.listen({ port: 7 }, (socket) => socket.pipe(socket));
    const caller = linux('connect', lab.client.ipv4, 7, 1000, 1);
    expect(await caller.json()).toEqual({ good: 1000 });
    await linuxServes('echo');
    for (let i = 0; i < 1000; i++) expect(await echo(stack, `number ${i}`)).toBe(`number ${i}`);
  });

  test('make 500 connections at once, either calling', async () => {
    const stack = tcpLite();
    stack.listen({ port: 7, backlog: 500 }, (socket) => socket.pipe(socket));
    const caller = linux('connect', lab.client.ipv4, 7, 500, 500);
    expect(await caller.json()).toEqual({ good: 500 });
    await linuxServes('echo');
    const answers = await Promise.all(Array.from({ length: 500 }, (_, i) => echo(stack, `number ${i}`)));
    expect(answers).toEqual(Array.from({ length: 500 }, (_, i) => `number ${i}`));
  });

  test('close one half at a time', async () => {
    const server = await linuxServes('sink');
    const socket = tcpLite().connect({ host: lab.server.ipv4, port: 8080, allowHalfOpen: true });
    socket.end(Buffer.from('half'));
    socket.resume();
    await once(socket, 'end');
    expect(await server.json()).toMatchObject({ octets: 4 });
    expect(socket.status()!.state).toBe('TIME-WAIT');
  });

  test('abort: each sees the other’s reset', async () => {
    const server = await linuxServes('echo');
    const stack = tcpLite();
    const socket = stack.connect({ host: lab.server.ipv4, port: 8080 });
    await once(socket, 'connect');
    socket.write('x');
    await once(socket, 'data');
    socket.resetAndDestroy();
    expect(await server.json()).toEqual({ error: 'ECONNRESET' });
    const refused = stack.connect({ host: lab.server.ipv4, port: 1 });
    await expect(once(refused, 'connect')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});

async function echo(stack: TcpLiteStack, text: string): Promise<string> {
  const socket = stack.connect({ host: lab.server.ipv4, port: 8080 });
  let answer = '';
  socket.on('data', (data: Buffer) => (answer += data.toString()));
  socket.end(text);
  await once(socket, 'close');
  return answer;
}
