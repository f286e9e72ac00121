import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { DissectError } from './errors.js';
import { BETWEEN_VALUES } from './raw-frame.js';
import { INSTALL_REMEDY, tsharkOptions, wiresharkEnvironment } from './wireshark.js';

export interface TsharkRequest {
  /** A file, or a stream that holds one. */
  input: string | Readable;
  fields: readonly string[];
  displayFilter?: string;
  /** Read the file twice, so that a frame's fields may depend on later frames. */
  twoPass?: boolean;
  /** Fields that other versions lack: left empty there. */
  optional?: ReadonlySet<string>;
  signal?: AbortSignal;
}

/**
 * Runs tshark and gives one row a frame, in the order of the fields, in batches as they come. Throws DissectError for a
 * display filter or field that does not exist, and TsharkFailure, after all rows, when tshark reports a fault of the file.
 */
export async function* tsharkRows(request: TsharkRequest): AsyncGenerator<string[][]> {
  // A stream can be given to one run only, so another finds out which fields there are.
  let missing = typeof request.input === 'string' ? new Set<string>() : await missingFields(request);
  for (;;) {
    // tshark gives a field that is asked for twice once.
    const fields = [...new Set(request.fields)].filter((field) => !missing.has(field));
    const run = new TsharkRun(request, fields);
    const places = request.fields.map((field) => fields.indexOf(field));
    const asAsked = fields.length === request.fields.length;
    try {
      for await (const rows of run.rows())
        yield asAsked ? rows : rows.map((row) => places.map((place) => row[place] ?? ''));
      return;
    } catch (error) {
      // Fields are checked before anything is read, so nothing has been given out yet.
      const invalid = error instanceof TsharkFailure ? error.invalidFields : [];
      if (missing.size > 0 || invalid.length === 0) throw error;
      missing = requireOptional(invalid, request);
    }
  }
}

async function missingFields(request: TsharkRequest): Promise<Set<string>> {
  const run = new TsharkRun({ input: Readable.from([EMPTY_PCAP]), fields: [] }, request.fields);
  try {
    for await (const rows of run.rows()) void rows;
    return new Set();
  } catch (error) {
    if (!(error instanceof TsharkFailure)) throw error;
    return requireOptional(error.invalidFields, request);
  }
}

function requireOptional(invalid: readonly string[], request: TsharkRequest): Set<string> {
  const unknown = invalid.find((field) => !(request.optional?.has(field) ?? false));
  if (unknown === undefined) return new Set(invalid);
  throw new DissectError('field', `Wireshark has no field "${unknown}"`, { subject: unknown });
}

/** tshark ended with a fault. */
export class TsharkFailure extends Error {
  override readonly name = 'TsharkFailure';
  readonly invalidFields: readonly string[];

  constructor(message: string) {
    super(message);
    const list = /Some fields aren't valid:\n([^]*)/.exec(message)?.[1] ?? '';
    this.invalidFields = list
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => /^[\w.-]+$/.test(line));
  }
}

class TsharkRun {
  readonly #child: ChildProcess;
  readonly #stream: boolean;
  #messages = '';
  #failure: Error | undefined;
  readonly #closed: Promise<number | null>;

  constructor(request: TsharkRequest, fields: readonly string[]) {
    this.#stream = typeof request.input !== 'string';
    this.#child = start(tsharkArguments(request, fields), this.#stream);
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      this.#messages = (this.#messages + chunk.toString()).slice(-MESSAGES_KEPT);
    });
    this.#child.on('error', (error: NodeJS.ErrnoException) => {
      this.#failure = error.code === 'ENOENT' ? notInstalled() : error;
    });
    this.#closed = new Promise((resolve) => this.#child.once('close', resolve));
    if (typeof request.input !== 'string') this.#feed(request.input);
    request.signal?.addEventListener('abort', () => this.#abort(request.signal?.reason), { once: true });
    if (request.signal?.aborted === true) this.#abort(request.signal.reason);
  }

  async *rows(): AsyncGenerator<string[][]> {
    const { stdout } = this.#child;
    const decoder = new StringDecoder('utf8');
    let rest = '';
    try {
      if (stdout !== null) {
        for await (const chunk of stdout as AsyncIterable<Buffer>) {
          const lines = (rest + decoder.write(chunk)).split('\n');
          rest = lines.pop() ?? '';
          if (lines.length > 0) yield lines.map((line) => line.split('\t'));
        }
      }
      const status = await this.#closed;
      if (this.#stream && status === 127) this.#failure ??= notInstalled();
      if (this.#failure !== undefined) throw this.#failure;
      const message = this.#messages
        .split('\n')
        .filter((line) => !CHATTER.test(line))
        .join('\n')
        .replace(/^tshark: /, '')
        .trimEnd();
      if (status !== 0 || COMPLAINT.test(message))
        throw new TsharkFailure(message === '' ? `tshark ended with status ${status}` : message);
    } finally {
      // Whoever stops reading leaves nothing running.
      this.#kill();
    }
  }

  #abort(reason: unknown): void {
    this.#failure ??= reason instanceof Error ? reason : new Error(String(reason));
    this.#kill();
  }

  #kill(): void {
    const { pid } = this.#child;
    if (pid === undefined || this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    if (this.#stream) process.kill(-pid, 'SIGKILL');
    else this.#child.kill('SIGKILL');
  }

  #feed(input: Readable): void {
    const { stdin } = this.#child;
    if (stdin === null) return;
    // tshark closes its input when it has had enough; what the source says of itself matters more.
    stdin.on('error', () => input.destroy());
    const broken = (error: Error): void => {
      this.#failure ??= error;
      stdin.end();
    };
    input.on('error', broken);
    if (input.errored !== null) broken(input.errored);
    else input.pipe(stdin);
  }
}

/**
 * tshark reads no socket, and what Node gives a child as its input is one; so a stream goes through a pipe of a shell,
 * which gets the arguments as a list. Both are then one process group.
 */
function start(options: readonly string[], stream: boolean): ChildProcess {
  const stdio: StdioOptions = [stream ? 'pipe' : 'ignore', 'pipe', 'pipe'];
  const env = wiresharkEnvironment();
  return stream
    ? spawn('sh', ['-c', 'command -v tshark >/dev/null || exit 127; cat | tshark "$@"', 'sh', ...options], {
        stdio,
        env,
        detached: true,
      })
    : spawn('tshark', options, { stdio, env });
}

function tsharkArguments(request: TsharkRequest, fields: readonly string[]): string[] {
  const stream = typeof request.input !== 'string';
  return [
    ...tsharkOptions(),
    ...(stream ? ['-l'] : []),
    ...(request.twoPass === true ? ['-2'] : []),
    ...(request.displayFilter === undefined ? [] : ['-Y', request.displayFilter]),
    ...['-T', 'fields', '-E', 'separator=/t', '-E', 'occurrence=a', '-E', `aggregator=${BETWEEN_VALUES}`],
    ...fields.flatMap((field) => ['-e', field]),
    ...['-r', typeof request.input === 'string' ? request.input : '-'],
  ];
}

function notInstalled(): DissectError {
  return new DissectError('not-installed', 'tshark is not installed', { remedy: INSTALL_REMEDY });
}

/** The header of a pcap file for Ethernet, without a packet. */
const EMPTY_PCAP = Buffer.from('d4c3b2a1020004000000000000000000ffff000001000000', 'hex');
const MESSAGES_KEPT = 16384;
const CHATTER = /^Running as user .* This could be dangerous\.$/;
/** tshark ends with status 0 after some faults of the file. */
const COMPLAINT = /cut short|isn't a capture file|damaged|corrupt/;
