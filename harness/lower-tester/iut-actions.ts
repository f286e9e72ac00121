import type { IutAction } from '../case/model.js';
import type { UpperRequest, UpperResponse, UpperTester, DistributiveOmit } from '../upper-tester/protocol.js';

export interface IutActionsOptions {
  /** Absent for a plain command that is its own application. */
  upper?: UpperTester;
  /** Address and port that the IUT listens on. */
  listen: { address: string; port: number };
  /** Where a client connects to: the tester. */
  connect: { address: string; port: number };
  /** Socket options of the case's start state. */
  options: Record<string, unknown>;
  /** How long a call that waits for the peer may take unless the case says, ms. */
  timeoutMs: number;
}

/** A send that the stack holds back (a closed window) must not hold up the script. */
const SEND_WAIT_MS = 50;
/** What plain programs do by themselves: the recipes ask for it, and it is done. */
const SERVED_BY_ITSELF = ['listen', 'accept', 'connect', 'wait'];

/**
 * The application side of a script: fills in which listener and connection a call is about, and remembers the newest of
 * both.
 */
export class IutActions {
  private listener: number | undefined;
  private connection: number | undefined;

  constructor(private readonly options: IutActionsOptions) {}

  async perform({ op, args }: IutAction): Promise<UpperResponse> {
    const { upper } = this.options;
    if (!upper) {
      if (SERVED_BY_ITSELF.includes(op)) return { id: 0, ok: true };
      return { id: 0, ok: false, error: 'unsupported', message: `${op} needs an upper tester` };
    }
    const pending = upper.request(this.request(op, args));
    const response = op === 'send' ? await Promise.race([pending, heldBack()]) : await pending;
    pending.catch(() => undefined);
    if (response.ok && response.listener !== undefined) this.listener = response.listener;
    if (response.ok && response.connection !== undefined) this.connection = response.connection;
    return response;
  }

  private request(op: string, args: Record<string, unknown>): DistributiveOmit<UpperRequest, 'id'> {
    const { listen, connect, options, timeoutMs } = this.options;
    const merged = { ...options, ...(args['options'] as object | undefined) };
    const connection = { connection: this.connection ?? 0 };
    const defaults: Record<string, Record<string, unknown>> = {
      listen: { ...listen, options: merged },
      connect: { ...connect, options: merged },
      accept: { listener: this.listener ?? 0, timeoutMs },
      wait: { ...connection, timeoutMs },
      receive: { ...connection, timeoutMs },
      close:
        args['listener'] === undefined && this.connection !== undefined
          ? connection
          : { listener: this.listener ?? 0 },
    };
    const rest = op === 'listen' || op === 'connect' ? { ...args, options: merged } : args;
    return { op, ...(defaults[op] ?? connection), ...rest } as unknown as DistributiveOmit<
      UpperRequest,
      'id'
    >;
  }
}

function heldBack(): Promise<UpperResponse> {
  return new Promise((resolve) => setTimeout(() => resolve({ id: 0, ok: true }), SEND_WAIT_MS));
}
