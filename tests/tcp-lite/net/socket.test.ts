import { describe, expect, test } from '@jest/globals';
import { createHash, randomBytes } from 'node:crypto';
import { type EventEmitter, once } from 'node:events';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { SocketError } from '../../../tcp-lite/net/errors.js';
import type { TcpSocket } from '../../../tcp-lite/net/socket.js';
import { makeLan } from './cable.js';

const EVENTS = ['connect', 'ready', 'data', 'end', 'finish', 'error', 'close'];

/** Names of the events that a net.Socket tells its life by, in order; data with its text, close with its argument. */
function diary(socket: TcpSocket): string[] {
  const entries: string[] = [];
  for (const name of EVENTS) {
    socket.on(name, (argument?: unknown) =>
      entries.push(
        argument === undefined ? name : `${name} ${String((argument as Error).message ?? argument)}`,
      ),
    );
  }
  return entries;
}

const closed = (emitter: EventEmitter) => new Promise((resolve) => emitter.once('close', resolve));

describe('a socket', () => {
  test.each(['10.0.0.2', 'fd00::2'])(
    'tells its life as net does, and so does its server: %s',
    async (host) => {
      const { a, b } = makeLan();
      let served: string[] = [];
      const server = b.listen({ port: 7 }, (socket) => {
        served = diary(socket);
        socket.pipe(socket);
      });
      await once(server, 'listening');
      expect(server.address()).toEqual({ address: '0.0.0.0', family: 'IPv4', port: 7 });
      const socket = a.connect({ host, port: 7, localPort: 4000 });
      expect([socket.connecting, socket.readyState]).toEqual([true, 'opening']);
      const told = diary(socket);
      socket.end('hello');
      await closed(socket);
      expect(told).toEqual(['connect', 'ready', 'finish', 'data hello', 'end', 'close false']);
      await new Promise((resolve) => server.close(resolve));
      expect(served).toEqual(['data hello', 'end', 'finish', 'close false']);
      expect([socket.bytesRead, socket.bytesWritten]).toEqual([5, 5]);
    },
  );

  test('knows both ends', async () => {
    const { a, b } = makeLan();
    const server = b.listen({ port: 0 });
    const socket = a.connect({ host: '10.0.0.2', port: server.address()!.port, localPort: 4000 });
    const [other] = (await once(server, 'connection')) as [TcpSocket];
    expect([socket.remoteAddress, socket.remotePort, socket.remoteFamily]).toEqual([
      '10.0.0.2',
      server.address()!.port,
      'IPv4',
    ]);
    expect([other.remoteAddress, other.remotePort, other.localAddress]).toEqual([
      '10.0.0.1',
      4000,
      '10.0.0.2',
    ]);
    expect(socket.address()).toEqual({ address: '10.0.0.1', family: 'IPv4', port: 4000 });
    other.destroy();
    socket.destroy();
    server.close();
  });

  test('that nobody wants fails as in net', async () => {
    const { a } = makeLan();
    const socket = a.connect({ host: '10.0.0.2', port: 9 });
    const told = diary(socket);
    const end = closed(socket);
    const [error] = (await once(socket, 'error')) as [SocketError];
    await end;
    expect(told).toEqual(['error connect ECONNREFUSED 10.0.0.2:9', 'close true']);
    const { code, errno, syscall, address, port } = error;
    expect({ code, errno, syscall, address, port }).toEqual({
      ...{ code: 'ECONNREFUSED', errno: -111, syscall: 'connect' },
      ...{ address: '10.0.0.2', port: 9 },
    });
  });

  test.each([
    ['an address beyond the network', { host: '192.0.2.1', port: 9 }, 'connect ETIMEDOUT 192.0.2.1:9'],
    ['no address', { host: 'example', port: 9 }, 'connect EINVAL example:9'],
    ['a multicast address', { host: '224.0.0.1', port: 9 }, 'connect EINVAL 224.0.0.1:9'],
  ])('to %s fails with an event', async (_, where, message) => {
    const { a } = makeLan();
    const socket = a.connect({ ...where, userTimeoutMs: 100 });
    const end = closed(socket);
    const [error] = (await once(socket, 'error')) as [SocketError];
    expect(error.message).toBe(message);
    await end;
  });

  test('is reset by resetAndDestroy', async () => {
    const { a, b } = makeLan();
    const server = b.listen({ port: 7 });
    const socket = a.connect({ host: '10.0.0.2', port: 7 });
    const [other] = (await once(server, 'connection')) as [TcpSocket];
    const told = diary(other);
    const own = diary(socket);
    await Promise.all([closed(other), closed(socket), Promise.resolve(socket.resetAndDestroy())]);
    expect(told).toEqual(['error read ECONNRESET', 'close true']);
    expect(own).toEqual(['close false']);
    server.close();
  });

  test('may stay half open when told to', async () => {
    const { a, b } = makeLan();
    const server = b.listen({ port: 7, allowHalfOpen: true }, (socket) => {
      socket.resume();
      socket.on('end', () => setTimeout(() => socket.end('late'), 20));
    });
    const socket = a.connect({ host: '10.0.0.2', port: 7 });
    const told = diary(socket);
    socket.end();
    await closed(socket);
    expect(told).toEqual(['connect', 'ready', 'finish', 'data late', 'end', 'close false']);
    server.close();
  });

  test('tells of idleness', async () => {
    const { a, b } = makeLan();
    const server = b.listen({ port: 7 });
    const socket = a.connect({ host: '10.0.0.2', port: 7 });
    socket.setTimeout(20);
    await once(socket, 'timeout');
    expect(socket.destroyed).toBe(false);
    socket.destroy();
    server.close();
  });

  test('holds a writer back while nobody reads, and loses nothing', async () => {
    const { a, b } = makeLan({ config: {} });
    const data = randomBytes(3_000_000);
    let accepted: TcpSocket | undefined;
    const server = b.listen({ port: 7, pauseOnConnect: true }, (socket) => (accepted = socket));
    const socket = a.connect({ host: '10.0.0.2', port: 7 });
    const sent = pipeline(Readable.from(chunksOf(data, 50_000)), socket);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(socket.bytesWritten).toBeLessThan(800_000);
    const hash = createHash('sha256');
    accepted!.on('data', (piece: Buffer) => hash.update(piece)).resume();
    await Promise.all([sent, once(accepted!, 'end')]);
    expect(hash.digest('hex')).toBe(createHash('sha256').update(data).digest('hex'));
    expect(a.host.tcp.counters.retransmissions).toBe(0);
    server.close();
  });

  test('survives loss', async () => {
    const { a, b, cableA, cableB } = makeLan();
    let count = 0;
    cableA.passes = cableB.passes = () => ++count % 11 !== 0;
    const server = b.listen({ port: 7 }, (socket) => socket.pipe(socket));
    const data = randomBytes(200_000);
    const socket = a.connect({ host: '10.0.0.2', port: 7 });
    socket.end(data);
    const received: Buffer[] = [];
    for await (const piece of socket) received.push(piece as Buffer);
    expect(Buffer.concat(received).equals(data)).toBe(true);
    expect(a.host.tcp.counters.retransmissions).toBeGreaterThan(0);
    server.close();
  });

  test('sends urgent data and tells of it', async () => {
    const { a, b } = makeLan();
    const server = b.listen({ port: 7 });
    const socket = a.connect({ host: '10.0.0.2', port: 7 });
    const [other] = (await once(server, 'connection')) as [TcpSocket];
    const urgent = once(other, 'urgent');
    expect(socket.sendUrgent(Buffer.from('!'))).toBe(1);
    await urgent;
    socket.destroy();
    other.destroy();
    server.close();
  });
});

describe('a server', () => {
  test('on a taken port fails as in net', async () => {
    const { b } = makeLan();
    const first = b.listen({ port: 7 });
    const second = b.listen({ port: 7 });
    const [error] = (await once(second, 'error')) as [SocketError];
    expect([error.message, error.code]).toEqual(['listen EADDRINUSE 0.0.0.0:7', 'EADDRINUSE']);
    first.close();
  });

  test('that closes waits for its connections, and refuses new ones', async () => {
    const { a, b } = makeLan();
    const server = b.listen({ port: 7 });
    const socket = a.connect({ host: '10.0.0.2', port: 7 });
    await once(server, 'connection');
    let over = false;
    server.close(() => (over = true));
    const refused = a.connect({ host: '10.0.0.2', port: 7 });
    const [error] = (await once(refused, 'error')) as [SocketError];
    expect([error.code, over]).toEqual(['ECONNREFUSED', false]);
    const end = closed(server);
    socket.end();
    await end;
    expect(over).toBe(true);
  });

  test('takes no more than maxConnections', async () => {
    const { a, b } = makeLan();
    const server = b.listen({ port: 7 });
    server.maxConnections = 1;
    const first = a.connect({ host: '10.0.0.2', port: 7 });
    await once(server, 'connection');
    const second = a.connect({ host: '10.0.0.2', port: 7 });
    const [error] = (await once(second, 'error')) as [SocketError];
    expect(error.code).toBe('ECONNRESET');
    first.destroy();
    server.close();
  });

  test('takes 200 connections at once', async () => {
    const { a, b } = makeLan();
    const server = b.listen({ port: 7, backlog: 200 }, (socket) => socket.pipe(socket));
    const answers = await Promise.all(
      Array.from({ length: 200 }, async (_, index) => {
        const socket = a.connect({ host: '10.0.0.2', port: 7 });
        socket.end(`number ${index}`);
        let text = '';
        for await (const piece of socket) text += String(piece);
        return text;
      }),
    );
    expect(answers).toEqual(Array.from({ length: 200 }, (_, index) => `number ${index}`));
    server.close();
  });
});

describe('the process', () => {
  test('is kept alive by connections and listeners, and by nothing else', async () => {
    const { a, b, cableA, cableB } = makeLan();
    expect([cableA.referenced, cableB.referenced]).toEqual([false, false]);
    const server = b.listen({ port: 7 });
    expect(cableB.referenced).toBe(true);
    const socket = a.connect({ host: '10.0.0.2', port: 7 });
    expect(cableA.referenced).toBe(true);
    socket.unref();
    expect(cableA.referenced).toBe(false);
    socket.ref();
    const [other] = (await once(server, 'connection')) as [TcpSocket];
    server.close();
    expect(cableB.referenced).toBe(true);
    socket.end();
    other.resume();
    await Promise.all([closed(socket), closed(other)]);
    // The server's FIN may still be on its way.
    while (b.host.tcp.connectionCount > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect([cableA.referenced, cableB.referenced]).toEqual([false, false]);
  });
});

function* chunksOf(data: Buffer, size: number): Generator<Buffer> {
  for (let at = 0; at < data.length; at += size) yield data.subarray(at, at + size);
}
