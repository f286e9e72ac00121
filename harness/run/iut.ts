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
import { IutStartError, Program, saysEnd } from './program.js';
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
  /** How it went down by itself, where that is no way for it to end; to be asked before `stop`. */
  crash(): string | undefined;
  /** Ends it; nothing of it sends afterwards. */
  stop(): Promise<void>;
}

export type Attach = NonNullable<EndSpec['attach']>;

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
  const program = (parts: string[], port = values.port) =>
    new Program(lab, role, fillCommand(parts, placeholders(lab, role, attach, family, port)), implementation);
  if (implementation['upper-tester']) return startUpperTester(program(implementation['upper-tester']));
  const plain = role === 'server' ? implementation.server : implementation.client;
  if (!plain)
    throw new IutStartError(
      `${implementation.file} has no ${role} command`,
      `add ${role}: { command: [...] }`,
    );
  if (plain.stdio) return startStdio((port) => program(plain.command, port));
  const told = role === 'server' ? implementation.server?.ready : undefined;
  return startPlain(program(plain.command), role, attach, told);
}

function startLinux(end: LabEnd): IutSession {
  const upper = new SocketUpperTester(linuxCalls(end.path), { ipv4: end.ipv4, ipv6: end.ipv6 });
  return {
    upper,
    ready: () => Promise.resolve(),
    output: () => '',
    crash: () => undefined,
    stop: () => {
      upper.close();
      return Promise.resolve();
    },
  };
}

function startUpperTester(program: Program): IutSession {
  const { child } = program.keep('stderr');
  const upper = new LineUpperTester(child.stdout!, child.stdin!, (line) =>
    program.add(Buffer.from(line + '\n')),
  );
  const failed = (why: string) => upper.fail(new UpperTesterGone(why));
  child.on('error', (error) => failed(error.message));
  child.on('exit', () => failed(saysEnd(program.end() ?? {})));
  // Any answer will do: a program that answers has its stack up.
  const ready = () => program.inTime(upper.request({ op: 'status', connection: 0 }));
  const crash = () => said(program.end());
  return { ...sessionOf(program, ready, crash), upper: failingCalls(upper, program) };
}

/** The same upper tester, whose calls fail once the program is gone: that is for the case to judge. */
function failingCalls(upper: UpperTester, program: Program): UpperTester {
  return {
    request: async (request) => {
      try {
        return await upper.request(request);
      } catch (error) {
        if (!(await program.isGone())) throw error;
        return { id: 0, ok: false, error: 'gone', message: (error as Error).message };
      }
    },
  };
}

function startPlain(program: Program, role: Role, attach: Attach, told: string | undefined): IutSession {
  program.keep('stdout', 'stderr');
  const ready = () => (told === undefined ? program.settled() : program.inTime(program.says(told)));
  const crash = () => {
    const end = program.end();
    // A client may be done, and an application on the kernel's TCP is no part of it.
    const mayEnd = role === 'client' || attach === 'kernel' || end?.status === 0;
    return mayEnd && end?.signal === undefined ? undefined : said(end);
  };
  return sessionOf(program, ready, crash);
}

/** A program like netcat: started when the case listens or connects, its streams are its connection. */
function startStdio(startOn: (port: number) => Program): IutSession {
  let program: Program | undefined;
  const upper = new StdioUpperTester({
    start: (_, port) => (program = startOn(port).keep('stderr')).child,
    listening: () => program!.settled(),
  });
  return {
    upper,
    ready: () => Promise.resolve(),
    output: () => program?.output() ?? '',
    crash: () => (program?.end()?.signal === undefined ? undefined : said(program.end())),
    stop: () => program?.stop() ?? Promise.resolve(),
  };
}

function sessionOf(
  program: Program,
  ready: () => Promise<void>,
  crash: () => string | undefined,
): IutSession {
  return {
    process: program.child,
    ready,
    crash,
    output: () => program.output(),
    stop: () => program.stop(),
  };
}

function said(end: ReturnType<Program['end']>): string | undefined {
  return end === undefined ? undefined : saysEnd(end);
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
