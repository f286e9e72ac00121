import { spawn, type ChildProcessByStdio } from 'node:child_process';
import type { Readable } from 'node:stream';
import { CaptureError } from './errors.js';
import {
  BlockParser,
  ENHANCED_PACKET,
  INTERFACE_DESCRIPTION,
  SECTION_HEADER,
  readInterface,
  viewOf,
  type InterfaceDescription,
} from './pcapng.js';

/** dumpcap, tshark's capture process, writing pcapng to its standard output: the only place where it may always write. */
export class DumpcapProcess {
  /** Resolves when the section and all interfaces are described, after which no frame is missed. */
  readonly armed: Promise<void>;
  readonly interfaces: InterfaceDescription[] = [];
  /** Called with every frame's block, which is valid during the call only. */
  onFrame: (interfaceId: number, block: Uint8Array) => void = () => undefined;
  /** Called once when the process has ended without having been stopped. */
  onEnd: (failure: CaptureError) => void = () => undefined;

  readonly #child: ChildProcessByStdio<null, Readable, Readable>;
  readonly #expected: number;
  readonly #blocks = new BlockParser();
  readonly #ended: Promise<void>;
  #section = new Uint8Array();
  #output = '';
  #stopping = false;
  #resolveArmed!: () => void;
  #rejectArmed!: (failure: CaptureError) => void;

  /** Starts it in the calling thread's namespace. */
  constructor(interfaces: readonly string[], snapLength: number, bufferMiB: number) {
    this.#expected = interfaces.length;
    this.armed = new Promise((resolve, reject) => {
      this.#resolveArmed = resolve;
      this.#rejectArmed = reject;
    });
    this.armed.catch(() => undefined);
    this.#child = spawn('dumpcap', dumpcapArguments(interfaces, snapLength, bufferMiB), {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, LC_ALL: 'C' },
    });
    this.#child.stdout.on('data', (chunk: Buffer) => this.#read(chunk));
    this.#child.stderr.on('data', (chunk: Buffer) => {
      this.#output = (this.#output + chunk.toString()).slice(-OUTPUT_KEPT);
    });
    this.#ended = new Promise((resolve) => {
      this.#child.on('error', (error: NodeJS.ErrnoException) => {
        this.#end(notStarted(error));
        resolve();
      });
      this.#child.on('close', (code, signal) => {
        this.#end(this.#death(signal ?? `exit status ${code}`));
        resolve();
      });
    });
    const tooLate = setTimeout(() => {
      this.#rejectArmed(
        new CaptureError('not-started', 'dumpcap did not begin to capture', { output: this.output }),
      );
    }, START_TIMEOUT_MS);
    void this.armed.catch(() => undefined).finally(() => clearTimeout(tooLate));
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** The section header block. */
  get section(): Uint8Array {
    return this.#section;
  }

  /** What it printed last, without the lines that only say what it does. */
  get output(): string {
    return this.#output
      .split('\n')
      .filter((line) => !CHATTER.test(line))
      .join('\n')
      .trim();
  }

  /** Nanoseconds since the Unix epoch of a frame's block. */
  timeOf(interfaceId: number, block: Uint8Array): bigint {
    const view = viewOf(block);
    const units = (BigInt(view.getUint32(12, true)) << 32n) | BigInt(view.getUint32(16, true));
    const scale = this.interfaces[interfaceId]?.nanosecondsPerUnit ?? 1;
    return Number.isInteger(scale) ? units * BigInt(scale) : BigInt(Math.round(Number(units) * scale));
  }

  /** Ends the process and waits until it has gone. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#child.kill('SIGKILL');
    await this.#ended;
  }

  #read(chunk: Buffer): void {
    try {
      for (const block of this.#blocks.push(chunk)) {
        if (block.type === ENHANCED_PACKET) this.onFrame(viewOf(block.bytes).getUint32(8, true), block.bytes);
        else if (block.type === SECTION_HEADER) this.#section = block.bytes.slice();
        else if (block.type === INTERFACE_DESCRIPTION) this.#describe(block.bytes);
      }
    } catch (error) {
      this.#end(
        new CaptureError('format', `dumpcap wrote ${(error as Error).message}`, { output: this.output }),
      );
      this.#child.kill('SIGKILL');
    }
  }

  #describe(block: Uint8Array): void {
    const description = readInterface(block);
    this.interfaces.push(description);
    if (description.linkType !== LINKTYPE_ETHERNET) {
      throw new RangeError(
        `link type ${description.linkType} on ${description.name}, where only Ethernet is known`,
      );
    }
    if (this.interfaces.length === this.#expected) this.#resolveArmed();
  }

  #end(failure: CaptureError): void {
    this.#rejectArmed(failure);
    if (this.#stopping) return;
    this.#stopping = true;
    this.onEnd(failure);
  }

  #death(how: string): CaptureError {
    const running = this.interfaces.length === this.#expected;
    return running
      ? new CaptureError('died', `dumpcap ended in the middle of the capture (${how})`, {
          output: this.output,
        })
      : new CaptureError('not-started', `dumpcap could not capture (${how})`, {
          output: this.output,
          remedy: 'Capturing needs root, or CAP_NET_RAW and CAP_NET_ADMIN.',
        });
  }
}

function dumpcapArguments(interfaces: readonly string[], snapLength: number, bufferMiB: number): string[] {
  return [
    // Quiet, not promiscuous, whole frames into a buffer of that size on every interface that follows.
    ...['-q', '-p', '-s', String(snapLength), '-B', String(bufferMiB)],
    // With several interfaces dumpcap queues frames in itself and drops, uncounted, above 1000 unless told more.
    ...(interfaces.length > 1 ? ['-N', '1000000', '-C', '500000000'] : []),
    ...interfaces.flatMap((name) => ['-i', name]),
    ...['-w', '-'],
  ];
}

function notStarted(error: NodeJS.ErrnoException): CaptureError {
  return error.code === 'ENOENT'
    ? new CaptureError('not-installed', 'dumpcap is not installed', {
        remedy: 'On Debian and Ubuntu: apt-get install tshark',
      })
    : new CaptureError('not-started', `dumpcap could not be started: ${error.message}`);
}

const LINKTYPE_ETHERNET = 1;
const OUTPUT_KEPT = 4096;
const START_TIMEOUT_MS = 20_000;
const CHATTER = /^(Capturing on|File: |Packets captured|Packets received|Running as user)/;
