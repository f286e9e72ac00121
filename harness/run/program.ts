import type { ChildProcess } from 'node:child_process';
import path from 'node:path';
import type { Role } from '../case/model.js';
import type { Lab } from '../../netns/lab.js';
import type { Implementation } from './implementation.js';

/** The implementation could not be started; `remedy` says what to look at. The verdict is `error`. */
export class IutStartError extends Error {
  constructor(
    message: string,
    readonly remedy: string,
    /** Trying once more cannot help: there is no such program. */
    readonly isFinal = false,
  ) {
    super(message);
  }
}

const OUTPUT_KEPT = 16_384;
const STOP_GRACE_MS = 500;
/** Longest a program may take to start, ms, and how long one that does not tell is given. */
const START_MS = 15_000;
const SETTLE_MS = 300;
/** A program's streams may close a little before its end is known, ms. */
const END_KNOWN_MS = 200;

/** A program of an implementation, running at one end of a lab. */
export class Program {
  readonly child: ChildProcess;
  private readonly printed: Buffer[] = [];
  private length = 0;
  private stopping = false;
  private readonly gone: Promise<void>;
  private readonly silent: Promise<void>;
  private spawnError: NodeJS.ErrnoException | undefined;

  /** Starts it in the folder of its descriptor, with what the descriptor adds to the environment. */
  constructor(
    lab: Lab,
    role: Role,
    private readonly command: string[],
    private readonly implementation: Implementation,
  ) {
    this.child = lab.spawn(role, command, {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...implementation.environment },
      cwd: path.dirname(implementation.file),
    });
    // A stack that dies while it is written to is reported by its exit, not by a broken pipe.
    this.child.stdin?.on('error', () => undefined);
    this.gone = new Promise((resolve) => {
      this.child.once('exit', () => resolve());
      this.child.once('error', (error) => {
        this.spawnError = error;
        resolve();
      });
    });
    this.silent = new Promise((resolve) => this.child.once('close', () => resolve()));
  }

  /** Keeps what it prints on these streams. */
  keep(...streams: ('stdout' | 'stderr')[]): this {
    for (const name of streams) this.child[name]?.on('data', (chunk: Buffer) => this.add(chunk));
    return this;
  }

  /** Keeps more of what it printed, up to 16 KiB. */
  add(chunk: Buffer): void {
    if (this.length >= OUTPUT_KEPT) return;
    this.printed.push(chunk.subarray(0, OUTPUT_KEPT - this.length));
    this.length += chunk.length;
  }

  output(): string {
    return Buffer.concat(this.printed).toString('utf8');
  }

  /** How it ended by itself, or undefined while it runs and once it has been stopped. */
  end(): { signal?: string; status?: number } | undefined {
    const { exitCode, signalCode } = this.child;
    if (this.stopping) return undefined;
    if (signalCode !== null) return { signal: signalCode };
    return exitCode === null ? undefined : { status: exitCode };
  }

  /** Resolves with whether it is gone, which may take a moment to be known. */
  isGone(): Promise<boolean> {
    return within(END_KNOWN_MS, this.gone);
  }

  /** Waits until `answer` says that it is ready, as long as a program may take. Throws IutStartError. */
  async inTime(answer: Promise<unknown>): Promise<void> {
    const came: { error?: Error } = {};
    const ready = answer.catch((error: Error) => {
      came.error = error;
    });
    const ended = this.gone.then(() => {
      came.error ??= this.spawnError ?? new Error('it ended');
    });
    if (!(await within(START_MS, Promise.race([ready, ended]))))
      throw this.fault(`was not ready within ${START_MS / 1000} s`);
    if (came.error === undefined) return;
    if (await this.isGone()) throw await this.endedTooSoon();
    throw this.fault(`is not ready: ${came.error.message}`);
  }

  /** Resolves once this text has been printed. */
  says(text: string): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (this.output().includes(text)) resolve();
      };
      this.child.stdout?.on('data', look);
      this.child.stderr?.on('data', look);
    });
  }

  /**
   * A program that does not tell when it listens is given a moment; one that fails in it has not started, a client may be
   * done. Throws IutStartError.
   */
  async settled(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    if (this.spawnError || (this.child.exitCode ?? 0) !== 0 || this.child.signalCode !== null)
      throw await this.endedTooSoon();
  }

  /** Ends it, by force after a while. */
  async stop(): Promise<void> {
    this.stopping = true;
    const { child } = this;
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_GRACE_MS);
    await this.gone;
    clearTimeout(timer);
  }

  private async endedTooSoon(): Promise<IutStartError> {
    if (this.spawnError) return this.notStarted(this.spawnError);
    // Its last words may come after its end.
    await within(END_KNOWN_MS, this.silent);
    return this.fault(`${saysEnd(this.end() ?? {})} before it was ready`);
  }

  private notStarted({ code, message }: NodeJS.ErrnoException): IutStartError {
    const { file, name } = this.implementation;
    const program = this.command[0] ?? '';
    if (code === 'ENOENT')
      return new IutStartError(
        `${name} cannot be started: there is no program ${program}`,
        `correct the command in ${file}; a path in it counts from the descriptor's folder`,
        true,
      );
    if (code === 'EACCES')
      return new IutStartError(
        `${name} cannot be started: ${program} is not executable`,
        `make it so: chmod +x ${path.resolve(path.dirname(file), program)}`,
        true,
      );
    return new IutStartError(`${name} cannot be started: ${message}`, `correct the command in ${file}`, true);
  }

  private fault(what: string): IutStartError {
    return new IutStartError(
      `${this.implementation.name} ${what}`,
      `it printed: ${this.output().trim() || 'nothing'}`,
    );
  }
}

/** Whether it resolves within so many ms. */
async function within(ms: number, promise: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  try {
    return await Promise.race([promise.then(() => true as const), late]);
  } finally {
    clearTimeout(timer);
  }
}

export function saysEnd({ signal, status }: { signal?: string; status?: number }): string {
  return signal === undefined ? `ended with exit status ${status ?? 'unknown'}` : `was ended by ${signal}`;
}
