/**
 * The upper-tester protocol: one JSON object a line on stdin (requests) and stdout (responses and events).
 * The same objects are used in process. Data is text when it is printable (`data`) or hex (`hex`).
 */
export type UpperRequest =
  | { id: number; op: 'listen'; port: number; address?: string; backlog?: number; options?: SocketOptions }
  /** Answered when a connection arrives on that listener; several may wait. */
  | { id: number; op: 'accept'; listener: number; timeoutMs?: number }
  /** Answered at once with the connection number; `status` or `wait` tells whether it is established. */
  | { id: number; op: 'connect'; address: string; port: number; localPort?: number; options?: SocketOptions }
  /** Answered once the connection is established, or with the error that ended it. */
  | { id: number; op: 'wait'; connection: number; timeoutMs?: number }
  | {
      id: number;
      op: 'send';
      connection: number;
      data?: string;
      hex?: string;
      repeat?: number;
      urgent?: boolean;
    }
  /** Answered once `bytes` octets are there, at end of stream (`end: true`), on error, or at the timeout with what came. */
  | { id: number; op: 'receive'; connection: number; bytes?: number; timeoutMs?: number }
  /** Stop or resume reading: a slow application. Nothing is read unless asked with `receive`. */
  | { id: number; op: 'shutdown'; connection: number }
  | { id: number; op: 'close'; connection?: number; listener?: number }
  | { id: number; op: 'abort'; connection: number }
  | { id: number; op: 'set'; connection: number; options: SocketOptions }
  | { id: number; op: 'status'; connection: number };

/** Names are the protocol's own; a stack refuses what it does not know with `unsupported`. */
export interface SocketOptions {
  noDelay?: boolean;
  keepAlive?: KeepAlive | boolean;
  userTimeoutMs?: number;
  receiveBuffer?: number;
  sendBuffer?: number;
  dscp?: number;
  ttl?: number;
  mss?: number;
  /** Initial send sequence number, for stacks that claim `fixed-isn`. */
  isn?: number;
  window?: number;
  /** IPv4 gateways in the order of travel: a loose source route. */
  sourceRoute?: readonly string[];
  [name: string]: unknown;
}

/** `enable: false` sets the times and leaves it to the stack whether it probes. */
export interface KeepAlive {
  idleMs: number;
  intervalMs?: number;
  count?: number;
  enable?: boolean;
}

export interface UpperResponse {
  id: number;
  ok: boolean;
  /** errno-like code: ECONNREFUSED, ECONNRESET, ETIMEDOUT, unsupported, ... */
  error?: string;
  message?: string;
  listener?: number;
  connection?: number;
  data?: string;
  hex?: string;
  bytes?: number;
  end?: boolean;
  /** Connection state by its RFC 9293 name, where the stack can tell. */
  state?: string;
  peer?: { address: string; port: number };
  [name: string]: unknown;
}

/** What drives the application side of an IUT, in process or over a pipe. */
export interface UpperTester {
  /** Throws nothing for a failing operation: the response says `ok: false`. Rejects when the IUT is gone. */
  request(request: DistributiveOmit<UpperRequest, 'id'>): Promise<UpperResponse>;
}

export type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
