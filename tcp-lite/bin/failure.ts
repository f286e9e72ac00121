/** Wrong use that no option parser sees. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly exitStatus = 2;
}

/** Prints an error for a person and sets the exit status; only what nobody foresaw shows its stack. */
export function fail(error: unknown): void {
  const { message, remedy, code, name, stack } = error as Error & { remedy?: string; code?: string };
  if (remedy === undefined && code === undefined && name !== 'UsageError') {
    process.stderr.write(
      `tcp-lite: this is a mistake of tcp-lite, please report it: ${stack ?? String(error)}\n`,
    );
  } else {
    process.stderr.write(`tcp-lite: ${message}\n${remedy === undefined ? '' : `  ${remedy}\n`}`);
  }
  process.exitCode = statusOf(name, code);
}

function statusOf(name: string, code: string | undefined): number {
  if (name === 'DeviceError' || name === 'SystemError') return code === 'ENODEV' ? 2 : 3;
  return FAILED_CONNECTION.has(code ?? '') ? 1 : 2;
}

/** What a peer, a path or a taken port can do to a connection; the rest is wrong use. */
const FAILED_CONNECTION = new Set([
  ...[
    'ECONNREFUSED',
    'ECONNRESET',
    'ECONNABORTED',
    'ETIMEDOUT',
    'EHOSTUNREACH',
    'ENETUNREACH',
    'ENOPROTOOPT',
  ],
  ...['EPIPE', 'EADDRINUSE', 'EADDRNOTAVAIL', 'ESHORT'],
]);
