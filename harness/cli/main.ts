import { CommanderError } from 'commander';
import { explain, EXIT_USAGE } from './exit.js';
import { buildProgram } from './program.js';

/**
 * The command line. Returns the exit status: 0 all as it should be, 1 a conformance failure or a finding of severity
 * error, 2 usage or invalid input, 3 this machine cannot run it. Nothing escapes as a stack trace.
 */
export async function main(argv: string[]): Promise<number> {
  let status = 0;
  // A reader that has seen enough, as `head` has, is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(status);
  });
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
