import { spawn } from 'node:child_process';
import { withNamespace } from '../native/namespace.js';
import { LabError } from './errors.js';

export interface ToolOptions {
  /** Written to the tool's standard input. */
  input?: string;
  /** Path of the network namespace to run it in; this process's own unless told. */
  namespace?: string;
}

/** Runs a tool and returns what it wrote to its standard output. Throws LabError when it fails or is missing. */
export async function runTool(
  tool: string,
  args: readonly string[],
  options: ToolOptions = {},
): Promise<string> {
  const start = () => spawn(tool, args, { stdio: 'pipe', env: toolEnvironment() });
  const child = options.namespace === undefined ? start() : withNamespace(options.namespace, start);
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  // A tool that fails early closes its input: its exit status says why.
  child.stdin.on('error', () => {});
  child.stdin.end(options.input ?? '');
  const command = [tool, ...args].join(' ');
  return new Promise((resolve, reject) => {
    child.once('error', (cause) => reject(LabError.ofTool(tool, cause)));
    child.once('close', (code, signal) => {
      if (code === 0) resolve(stdout);
      else
        reject(new LabError(`'${command}' failed (${signal ?? `exit status ${code}`})`, { command, stderr }));
    });
  });
}

/** This process's environment with the system's directories in PATH, which a user who became root may lack. */
export function toolEnvironment(): NodeJS.ProcessEnv {
  const path = (process.env.PATH ?? '').split(':').filter((directory) => directory !== '');
  return { ...process.env, PATH: [...new Set([...path, ...SYSTEM_DIRECTORIES])].join(':') };
}

const SYSTEM_DIRECTORIES = ['/usr/sbin', '/usr/bin', '/sbin', '/bin'];
