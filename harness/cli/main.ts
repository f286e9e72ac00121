import { CommanderError } from 'commander';
import { explain, EXIT_USAGE } from './exit.js';
import { buildProgram } from './program.js';

let status = 0;

/**
 * The command line. Returns the exit status: 0 all as it should be, 1 a conformance failure or a finding of severity
 * error, 2 usage or invalid input, 3 this machine cannot run it. Nothing escapes as a stack trace.
 */
export async function main(argv: string[]): Promise<number> {
  status = 0;
  const { stdout } = process;
  if (!stdout.listeners('error').includes(onOutputError)) stdout.on('error', onOutputError);
  const program = buildProgram((code) => {
    status = code;
  }, argv);
  try {
    await program.parseAsync(argv, { from: 'user' });
    return status;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_USAGE;
    return explain(error);
  }
}

/** A reader that has seen enough, as `head` has, is no error. */
function onOutputError(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
  process.exit(status);
}
