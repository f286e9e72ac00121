import type { ChildProcess } from 'node:child_process';
import path from 'node:path';
import type { EndSpec, Family, Role } from '../case/model.js';
import type { Lab, LabEnd } from '../../netns/lab.js';
import { LineUpperTester, UpperTesterGone } from '../upper-tester/lines.js';
import { linuxCalls } from '../upper-tester/linux/calls.js';
import type { UpperTester } from '../upper-tester/protocol.js';
import { StdioUpperTester } from '../upper-tester/stdio.js';
import { SocketUpperTester } from '../upper-tester/sockets/upper-tester.js';
import { withOptions } from '../upper-tester/with-options.js';
import { fillCommand, type Implementation, PROJECT_ROOT } from './implementation.js';
import { startTcpLite } from './in-process-tcp-lite.js';
import type { WarmLab } from './warm-lab.js';

/** One implementation at one end of a lab, started for one case. */
export interface IutSession {
  /** What drives its application side; absent for a plain command that is its own application. */
  upper?: UpperTester;
  /** The plain command's process, where there is one. */
  process?: ChildProcess;
  /** Resolves when it can be used. Throws IutStartError when it ended or did not say so in time. */
  ready(): Promise<void>;
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
/** Longest a program may take to start, ms, and how long one that does not tell is given. */
const START_MS = 15_000;
const SETTLE_MS = 300;

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
  const session = start(implementation, warm, role, attach, family, values);
  if (session.upper) session.upper = withOptions(session.upper, implementation.options);
  return session;
}

function start(
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
    if (implementation.name.startsWith('tcp-lite'))
      return startTcpLite(warm, role, attach, implementation.rules?.());
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
  if (plain?.stdio) return startStdio(warm, role, attach, family, plain.command, implementation);
  if (!plain)
    throw new IutStartError(
      `${implementation.file} has no ${role} command`,
      `add ${role}: { command: [...] }`,
    );
  const told = role === 'server' ? implementation.server?.ready : undefined;
  return startPlain(lab, role, filled(plain.command), implementation, told);
}

function startLinux(end: LabEnd): IutSession {
  const upper = new SocketUpperTester(linuxCalls(end.path), { ipv4: end.ipv4, ipv6: end.ipv6 });
  return {
    upper,
    ready: () => Promise.resolve(),
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
  // Any answer will do: a program that answers has its stack up.
  const ready = async () => {
    await inTime(upper.request({ op: 'status', connection: 0 }), implementation, output);
  };
  return { upper, process: child, ready, output: () => output.text(), stop: () => stopChild(child) };
}

function startPlain(
  lab: Lab,
  role: Role,
  command: string[],
  implementation: Implementation,
  told: string | undefined,
): IutSession {
  const output = new KeptOutput();
  const child = spawnIn(lab, role, command, implementation, 'pipe');
  child.stdout?.on('data', (chunk: Buffer) => output.add(chunk));
  child.stderr?.on('data', (chunk: Buffer) => output.add(chunk));
  child.on('error', (error) => output.add(Buffer.from(`cannot start ${command[0]}: ${error.message}\n`)));
  const ready = () =>
    told === undefined ? settled(child, output) : inTime(output.says(told, child), implementation, output);
  return { process: child, ready, output: () => output.text(), stop: () => stopChild(child) };
}

/** A program like netcat: started when the case listens or connects, its streams are its connection. */
function startStdio(
  warm: WarmLab,
  role: Role,
  attach: Attach,
  family: Family,
  command: string[],
  implementation: Implementation,
): IutSession {
  const output = new KeptOutput();
  const { lab } = warm;
  const upper = new StdioUpperTester({
    start: (_, port) => {
      const filled = fillCommand(command, placeholders(lab, role, attach, family, port));
      const child = spawnIn(lab, role, filled, implementation, 'pipe');
      child.stderr?.on('data', (chunk: Buffer) => output.add(chunk));
      child.on('error', (error) => output.add(Buffer.from(`cannot start ${command[0]}: ${error.message}\n`)));
      return child;
    },
    listening: (child) => settled(child, output),
  });
  return {
    upper,
    ready: () => Promise.resolve(),
    output: () => output.text(),
    stop: () => (upper.process ? stopChild(upper.process) : Promise.resolve()),
  };
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

/** Waits for readiness as long as a program may take to start. */
async function inTime(
  pending: Promise<unknown>,
  implementation: Implementation,
  output: KeptOutput,
): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), START_MS);
  });
  const fault = (message: string) =>
    new IutStartError(
      `${implementation.name} ${message}`,
      `it printed: ${output.text().trim() || 'nothing'}`,
    );
  try {
    if ((await Promise.race([pending, late])) === 'late') throw fault(`was not ready within ${START_MS} ms`);
  } catch (error) {
    throw error instanceof IutStartError ? error : fault((error as Error).message);
  } finally {
    clearTimeout(timer);
  }
}

/** A server that does not tell when it listens is given a moment; one that ends in it has failed, a client may be done. */
async function settled(child: ChildProcess, output: KeptOutput): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  if (child.exitCode !== null && child.exitCode !== 0) {
    throw new IutStartError(
      `the command ended with exit status ${child.exitCode}`,
      `it printed: ${output.text().trim() || 'nothing'}`,
    );
  }
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

  /** Resolves once this text has been printed; rejects when the program ends without it. */
  says(text: string, child: ChildProcess): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = () => {
        if (this.text().includes(text)) resolve();
      };
      child.stdout?.on('data', look);
      child.stderr?.on('data', look);
      child.once('exit', (code) => reject(new Error(`ended with exit status ${code} before it was ready`)));
      child.once('error', (error) => reject(error));
    });
  }

  text(): string {
    return Buffer.concat(this.chunks).toString('utf8');
  }
}
