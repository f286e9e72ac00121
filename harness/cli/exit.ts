export const EXIT_OK = 0;
export const EXIT_FAILURE = 1;
export const EXIT_USAGE = 2;
export const EXIT_MACHINE = 3;

/** An error class may say what to do (`remedy`) and which status it means (`exitStatus`, 2 unless it says). */
interface ExplainedError extends Error {
  remedy?: string;
  exitStatus?: number;
}

/**
 * Prints an error for a person, one line and the remedy, and returns its exit status. Only what nobody foresaw, a
 * mistake of ours, is printed with its stack so that it can be reported.
 */
export function explain(error: unknown): number {
  if (!(error instanceof Error)) {
    process.stderr.write(`tcpspec: ${String(error)}\n`);
    return EXIT_USAGE;
  }
  const { message, remedy, exitStatus } = error as ExplainedError;
  if (remedy !== undefined || exitStatus !== undefined) {
    process.stderr.write(`tcpspec: ${message}${remedy ? `\n  ${remedy}` : ''}\n`);
    return exitStatus ?? EXIT_USAGE;
  }
  const { code } = error as NodeJS.ErrnoException;
  if (code !== undefined) {
    process.stderr.write(`tcpspec: ${message}\n`);
    return EXIT_USAGE;
  }
  process.stderr.write(
    `tcpspec: this is a mistake of tcpspec, please report it: ${error.stack ?? message}\n`,
  );
  return EXIT_USAGE;
}
