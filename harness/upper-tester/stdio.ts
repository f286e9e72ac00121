import type { ChildProcess } from 'node:child_process';
import type { DistributiveOmit, UpperRequest, UpperResponse, UpperTester } from './protocol.js';
import { payloadOf } from './sockets/upper-tester.js';

type Request = DistributiveOmit<UpperRequest, 'id'>;

/** What a plain program can be started as. */
export interface PlainProgram {
  /** Starts it; `port` is the one it is to listen on or connect to. */
  start(role: 'listen' | 'connect', port: number): ChildProcess;
  /** Resolves when a server listens. */
  listening(child: ChildProcess): Promise<void>;
}

const LISTENER = 1;
const CONNECTION = 2;

/**
 * A plain program whose standard streams are its connection, as netcat's are: what the case sends goes to its input, what
 * it prints is what it received, closing its input closes the connection. One connection a program.
 */
export class StdioUpperTester implements UpperTester {
  private child: ChildProcess | undefined;
  private readonly received: Buffer[] = [];
  private ended = false;
  private readonly waiting = new Set<() => void>();

  constructor(private readonly program: PlainProgram) {}

  async request(request: Request): Promise<UpperResponse> {
    return { id: 0, ...(await this.perform(request)) };
  }

  /** The program, once it was started. */
  get process(): ChildProcess | undefined {
    return this.child;
  }

  private async perform(request: Request): Promise<Omit<UpperResponse, 'id'> & { ok: boolean }> {
    switch (request.op) {
      case 'listen': {
        const child = this.start('listen', request.port);
        await this.program.listening(child);
        return { ok: true, listener: LISTENER };
      }
      case 'connect':
        this.start('connect', request.port);
        return { ok: true, connection: CONNECTION };
      case 'accept':
        return { ok: true, connection: CONNECTION };
      case 'wait':
        return { ok: true };
      case 'send':
        this.child?.stdin?.write(payloadOf(request));
        return { ok: true };
      case 'receive':
        return this.receive(request.bytes ?? 1, request.bytes === undefined, request.timeoutMs ?? Infinity);
      case 'shutdown':
      case 'close':
        this.child?.stdin?.end();
        return { ok: true };
      case 'abort':
        this.child?.kill('SIGKILL');
        return { ok: true };
      case 'set':
      case 'status':
        return { ok: false, error: 'unsupported', message: `a plain program cannot ${request.op}` };
    }
  }

  private start(role: 'listen' | 'connect', port: number): ChildProcess {
    const child = this.program.start(role, port);
    this.child = child;
    child.stdout?.on('data', (chunk: Buffer) => {
      this.received.push(chunk);
      this.wakeAll();
    });
    const end = () => {
      this.ended = true;
      this.wakeAll();
    };
    child.stdout?.on('end', end);
    child.once('error', end);
    return child;
  }

  private async receive(least: number, any: boolean, timeoutMs: number) {
    const deadline = performance.now() + timeoutMs;
    const have = () => this.received.reduce((sum, chunk) => sum + chunk.length, 0);
    while (have() < least && !this.ended) {
      const left = deadline - performance.now();
      if (left <= 0) break;
      await this.change(left);
    }
    const all = Buffer.concat(this.received.splice(0));
    const data = any ? all : all.subarray(0, least);
    if (data.length < all.length) this.received.push(all.subarray(data.length));
    const end = this.ended && this.received.length === 0 && data.length < least;
    return { ok: true, hex: data.toString('hex'), bytes: data.length, ...(end ? { end } : {}) };
  }

  private change(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        this.waiting.delete(wake);
        resolve();
      };
      const timer = Number.isFinite(timeoutMs) ? setTimeout(wake, timeoutMs) : undefined;
      this.waiting.add(wake);
    });
  }

  private wakeAll(): void {
    for (const wake of this.waiting) wake();
  }
}
