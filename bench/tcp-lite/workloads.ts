import { once } from 'node:events';
import type { BenchSocket, BenchStack } from './stacks.js';

/** Figures of one end; names end with their unit. */
export type Figures = Record<string, number>;

export interface Workload {
  name: 'bulk' | 'request-response' | 'one-by-one' | 'at-once' | 'held';
  /** Octets, round trips or connections. */
  amount: number;
}

export const PORT = 8080;

/** Resolves with the server's figures when the client is done. */
export async function serve(
  stack: BenchStack,
  { name, amount }: Workload,
  ready: () => void,
): Promise<Figures> {
  let sockets = 0;
  let octets = 0;
  let meter = new Meter();
  const done = new Promise<Figures>((resolve) => {
    void stack
      .listen(PORT, (socket) => {
        socket.on('error', () => socket.destroy());
        socket.setNoDelay(true);
        if (sockets++ === 0) meter = new Meter();
        if (name !== 'bulk') {
          socket.pipe(socket);
          socket.on('close', () => --sockets === 0 && name === 'held' && resolve({}));
          if (name === 'held' && sockets === amount) resolve(heldFigures(meter, amount));
          return;
        }
        socket.on('data', (data: Buffer) => (octets += data.length));
        socket.on('end', () => {
          const { seconds, cpuSeconds } = meter.stop();
          resolve({
            gbitPerSecond: (octets * 8) / seconds / 1e9,
            cpuSecondsPerGB: cpuSeconds / (octets / 1e9),
          });
        });
      })
      .then(ready);
  });
  return done;
}

export async function call(stack: BenchStack, { name, amount }: Workload): Promise<Figures> {
  switch (name) {
    case 'bulk':
      return bulk(stack, amount);
    case 'request-response':
      return requestResponse(stack, amount);
    case 'one-by-one':
      return connections(stack, amount, 1);
    case 'at-once':
      return connections(stack, amount, 500);
    case 'held':
      return held(stack, amount);
  }
}

async function bulk(stack: BenchStack, octets: number): Promise<Figures> {
  const socket = stack.connect(PORT);
  await once(socket, 'connect');
  const meter = new Meter();
  const piece = Buffer.alloc(65_536, 'x');
  for (let left = octets; left > 0; left -= piece.length) {
    if (!socket.write(left < piece.length ? piece.subarray(0, left) : piece)) await once(socket, 'drain');
  }
  socket.end();
  await once(socket.resume(), 'close');
  return { cpuSecondsPerGB: meter.stop().cpuSeconds / (octets / 1e9) };
}

async function requestResponse(stack: BenchStack, count: number): Promise<Figures> {
  const socket = stack.connect(PORT);
  await once(socket, 'connect');
  socket.setNoDelay(true);
  const request = Buffer.alloc(64, 'x');
  const warmUp = Math.ceil(count / 10);
  const times = new Float64Array(count);
  await new Promise<void>((resolve) => {
    let done = -warmUp;
    let sentAt = performance.now();
    let missing = request.length;
    socket.on('data', (data: Buffer) => {
      missing -= data.length;
      if (missing > 0) return;
      const now = performance.now();
      if (done >= 0) times[done] = now - sentAt;
      if (++done === count) {
        resolve();
        return;
      }
      missing = request.length;
      sentAt = now;
      socket.write(request);
    });
    socket.write(request);
  });
  socket.destroy();
  times.sort();
  const microseconds = (share: number) => times[Math.floor(count * share)]! * 1000;
  return { p50Us: microseconds(0.5), p90Us: microseconds(0.9), p99Us: microseconds(0.99) };
}

async function connections(stack: BenchStack, count: number, parallel: number): Promise<Figures> {
  const meter = new Meter();
  let next = 0;
  let failed = 0;
  const worker = async () => {
    while (next++ < count) if (!(await one(stack.connect(PORT)))) failed++;
  };
  await Promise.all(Array.from({ length: parallel }, worker));
  const { seconds, cpuSeconds } = meter.stop();
  return { perSecond: count / seconds, cpuUsEach: (cpuSeconds * 1e6) / count, failed };
}

/** Connects, exchanges one octet, closes. */
async function one(socket: BenchSocket): Promise<boolean> {
  let answered = false;
  socket.on('data', () => {
    answered = true;
    socket.end();
  });
  socket.on('error', () => socket.destroy());
  socket.write('x');
  await new Promise((resolve) => socket.once('close', resolve));
  return answered;
}

/** Opens connections and keeps them, then says what one costs. */
async function held(stack: BenchStack, count: number): Promise<Figures> {
  const meter = new Meter();
  const sockets: BenchSocket[] = [];
  let next = 0;
  const worker = async () => {
    while (next++ < count) {
      const socket = stack.connect(PORT);
      await once(socket, 'connect');
      sockets.push(socket);
    }
  };
  await Promise.all(Array.from({ length: 100 }, worker));
  const figures = heldFigures(meter, sockets.length);
  for (const socket of sockets) socket.destroy();
  return figures;
}

function heldFigures(meter: Meter, count: number): Figures {
  const { seconds, cpuSeconds } = meter.stop();
  global.gc?.();
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  void external;
  return {
    perSecond: count / seconds,
    cpuUsEach: (cpuSeconds * 1e6) / count,
    octetsEach: (heapUsed + arrayBuffers - meter.memory) / count,
  };
}

class Meter {
  readonly memory: number;
  private readonly start = performance.now();
  private readonly cpu = process.cpuUsage();

  constructor() {
    global.gc?.();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    this.memory = heapUsed + arrayBuffers;
  }

  stop(): { seconds: number; cpuSeconds: number } {
    const { user, system } = process.cpuUsage(this.cpu);
    return { seconds: (performance.now() - this.start) / 1000, cpuSeconds: (user + system) / 1e6 };
  }
}
