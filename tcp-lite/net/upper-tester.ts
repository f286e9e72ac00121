import type {
  DistributiveOmit,
  UpperRequest,
  UpperResponse,
  UpperTester,
} from '../../harness/upper-tester/protocol.js';
import type { Connection } from '../core/connection.js';
import { OptionError, TcpError } from '../core/errors.js';
import { AcceptQueue } from './accept-queue.js';
import type { TcpLiteStack } from './stack.js';
import { WatchedConnection } from './watched-connection.js';

type Request = DistributiveOmit<UpperRequest, 'id'>;
type Answer = Omit<UpperResponse, 'id'> & { ok: boolean };

/**
 * The upper-tester protocol on a stack of this process, straight over the core: nothing is read that no `receive` asked
 * for, and a connection that nobody accepted waits in the backlog.
 */
export function createUpperTester(stack: TcpLiteStack): UpperTester {
  return new TcpLiteUpperTester(stack);
}

class TcpLiteUpperTester implements UpperTester {
  private readonly listeners = new Map<number, AcceptQueue>();
  private readonly connections = new Map<number, WatchedConnection>();
  private nextNumber = 1;

  constructor(private readonly stack: TcpLiteStack) {}

  async request(request: Request): Promise<UpperResponse> {
    const { running } = this.stack;
    running.use();
    try {
      return { id: 0, ...(await this.perform(request)) };
    } catch (error) {
      if (error instanceof OptionError) return { id: 0, ...failed('unsupported', error.message) };
      if (error instanceof TcpError) return { id: 0, ...failed(error.code, error.message) };
      throw error;
    } finally {
      running.unuse();
    }
  }

  private perform(request: Request): Answer | Promise<Answer> {
    switch (request.op) {
      case 'listen':
        return this.listen(request);
      case 'connect':
        return this.connect(request);
      case 'accept':
        return this.accept(request.listener, request.timeoutMs ?? Infinity);
      case 'close':
        return request.listener === undefined
          ? this.on(request.connection, (connection) => connection.call((c, now) => c.close(now)))
          : this.closeListener(request.listener);
      case 'wait':
        return this.on(request.connection, (connection) => established(connection, request.timeoutMs));
      case 'send':
        return this.on(request.connection, (connection) => send(connection, request));
      case 'receive':
        return this.on(request.connection, (connection) =>
          receive(connection, request.bytes, request.timeoutMs ?? Infinity),
        );
      case 'shutdown':
        return this.on(request.connection, (connection) => connection.call((c, now) => c.shutdown(now)));
      case 'abort':
        return this.on(request.connection, (connection) => connection.call((c, now) => c.abort(now)));
      case 'set':
        return this.on(request.connection, (connection) => {
          for (const [name, value] of Object.entries(request.options)) {
            connection.call((c, now) => c.setOption(name, value, now));
          }
        });
      case 'status':
        return this.on(request.connection, (connection) => status(connection.connection));
      default:
        return failed('unsupported', `there is no operation "${String((request as { op: unknown }).op)}"`);
    }
  }

  private listen({ port, address, backlog, options }: Extract<Request, { op: 'listen' }>): Answer {
    const listener = this.stack.host.tcp.listen({
      ...options,
      port,
      ...(address === undefined ? {} : { address }),
      ...(backlog === undefined ? {} : { backlog }),
    });
    const number = this.nextNumber++;
    this.listeners.set(number, new AcceptQueue(listener));
    return { ok: true, listener: number, local: { address: listener.address, port: listener.port } };
  }

  private connect({ address, port, localPort, options }: Extract<Request, { op: 'connect' }>): Answer {
    const { running, host } = this.stack;
    const where = {
      remoteAddress: address,
      remotePort: port,
      ...(localPort === undefined ? {} : { localPort }),
    };
    const connection = host.tcp.connect({ ...options, ...where }, running.enter());
    running.leave();
    const { localAddress } = connection;
    const local = { address: localAddress, port: connection.localPort };
    return { ok: true, connection: this.keep(connection), local };
  }

  private async accept(number: number, timeoutMs: number): Promise<Answer> {
    const listener = this.listeners.get(number);
    if (listener === undefined) return failed('EBADF', `no listener ${number}`);
    const connection = await listener.accept(timeoutMs);
    if (connection === undefined) {
      return this.listeners.has(number)
        ? failed('ETIMEDOUT', 'no connection arrived')
        : failed('ECONNABORTED', 'listener closed');
    }
    const { remoteAddress, remotePort, state } = connection;
    const peer = { address: remoteAddress, port: remotePort };
    return { ok: true, connection: this.keep(connection), peer, state };
  }

  private closeListener(number: number): Answer {
    const listener = this.listeners.get(number);
    if (listener === undefined) return failed('EBADF', `no listener ${number}`);
    this.listeners.delete(number);
    this.stack.running.enter();
    listener.close();
    this.stack.running.leave();
    return { ok: true };
  }

  private keep(connection: Connection): number {
    const number = this.nextNumber++;
    this.connections.set(number, new WatchedConnection(connection, this.stack.running));
    return number;
  }

  private on(
    number: number | undefined,
    act: (connection: WatchedConnection) => Answer | Promise<Answer> | void,
  ): Answer | Promise<Answer> {
    const connection = number === undefined ? undefined : this.connections.get(number);
    if (connection === undefined) return failed('EBADF', `no connection ${number}`);
    return act(connection) ?? { ok: true };
  }
}

async function established(watched: WatchedConnection, timeoutMs = Infinity): Promise<Answer> {
  const { connection } = watched;
  const deadline = performance.now() + timeoutMs;
  while (connection.state === 'SYN-SENT' || connection.state === 'SYN-RECEIVED') {
    if (!(await watched.change(deadline))) return failed('ETIMEDOUT', 'not established yet');
  }
  if (connection.error !== undefined) return failed(connection.error.code, connection.error.message);
  if (connection.state === 'CLOSED') return failed('ECONNABORTED', 'the connection was closed');
  return { ok: true, state: connection.state };
}

async function send(watched: WatchedConnection, request: Extract<Request, { op: 'send' }>): Promise<Answer> {
  const data = payloadOf(request);
  const options = request.urgent === true ? { urgent: true } : {};
  let bytes = 0;
  try {
    for (;;) {
      bytes += watched.call((connection, now) => connection.write(data.subarray(bytes), now, options));
      if (bytes >= data.length) return { ok: true, bytes };
      await watched.change(Infinity);
    }
  } catch (error) {
    if (!(error instanceof TcpError)) throw error;
    return { ...failed(error.code, error.message), bytes };
  }
}

function payloadOf({ data, hex, repeat }: { data?: string; hex?: string; repeat?: number }): Uint8Array {
  const once = hex === undefined ? Buffer.from(data ?? '', 'utf8') : Buffer.from(hex, 'hex');
  return repeat === undefined ? once : Buffer.concat(new Array<Buffer>(repeat).fill(once));
}

async function receive(
  watched: WatchedConnection,
  wanted: number | undefined,
  timeoutMs: number,
): Promise<Answer> {
  const { connection } = watched;
  const deadline = performance.now() + timeoutMs;
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  const answer = (rest: Partial<Answer>): Answer => ({
    ok: true,
    hex: Buffer.concat(chunks).toString('hex'),
    bytes,
    ...rest,
  });
  for (;;) {
    const room = wanted === undefined ? READ_SIZE : wanted - bytes;
    const data = room === 0 ? undefined : watched.call((c, now) => c.read(room, now));
    if (data !== undefined) {
      chunks.push(data);
      bytes += data.length;
    }
    if (wanted === undefined ? bytes > 0 : bytes >= wanted) return answer({});
    if (data !== undefined) continue;
    if (connection.ended) return answer({ end: true });
    if (connection.error !== undefined) {
      const { code, message } = connection.error;
      return answer({ ok: false, error: code, message });
    }
    if (connection.state === 'CLOSED') return answer({ ...failed('EBADF', 'the connection was closed') });
    if (!(await watched.change(deadline))) return answer({});
  }
}

const READ_SIZE = 65_536;

function status(connection: Connection): Answer {
  const { error, softError, ...numbers } = connection.status();
  return {
    ok: true,
    state: numbers.state,
    peer: { address: numbers.remoteAddress, port: numbers.remotePort },
    status: {
      ...numbers,
      ...(error === undefined ? {} : { error: { code: error.code, message: error.message } }),
      ...(softError === undefined ? {} : { softError }),
    },
  };
}

function failed(error: string, message = error): Answer {
  return { ok: false, error, message };
}
