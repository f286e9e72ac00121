import { SystemError } from '../../../native/libc.js';
import { isIPv6 } from 'node:net';
import type {
  DistributiveOmit,
  SocketOptions,
  UpperRequest,
  UpperResponse,
  UpperTester,
} from '../protocol.js';
import type { SocketCalls } from './calls.js';
import { setOptions } from './socket-options.js';
import { StreamSocket } from './stream-socket.js';

type Request = DistributiveOmit<UpperRequest, 'id'>;
type Answer = DistributiveOmit<UpperResponse, 'id'> & { ok: boolean };

const READ_SIZE = 65_536;

/**
 * Drives a TCP through a sockets API in this process. Answers as the protocol says; it never throws for what a socket
 * does.
 */
export class SocketUpperTester implements UpperTester {
  private readonly sockets = new Map<number, StreamSocket>();
  private nextNumber = 1;
  private ended = false;

  constructor(
    private readonly calls: SocketCalls,
    private readonly addresses: { ipv4: string; ipv6: string },
  ) {}

  async request(request: Request): Promise<UpperResponse> {
    try {
      return { id: 0, ...(await this.perform(request)) };
    } catch (error) {
      if (error instanceof SystemError)
        return { id: 0, ok: false, error: error.code, message: error.message };
      throw error;
    }
  }

  /** Aborts whatever is open, so that nothing of this case is sent during the next one. */
  close(): void {
    this.ended = true;
    for (const socket of this.sockets.values()) socket.abort();
    this.sockets.clear();
  }

  /** Numbers of the connections and listeners that are open. */
  get open(): number {
    return this.sockets.size;
  }

  private async perform(request: Request): Promise<Answer> {
    switch (request.op) {
      case 'listen':
        return this.listen(
          request.address ?? this.addresses.ipv4,
          request.port,
          request.backlog,
          request.options,
        );
      case 'connect':
        return this.connect(request);
      case 'accept':
        return this.accept(request.listener, request.timeoutMs ?? Infinity);
      case 'close':
        return this.endSocket(request.connection ?? request.listener ?? 0, (socket) => socket.close());
      default:
        break;
    }
    const socket = this.sockets.get(request.connection);
    if (!socket) return failed('EBADF', `no connection ${request.connection}`);
    switch (request.op) {
      case 'wait':
        return this.established(socket, request.timeoutMs ?? Infinity);
      case 'send':
        return sendAll(socket, payloadOf(request), request.urgent ?? false);
      case 'receive':
        return receive(socket, request.bytes, request.timeoutMs ?? Infinity);
      case 'shutdown': {
        const error = socket.shutdown();
        return error === undefined ? { ok: true } : failed(error);
      }
      case 'abort':
        return this.abort(request.connection, socket);
      case 'set':
        return this.applied(setOptions(this.calls, socket.fd, request.options, socket.version));
      case 'status': {
        const { state } = socket;
        return state === undefined
          ? failed('unsupported', 'the stack does not tell its states')
          : { ok: true, state };
      }
    }
  }

  private listen(address: string, port: number, backlog = 16, options: SocketOptions = {}): Answer {
    const socket = StreamSocket.create(this.calls, isIPv6(address) ? 6 : 4);
    return this.keep(socket, options, 'listener', () => {
      socket.bind(address, port);
      socket.listen(backlog);
    });
  }

  private connect(request: Extract<Request, { op: 'connect' }>): Answer {
    const version = isIPv6(request.address) ? 6 : 4;
    const socket = StreamSocket.create(this.calls, version);
    return this.keep(socket, request.options ?? {}, 'connection', () => {
      if (request.localPort !== undefined) {
        socket.bind(version === 4 ? this.addresses.ipv4 : this.addresses.ipv6, request.localPort);
      }
      socket.connect(request.address, request.port);
    });
  }

  private keep(
    socket: StreamSocket,
    options: SocketOptions,
    kind: 'listener' | 'connection',
    begin: () => void,
  ): Answer {
    const refused = setOptions(this.calls, socket.fd, options, socket.version);
    if (refused !== undefined) {
      socket.close();
      return this.applied(refused);
    }
    try {
      begin();
    } catch (error) {
      socket.close();
      throw error;
    }
    const number = this.nextNumber++;
    this.sockets.set(number, socket);
    return { ok: true, [kind]: number, local: socket.local };
  }

  private async accept(listener: number, timeoutMs: number): Promise<Answer> {
    const socket = this.sockets.get(listener);
    if (!socket) return failed('EBADF', `no listener ${listener}`);
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const arrived = socket.isOpen ? socket.accept() : undefined;
      if (arrived) {
        if (this.ended) {
          arrived.abort();
          return failed('ECONNABORTED');
        }
        const number = this.nextNumber++;
        this.sockets.set(number, arrived);
        return { ok: true, connection: number, peer: arrived.peer };
      }
      if (!(await socket.ready('readable', deadline - performance.now()))) {
        return socket.isOpen
          ? failed('ETIMEDOUT', 'no connection arrived')
          : failed('ECONNABORTED', 'listener closed');
      }
    }
  }

  private async established(socket: StreamSocket, timeoutMs: number): Promise<Answer> {
    const decided = await socket.ready('writable', timeoutMs);
    if (!socket.isOpen) return failed('ECONNABORTED', 'the connection was closed');
    if (!decided) return failed('ETIMEDOUT', 'not established yet');
    const error = socket.takeError();
    return error === undefined ? { ok: true } : failed(error);
  }

  private applied(refused: string | undefined): Answer {
    return refused === undefined
      ? { ok: true }
      : failed('unsupported', `${this.calls.stack} cannot be told ${refused}`);
  }

  private abort(number: number, socket: StreamSocket): Answer {
    this.sockets.delete(number);
    return socket.abort()
      ? { ok: true }
      : failed('unsupported', `${this.calls.stack} cannot abort a connection`);
  }

  private endSocket(number: number, end: (socket: StreamSocket) => void): Answer {
    const socket = this.sockets.get(number);
    if (!socket) return failed('EBADF', `no connection or listener ${number}`);
    end(socket);
    this.sockets.delete(number);
    return { ok: true };
  }
}

/** Data of a `send` request, repeated as it says. */
export function payloadOf(request: { data?: string; hex?: string; repeat?: number }): Uint8Array {
  const once =
    request.hex !== undefined ? Buffer.from(request.hex, 'hex') : Buffer.from(request.data ?? '', 'utf8');
  return request.repeat === undefined ? once : Buffer.concat(new Array<Buffer>(request.repeat).fill(once));
}

async function sendAll(socket: StreamSocket, data: Uint8Array, urgent: boolean): Promise<Answer> {
  let sent = 0;
  while (sent < data.length) {
    const taken = socket.write(data.subarray(sent), urgent);
    if (typeof taken !== 'number') return { ...failed(taken.error), bytes: sent };
    sent += taken;
    if (sent < data.length && taken === 0 && !(await socket.ready('writable', Infinity))) {
      return { ...failed('ECONNABORTED', 'the connection was closed'), bytes: sent };
    }
  }
  return { ok: true, bytes: sent };
}

async function receive(socket: StreamSocket, bytes: number | undefined, timeoutMs: number): Promise<Answer> {
  const deadline = performance.now() + timeoutMs;
  const chunks: Uint8Array[] = [];
  let length = 0;
  const answer = (rest: Partial<Answer>): Answer => ({
    ok: true,
    hex: Buffer.concat(chunks).toString('hex'),
    bytes: length,
    ...rest,
  });
  for (;;) {
    const result = socket.isOpen
      ? socket.read(bytes === undefined ? READ_SIZE : bytes - length)
      : { error: 'EBADF' };
    if ('error' in result) return answer({ ok: false, error: result.error, message: result.error });
    if ('end' in result) return answer({ end: true });
    if ('data' in result) {
      chunks.push(result.data);
      length += result.data.length;
      if (bytes === undefined || length >= bytes) return answer({});
    } else if (!(await socket.ready('readable', deadline - performance.now()))) {
      return answer({});
    }
  }
}

function failed(error: string, message = error): Answer {
  return { ok: false, error, message };
}
