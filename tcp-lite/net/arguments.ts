import type { ServerSettings } from './server.js';
import type { SocketSettings } from './socket.js';

export interface TcpLiteConnectOptions extends SocketSettings {
  /** An IP address. */
  host: string;
  port: number;
  localAddress?: string;
  localPort?: number;
}

type Callback = () => void;

/** Options, or port and host; then perhaps a callback. */
export type ConnectArguments =
  [options: TcpLiteConnectOptions, callback?: Callback] | [port: number, host: string, callback?: Callback];

/** Options, or port, host and backlog, each of which may be left out; then perhaps a callback. */
export type ListenArguments =
  | [options: ServerSettings, callback?: Callback]
  | [port?: number, callback?: Callback]
  | [port: number, host: string, callback?: Callback]
  | [port: number, host: string, backlog: number, callback?: Callback];

export function connectArguments(given: ConnectArguments): {
  options: TcpLiteConnectOptions;
  callback: Callback | undefined;
} {
  const callback = callbackOf(given);
  const [first, second] = given;
  if (typeof first === 'object') return { options: first, callback };
  return { options: { port: first, host: second as string }, callback };
}

export function listenArguments(given: ListenArguments): {
  options: ServerSettings;
  callback: Callback | undefined;
} {
  const callback = callbackOf(given);
  const [first, second, third] = given;
  if (typeof first === 'object') return { options: first, callback };
  return {
    options: {
      ...(first === undefined ? {} : { port: first }),
      ...(typeof second === 'string' ? { host: second } : {}),
      ...(typeof third === 'number' ? { backlog: third } : {}),
    },
    callback,
  };
}

function callbackOf(given: readonly unknown[]): Callback | undefined {
  const last = given.at(-1);
  return typeof last === 'function' ? (last as Callback) : undefined;
}
