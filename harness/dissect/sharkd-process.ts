import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { DissectError } from './errors.js';
import { INSTALL_REMEDY, PREFERENCES, wiresharkEnvironment } from './wireshark.js';

/** An answer of sharkd that says no. */
export class SharkdRefusal extends Error {
  override readonly name = 'SharkdRefusal';
  readonly code: number;

  constructor(message: string, code: number) {
    super(message);
    this.code = code;
  }
}

/** A frame as the `frames` request gives it. */
export interface SharkdFrame {
  num: number;
  /** The requested columns. */
  c: string[];
}

/** A node of the tree that the `frame` request gives. */
export interface SharkdNode {
  /** `field == value` as a display filter, or the field alone. */
  f?: string;
  n?: SharkdNode[];
}

/**
 * One sharkd, Wireshark's dissection server, on standard input and output: JSON-RPC, one object a line, answered in
 * order. It holds one file at a time, so whoever uses it must have it alone.
 */
export class SharkdProcess {
  /** Files loaded so far; each leaves a descriptor open. */
  loads = 0;
  /** Wireshark's numbers for its Protocol and Info columns. */
  columns = { protocol: '', info: '' };
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #waiting = new Map<
    number,
    { resolve: (result: unknown) => void; reject: (error: Error) => void }
  >();
  readonly #timeoutMs: number;
  readonly #exited: Promise<void>;
  #last = 0;
  #messages = '';
  #dead: Error | undefined;

  /** Starts one and waits until it answers (about 150 ms). Throws DissectError, `not-installed` where there is none. */
  static async start(timeoutMs: number): Promise<SharkdProcess> {
    const sharkd = new SharkdProcess(timeoutMs);
    try {
      for (const [name, value] of PREFERENCES) await sharkd.request('setconf', { name, value });
      const { columns } = (await sharkd.request('info')) as { columns: { format: string }[] };
      const numberOf = (format: string): string =>
        String(columns.findIndex((column) => column.format === format));
      sharkd.columns = { protocol: numberOf('%p'), info: numberOf('%i') };
      return sharkd;
    } catch (error) {
      await sharkd.stop();
      throw error;
    }
  }

  private constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
    this.#child = spawn('sharkd', ['-'], { stdio: ['pipe', 'pipe', 'pipe'], env: wiresharkEnvironment() });
    createInterface({ input: this.#child.stdout, crlfDelay: Infinity }).on('line', (line) =>
      this.#take(line),
    );
    this.#child.stderr.on('data', (chunk: Buffer) => {
      this.#messages = (this.#messages + chunk.toString()).slice(-MESSAGES_KEPT);
    });
    // A write to a dead process fails on its own; the exit tells why.
    this.#child.stdin.on('error', () => undefined);
    this.#exited = new Promise((resolve) => {
      this.#child.on('error', (error: NodeJS.ErrnoException) => {
        this.#die(
          error.code === 'ENOENT'
            ? new DissectError('not-installed', 'sharkd is not installed', { remedy: INSTALL_REMEDY })
            : new DissectError('died', `sharkd could not be started: ${error.message}`),
        );
        resolve();
      });
      this.#child.on('close', (code, signal) => {
        this.#die(
          new DissectError('died', `sharkd ended (${signal ?? `exit status ${code}`})${this.#lastMessage()}`),
        );
        resolve();
      });
    });
  }

  get alive(): boolean {
    return this.#dead === undefined;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Throws SharkdRefusal when it says no, DissectError when it is dead or does not answer. */
  async request(method: string, params?: Record<string, unknown>): Promise<unknown> {
    return this.#send(method, params).result;
  }

  /** The columns of every frame that `filter` selects, of all without one. Throws SharkdRefusal for a wrong filter. */
  async frames(columns: readonly string[], filter?: string): Promise<SharkdFrame[]> {
    const params = Object.fromEntries(columns.map((column, i) => [`column${i}`, column]));
    if (filter !== undefined) params['filter'] = filter + blanks(this.loads);
    return (await this.request('frames', params)) as SharkdFrame[];
  }

  /** The dissection tree of one frame. */
  async tree(frame: number): Promise<SharkdNode[]> {
    return ((await this.request('frame', { frame, proto: true })) as { tree?: SharkdNode[] }).tree ?? [];
  }

  /**
   * Loads a file in place of the one before. Returns what sharkd complained about, such as a file that is cut short; of
   * that all frames before the cut are there. Throws SharkdRefusal when it cannot be opened.
   */
  async load(path: string): Promise<string[]> {
    this.loads++;
    this.#messages = '';
    const load = this.#send('load', { file: path });
    const status = this.#send('status');
    status.result.catch(() => undefined);
    // A file that is cut short gets no answer but a message; the answer to the next request says that it is loaded.
    load.result.catch(() => undefined);
    const answered = await Promise.race([load.result.then(() => true), status.result.then(() => false)]);
    await status.result;
    if (!answered) {
      this.#take(JSON.stringify({ id: load.id }));
      // The message comes by another way than the answers.
      for (let i = 0; i < 50 && !/cut short|error|damaged/.test(this.#messages); i++) await sleep(10);
    }
    const complaint = this.#messages
      .split('\n')
      .filter((line) => line !== '' && !CHATTER.test(line))
      .join('\n')
      .replace(/^sharkd: /, '');
    return complaint === '' ? [] : [complaint];
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#exited;
  }

  #send(method: string, params?: Record<string, unknown>): { id: number; result: Promise<unknown> } {
    const id = ++this.#last;
    const result = new Promise((resolve, reject) => {
      if (this.#dead !== undefined) {
        reject(this.#dead);
        return;
      }
      const late = setTimeout(() => {
        this.#die(new DissectError('died', `sharkd did not answer "${method}" within ${this.#timeoutMs} ms`));
        this.#child.kill('SIGKILL');
      }, this.#timeoutMs);
      const done =
        <T>(then: (value: T) => void) =>
        (value: T): void => {
          clearTimeout(late);
          then(value);
        };
      this.#waiting.set(id, { resolve: done(resolve), reject: done(reject) });
      this.#child.stdin.write(
        `${JSON.stringify({ jsonrpc: '2.0', id, method, ...(params && { params }) })}\n`,
      );
    });
    return { id, result };
  }

  #take(line: string): void {
    if (!line.startsWith('{')) return;
    let answer: { id?: number; result?: unknown; error?: { message: string; code: number } };
    try {
      answer = JSON.parse(line) as typeof answer;
    } catch {
      this.#die(new DissectError('died', 'sharkd answered with something other than JSON'));
      this.#child.kill('SIGKILL');
      return;
    }
    const waiting = this.#waiting.get(answer.id ?? -1);
    if (waiting === undefined) return;
    this.#waiting.delete(answer.id ?? -1);
    if (answer.error) waiting.reject(new SharkdRefusal(answer.error.message, answer.error.code));
    else waiting.resolve(answer.result);
  }

  #die(error: Error): void {
    this.#dead ??= error;
    for (const { reject } of this.#waiting.values()) reject(this.#dead);
    this.#waiting.clear();
  }

  #lastMessage(): string {
    const last = this.#messages.trim().split('\n').at(-1) ?? '';
    return last === '' ? '' : `: ${last}`;
  }
}

/**
 * White space that is different for each number. sharkd keeps what a filter has selected, by the filter's text, also
 * when another file is loaded (seen in 4.0.17), so the text must not be the same for two files.
 */
function blanks(number: number): string {
  return [...number.toString(2)].map((bit) => (bit === '1' ? '\t' : ' ')).join('');
}

const MESSAGES_KEPT = 8192;
const CHATTER = /^(load: filename=|Hello in child|Running as user)/;
