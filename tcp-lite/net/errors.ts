import { getSystemErrorMap } from 'node:util';
import type { TcpError } from '../core/errors.js';

/** An error as `net` gives it: errno, code and call, where known the address; `cause` has the protocol's own words. */
export interface SocketError extends Error {
  code: string;
  errno: number;
  syscall: string;
  address?: string;
  port?: number;
}

/** `connect ECONNREFUSED 10.0.0.2:80`, as Node words it. */
export function socketError(cause: TcpError, syscall: string, address?: string, port?: number): SocketError {
  const where = address === undefined ? '' : ` ${address}${port === undefined ? '' : `:${port}`}`;
  const error = new Error(`${syscall} ${cause.code}${where}`, { cause }) as SocketError;
  error.code = cause.code;
  error.errno = errnoOf(cause.code);
  error.syscall = syscall;
  if (address !== undefined) error.address = address;
  if (port !== undefined) error.port = port;
  return error;
}

function errnoOf(code: string): number {
  for (const [errno, [name]] of getSystemErrorMap()) if (name === code) return errno;
  return 0;
}
