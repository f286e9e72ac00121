import type { AppAction, Place } from '../case/model.js';
import type { UpperResponse, UpperTester } from './protocol.js';

/** How an application program on one end went. */
export interface AppOutcome {
  ok: boolean;
  /** The action that did not work, with what the stack said. */
  problem?: { action: string; place: Place; error: string; message: string };
  /** Octets the application received, the first 64 KiB of them. */
  received: Uint8Array;
}

export interface AppOptions {
  /** How long a single action may take, ms. */
  timeoutMs: number;
  sleep(ms: number): Promise<void>;
}

/** A stack said no to an action of the program. */
class ActionFailed extends Error {
  constructor(
    readonly action: AppAction,
    readonly response: UpperResponse,
  ) {
    super(response.message ?? response.error ?? 'failed');
  }
}

const RECEIVED_KEPT = 65_536;

/**
 * Runs the application side of one end: the actions in order on an established connection. Never throws for what the
 * stack answers: a reset or a timeout is part of the outcome, because the wire and not the application is judged.
 */
export async function runApp(
  upper: UpperTester,
  connection: number,
  actions: AppAction[],
  options: AppOptions,
): Promise<AppOutcome> {
  const received = new Received();
  try {
    for (const action of actions) await runAction(upper, connection, action, options, received);
    return { ok: true, received: received.bytes() };
  } catch (error) {
    if (!(error instanceof ActionFailed)) throw error;
    const problem = {
      action: error.action.do,
      place: error.action.place,
      error: error.response.error ?? 'failed',
      message: error.message,
    };
    return { ok: false, problem, received: received.bytes() };
  }
}

async function runAction(
  upper: UpperTester,
  connection: number,
  action: AppAction,
  options: AppOptions,
  received: Received,
): Promise<void> {
  const must = async (pending: Promise<UpperResponse>): Promise<UpperResponse> => {
    const response = await pending;
    if (!response.ok) throw new ActionFailed(action, response);
    return response;
  };
  const receive = (bytes?: number) =>
    upper.request({
      op: 'receive',
      connection,
      timeoutMs: options.timeoutMs,
      ...(bytes === undefined ? {} : { bytes }),
    });
  switch (action.do) {
    case 'send':
      await must(upper.request({ op: 'send', connection, hex: Buffer.from(action.data).toString('hex') }));
      return;
    case 'receive': {
      const response = await must(receive(action.bytes));
      const data = responseData(response);
      received.add(data);
      if (data.length < action.bytes) {
        const why = response.end ? 'the stream ended' : 'nothing more came in time';
        const message = `received ${data.length} of ${action.bytes} octets, then ${why}`;
        throw new ActionFailed(action, { ...response, ok: false, error: 'short-read', message });
      }
      return;
    }
    case 'receive-until-end':
      await eachChunk(action, receive, must, received);
      return;
    // A service that is at the end of its input has nothing more to say.
    case 'discard':
      await eachChunk(action, receive, must, received);
      await must(upper.request({ op: 'close', connection }));
      return;
    case 'echo':
      await eachChunk(action, receive, must, received, async (data) => {
        const hex = Buffer.concat([action.prefix, data]).toString('hex');
        await must(upper.request({ op: 'send', connection, hex }));
      });
      await must(upper.request({ op: 'close', connection }));
      return;
    case 'wait':
      await options.sleep(action.ms);
      return;
    case 'shutdown':
    case 'close':
    case 'abort':
      await must(upper.request({ op: action.do, connection }));
  }
}

/** Reads until the end of the stream. */
async function eachChunk(
  action: AppAction,
  receive: () => Promise<UpperResponse>,
  must: (pending: Promise<UpperResponse>) => Promise<UpperResponse>,
  received: Received,
  use: (data: Uint8Array) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  for (;;) {
    const response = await must(receive());
    const data = responseData(response);
    received.add(data);
    if (data.length > 0) await use(data);
    if (response.end) return;
    if (data.length === 0) throw new ActionFailed(action, timedOut(response));
  }
}

function timedOut(response: UpperResponse): UpperResponse {
  return { ...response, ok: false, error: 'ETIMEDOUT', message: 'nothing came in time' };
}

/** Data of a `receive` response, whichever way it was written. */
export function responseData(response: UpperResponse): Uint8Array {
  if (response.hex !== undefined) return Buffer.from(response.hex, 'hex');
  return Buffer.from(response.data ?? '', 'utf8');
}

class Received {
  private readonly chunks: Uint8Array[] = [];
  private kept = 0;

  add(data: Uint8Array): void {
    const room = RECEIVED_KEPT - this.kept;
    if (room <= 0) return;
    this.chunks.push(data.subarray(0, room));
    this.kept += Math.min(room, data.length);
  }

  bytes(): Uint8Array {
    return Buffer.concat(this.chunks);
  }
}
