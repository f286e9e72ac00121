import type { ChildProcess } from 'node:child_process';
import path from 'node:path';
import type { EndSpec, Family, Role } from '../case/model.js';
import type { Lab, LabEnd } from '../../netns/lab.js';
import { LineUpperTester, UpperTesterGone } from '../upper-tester/lines.js';
import { linuxCalls } from '../upper-tester/linux/calls.js';
import type { UpperTester } from '../upper-tester/protocol.js';
import { SocketUpperTester } from '../upper-tester/sockets/upper-tester.js';
import { fillCommand, type Implementation, PROJECT_ROOT } from './implementation.js';
import { startTcpLite } from './in-process-tcp-lite.js';
import type { WarmLab } from './warm-lab.js';

/** One implementation at one end of a lab, started for one case. */
export interface IutSession {
  /** What drives its application side; absent for a plain command that is its own application. */
  upper?: UpperTester;
  /** The plain command's process, where there is one. */
  process?: ChildProcess;
  /** What it printed so far, cut at 16 KiB. */
  output(): string;
  /** Ends it; nothing of it sends afterwards. */
  stop(): Promise<void>;
}

export type Attach = NonNullable<EndSpec['attach']>;

/** The implementation could not be started; `remedy` says what to look at. The verdict is `error`. */
export class IutStartError extends Error {
  constructor(
    message: string,
    readonly remedy: string,
  ) {
    super(message);
  }
}

const OUTPUT_KEPT = 16_384;
const STOP_GRACE_MS = 500;

/**
 * Starts `implementation` on the `role` end of the lab. `values` fills the placeholders of its commands beyond those
 * that the lab knows (`port`). Throws IutStartError and ImplementationError.
 */
export function startIut(
  implementation: Implementation,
  warm: WarmLab,
  role: Role,
  attach: Attach,
  family: Family,
  values: { port?: number },
): IutSession {
  const { lab } = warm;
  if (implementation.run === 'in-process') {
    if (implementation.name === 'linux') return startLinux(lab[role]);
    if (implementation.name.startsWith('tcp-lite')) return startTcpLite(warm, role, attach);
    throw new IutStartError(
      `${implementation.file} says run: in-process`,
      'only the stacks of this project run in process; use run: process',
    );
  }
  const filled = (parts: string[]) =>
    fillCommand(parts, placeholders(lab, role, attach, family, values.port));
  if (implementation['upper-tester']) {
    return startUpperTester(lab, role, filled(implementation['upper-tester']), implementation);
  }
  const plain = role === 'server' ? implementation.server : implementation.client;
  if (!plain)
    throw new IutStartError(
      `${implementation.file} has no ${role} command`,
      `add ${role}: { command: [...] }`,
    );
  return startPlain(lab, role, filled(plain.command), implementation);
}

function startLinux(end: LabEnd): IutSession {
  const upper = new SocketUpperTester(linuxCalls(end.path), { ipv4: end.ipv4, ipv6: end.ipv6 });
  return {
    upper,
    output: () => '',
    stop: () => {
      upper.close();
      return Promise.resolve();
    },
  };
}

function startUpperTester(
  lab: Lab,
  role: Role,
  command: string[],
  implementation: Implementation,
): IutSession {
  const output = new KeptOutput();
  const child = spawnIn(lab, role, command, implementation, 'pipe');
  child.stderr?.on('data', (chunk: Buffer) => output.add(chunk));
  const upper = new LineUpperTester(child.stdout!, child.stdin!, (line) =>
    output.add(Buffer.from(line + '\n')),
  );
  child.on('error', (error) =>
    upper.fail(new UpperTesterGone(`cannot start ${command[0]}: ${error.message}`)),
  );
  child.on('exit', (code, signal) =>
    upper.fail(new UpperTesterGone(`${implementation.name} ended with ${signal ?? `exit status ${code}`}`)),
  );
  return { upper, process: child, output: () => output.text(), stop: () => stopChild(child) };
}

function startPlain(lab: Lab, role: Role, command: string[], implementation: Implementation): IutSession {
  const output = new KeptOutput();
  const child = spawnIn(lab, role, command, implementation, 'pipe');
  child.stdout?.on('data', (chunk: Buffer) => output.add(chunk));
  child.stderr?.on('data', (chunk: Buffer) => output.add(chunk));
  child.on('error', (error) => output.add(Buffer.from(`cannot start ${command[0]}: ${error.message}\n`)));
  return { process: child, output: () => output.text(), stop: () => stopChild(child) };
}

function spawnIn(
  lab: Lab,
  role: Role,
  command: string[],
  implementation: Implementation,
  stdin: 'pipe' | 'ignore',
): ChildProcess {
  const environment = Object.fromEntries(
    Object.entries(implementation.environment).map(([key, value]) => [key, value]),
  );
  const child = lab.spawn(role, command, {
    stdio: [stdin, 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
    cwd: path.dirname(implementation.file),
  });
  // A stack that dies while it is written to is reported by its exit, not by a broken pipe.
  child.stdin?.on('error', () => undefined);
  return child;
}

function placeholders(
  lab: Lab,
  role: Role,
  attach: Attach,
  family: Family,
  port: number | undefined,
): Record<string, string> {
  const own = lab[role];
  const peer = lab[role === 'client' ? 'server' : 'client'];
  const address = (end: LabEnd) => (family === 'ipv4' ? end.ipv4 : end.ipv6);
  return {
    ip: address(own),
    peer: address(peer),
    ipv4: own.ipv4,
    ipv6: own.ipv6,
    gateway: address(peer),
    netmask: '255.255.255.0',
    prefix: family === 'ipv4' ? '24' : '64',
    interface: attach === 'tap' ? (own.tap ?? own.interface) : own.interface,
    mac: own.mac,
    attach,
    role,
    port: String(port ?? ''),
    bin: path.join(PROJECT_ROOT, 'bin'),
    root: PROJECT_ROOT,
    node: process.execPath,
  };
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_GRACE_MS);
  await ended;
  clearTimeout(timer);
}

class KeptOutput {
  private readonly chunks: Buffer[] = [];
  private length = 0;

  add(chunk: Buffer): void {
    if (this.length >= OUTPUT_KEPT) return;
    this.chunks.push(chunk.subarray(0, OUTPUT_KEPT - this.length));
    this.length += chunk.length;
  }

  text(): string {
    return Buffer.concat(this.chunks).toString('utf8');
  }
}
