import { SystemError } from '../../../native/libc.js';
import { isIPv6 } from 'node:net';
import type {
  DistributiveOmit,
  SocketOptions,
  UpperRequest,
  UpperResponse,
  UpperTester,
} from '../protocol.js';
import { KernelSocket } from './kernel-socket.js';
import { setOptions } from './socket-options.js';

type Request = DistributiveOmit<UpperRequest, 'id'>;
type Answer = DistributiveOmit<UpperResponse, 'id'> & { ok: boolean };

const READ_SIZE = 65_536;

/**
 * Drives the kernel's own TCP in one namespace: sockets are opened there from this process, so that a case costs no
 * process start. Answers as the protocol says; it never throws for what a socket does.
 */
export class LinuxUpperTester implements UpperTester {
  private readonly sockets = new Map<number, KernelSocket>();
  private nextNumber = 1;
  private ended = false;

  constructor(
    private readonly netnsPath: string,
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
        return this.endSocket(request.connection, (open) => open.abort());
      case 'set':
        return applied(setOptions(socket.fd, request.options, socket.version));
      case 'status':
        return { ok: true, state: socket.state };
    }
  }

  private listen(address: string, port: number, backlog = 16, options: SocketOptions = {}): Answer {
    const socket = KernelSocket.create(this.netnsPath, isIPv6(address) ? 6 : 4);
    return this.keep(socket, options, 'listener', () => {
      socket.bind(address, port);
      socket.listen(backlog);
    });
  }

  private connect(request: Extract<Request, { op: 'connect' }>): Answer {
    const version = isIPv6(request.address) ? 6 : 4;
    const socket = KernelSocket.create(this.netnsPath, version);
    return this.keep(socket, request.options ?? {}, 'connection', () => {
      if (request.localPort !== undefined) {
        socket.bind(version === 4 ? this.addresses.ipv4 : this.addresses.ipv6, request.localPort);
      }
      socket.connect(request.address, request.port);
    });
  }

  private keep(
    socket: KernelSocket,
    options: SocketOptions,
    kind: 'listener' | 'connection',
    begin: () => void,
  ): Answer {
    const refused = setOptions(socket.fd, options, socket.version);
    if (refused !== undefined) {
      socket.close();
      return applied(refused);
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

  private async established(socket: KernelSocket, timeoutMs: number): Promise<Answer> {
    const deadline = performance.now() + timeoutMs;
    while (socket.isOpen && (socket.state === 'SYN-SENT' || socket.state === 'SYN-RECEIVED')) {
      if (!(await socket.ready('writable', deadline - performance.now()))) break;
    }
    if (!socket.isOpen) return failed('ECONNABORTED', 'the connection was closed');
    const error = socket.takeError();
    if (error !== undefined) return failed(error);
    const { state } = socket;
    return state === 'SYN-SENT' || state === 'SYN-RECEIVED'
      ? failed('ETIMEDOUT', `still ${state}`)
      : { ok: true, state };
  }

  private endSocket(number: number, end: (socket: KernelSocket) => void): Answer {
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

async function sendAll(socket: KernelSocket, data: Uint8Array, urgent: boolean): Promise<Answer> {
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

async function receive(socket: KernelSocket, bytes: number | undefined, timeoutMs: number): Promise<Answer> {
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

function applied(refused: string | undefined): Answer {
  return refused === undefined ? { ok: true } : failed('unsupported', `Linux cannot be told ${refused}`);
}

function failed(error: string, message = error): Answer {
  return { ok: false, error, message };
}
