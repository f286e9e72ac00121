import { once } from 'node:events';
import { pipeline } from 'node:stream/promises';
import type { TcpSocket } from '../net/socket.js';
import { fail, UsageError } from './failure.js';
import type { StackArguments } from './main.js';
import { connectionOptions, makeStack } from './make-stack.js';
import { repeated } from './patterns.js';
import { closeOnSignal } from './signals.js';

export interface ClientOptions extends StackArguments {
  peer: string;
  port: number;
  localPort?: number;
  send?: string[];
  bulk?: number;
  receive?: number;
  close: 'first' | 'after-peer' | 'abort';
  timeout?: number;
}

/** One connection from SYN to the end; what arrives goes to standard output. */
export async function runClient(options: ClientOptions): Promise<void> {
  const { peer, port, localPort, timeout } = options;
  if (port === 0) throw new UsageError('--port 0 cannot be connected to');
  const stack = makeStack(options);
  closeOnSignal(stack);
  const socket = stack.connect({
    ...connectionOptions(options),
    ...{ host: peer, port, allowHalfOpen: true },
    ...(localPort === undefined ? {} : { localPort }),
  });
  const received = new Received(socket);
  if (timeout !== undefined) socket.setTimeout(timeout, () => socket.destroy(timedOut(timeout)));
  let failure: Error | undefined;
  socket.once('error', (error) => (failure = error));
  const closed = new Promise((resolve) => socket.once('close', resolve));
  try {
    await once(socket, 'connect');
    await transmit(socket, options);
    if (options.receive !== undefined) await received.atLeast(options.receive);
    await finish(socket, options, received);
  } catch (error) {
    failure ??= error as Error;
    socket.destroy();
  }
  await closed;
  if (failure !== undefined) fail(failure);
}

async function transmit(socket: TcpSocket, { send, bulk }: ClientOptions): Promise<void> {
  for (const text of send ?? []) await write(socket, Buffer.from(text));
  if (bulk !== undefined) {
    const start = performance.now();
    await pipeline(repeated(Buffer.alloc(65_536, 'x'), bulk), socket, { end: false });
    const seconds = (performance.now() - start) / 1000;
    process.stderr.write(`${bulk} octets in ${seconds.toFixed(3)} s, ${rate(bulk, seconds)} Gbit/s\n`);
  }
  if (send === undefined && bulk === undefined) await pipeline(process.stdin, socket, { end: false });
}

async function finish(socket: TcpSocket, options: ClientOptions, received: Received): Promise<void> {
  switch (options.close) {
    case 'abort':
      socket.resetAndDestroy();
      return;
    case 'after-peer':
      await received.end;
      socket.end();
      return;
    case 'first':
      socket.end();
      await received.end;
  }
}

/** Copies what arrives to standard output and tells how much it was. */
class Received {
  readonly end: Promise<void>;
  private octets = 0;
  private wanted = Infinity;
  private enough: () => void = () => undefined;

  constructor(socket: TcpSocket) {
    socket.on('data', (data: Buffer) => {
      this.octets += data.length;
      if (!process.stdout.write(data)) {
        socket.pause();
        process.stdout.once('drain', () => socket.resume());
      }
      if (this.octets >= this.wanted) this.enough();
    });
    this.end = new Promise((resolve, reject) => {
      socket.once('end', resolve);
      socket.once('error', reject);
      socket.once('close', () => resolve());
    });
    // Reported where it is waited for; a failed connect is reported by the connect.
    this.end.catch(() => undefined);
  }

  /** Rejects when the stream ends before. */
  async atLeast(octets: number): Promise<void> {
    if (this.octets >= octets) return;
    this.wanted = octets;
    await Promise.race([new Promise<void>((resolve) => (this.enough = resolve)), this.end]);
    if (this.octets >= octets) return;
    const message = `the stream ended after ${this.octets} of ${octets} octets`;
    throw Object.assign(new Error(message), { code: 'ESHORT' });
  }
}

function write(socket: TcpSocket, data: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.write(data, (error) => (error ? reject(error) : resolve()));
  });
}

function timedOut(timeoutMs: number): Error {
  return Object.assign(new Error(`nothing came or went for ${timeoutMs} ms`), { code: 'ETIMEDOUT' });
}

function rate(octets: number, seconds: number): string {
  return ((octets * 8) / seconds / 1e9).toFixed(3);
}
