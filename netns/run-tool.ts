import { spawn } from 'node:child_process';
import { withNamespace } from '../native/namespace.js';
import { LabError } from './errors.js';
import type { ToolProcess } from './tool-process.js';

export interface ToolOptions {
  /** Written to the tool's standard input. */
  input?: string;
  /** Path of the network namespace to run it in; this process's own unless told. */
  namespace?: string;
}

/** How a tool ended. Plain data: it may come from another process. */
export interface ToolOutcome {
  stdout: string;
  stderr: string;
  code: number | null;
  signal: string | null;
  /** It could not be started: the system's code for why. */
  fault?: { code: string; message: string };
}

/** Runs a tool and returns what it wrote to its standard output. Throws LabError when it fails or is missing. */
export async function runTool(
  tool: string,
  args: readonly string[],
  options: ToolOptions = {},
): Promise<string> {
  const outcome = await (elsewhere?.execute(tool, args, options) ?? execute(tool, args, options));
  const { stdout, stderr, code, signal, fault } = outcome;
  if (fault !== undefined) throw LabError.ofTool(tool, Object.assign(new Error(fault.message), fault));
  if (code === 0) return stdout;
  const command = [tool, ...args].join(' ');
  throw new LabError(`'${command}' failed (${signal ?? `exit status ${code}`})`, { command, stderr });
}

let elsewhere: ToolProcess | undefined;

/** Has tools started by another process from here on, or by this one again. */
export function startToolsIn(process: ToolProcess | undefined): void {
  elsewhere = process;
}

/** Starts the tool from this process, and waits until it has ended. Never rejects. */
export function execute(tool: string, args: readonly string[], options: ToolOptions): Promise<ToolOutcome> {
  return new Promise((resolve) => {
    const outcome: ToolOutcome = { stdout: '', stderr: '', code: null, signal: null };
    const failed = (cause: unknown): void => {
      const { code = '', message } = cause as NodeJS.ErrnoException;
      resolve({ ...outcome, fault: { code, message } });
    };
    const start = () => spawn(tool, args, { stdio: 'pipe', env: toolEnvironment() });
    try {
      const child = options.namespace === undefined ? start() : withNamespace(options.namespace, start);
      child.stdout.setEncoding('utf8').on('data', (text: string) => (outcome.stdout += text));
      child.stderr.setEncoding('utf8').on('data', (text: string) => (outcome.stderr += text));
      // A tool that fails early closes its input: its exit status says why.
      child.stdin.on('error', () => {});
      child.stdin.end(options.input ?? '');
      child.once('error', failed);
      child.once('close', (code, signal) => resolve({ ...outcome, code, signal }));
    } catch (error) {
      failed(error);
    }
  });
}

/** This process's environment with the system's directories in PATH, which a user who became root may lack. */
export function toolEnvironment(): NodeJS.ProcessEnv {
  const path = (process.env.PATH ?? '').split(':').filter((directory) => directory !== '');
  return { ...process.env, PATH: [...new Set([...path, ...SYSTEM_DIRECTORIES])].join(':') };
}

const SYSTEM_DIRECTORIES = ['/usr/sbin', '/usr/bin', '/sbin', '/bin'];
