import { closeOnSignal } from './signals.js';
import { fail, UsageError } from './failure.js';
import type { StackArguments } from './main.js';
import { connectionOptions, makeStack } from './make-stack.js';
import { CHARGEN, repeated } from './patterns.js';
import type { TcpSocket } from '../net/socket.js';

export interface ServerOptions extends StackArguments {
  port: number;
  mode: 'echo' | 'discard' | 'source' | 'chargen' | 'prefix';
  prefix?: string;
  bytes?: number;
  backlog?: number;
  once?: true;
}

/** Listens until a signal, or until the first connection is over. */
export function runServer(options: ServerOptions): void {
  const { mode, prefix, backlog } = options;
  if (mode === 'prefix' && prefix === undefined) throw new UsageError('--mode prefix needs --prefix TEXT');
  if (prefix !== undefined && mode !== 'prefix' && mode !== 'echo') {
    throw new UsageError(`--prefix is for echoing, not for --mode ${mode}`);
  }
  const stack = makeStack(options);
  const server = stack.listen(
    {
      ...connectionOptions(options),
      port: options.port,
      allowHalfOpen: true,
      ...(backlog === undefined ? {} : { backlog }),
    },
    (socket) => {
      serve(socket, options);
      socket.on('error', (error) =>
        process.stderr.write(`tcp-lite: ${socket.remoteAddress}: ${error.message}\n`),
      );
      if (options.once) server.close();
    },
  );
  server.on('listening', () => process.stdout.write(`listening on port ${server.address()?.port}\n`));
  server.on('error', fail);
  closeOnSignal(stack);
}

function serve(socket: TcpSocket, options: ServerOptions): void {
  switch (options.mode) {
    case 'echo':
    case 'prefix':
      if (options.prefix === undefined) socket.pipe(socket);
      else echoWithPrefix(socket, Buffer.from(options.prefix));
      return;
    case 'discard':
      socket.on('end', () => socket.end()).resume();
      return;
    case 'source':
      repeated(Buffer.alloc(65_536, 'x'), options.bytes ?? Infinity).pipe(socket);
      socket.resume();
      return;
    case 'chargen':
      repeated(CHARGEN, options.bytes ?? Infinity).pipe(socket);
      socket.resume();
  }
}

/** Every piece that arrives goes back behind the prefix, as one segment where it fits. */
function echoWithPrefix(socket: TcpSocket, prefix: Buffer): void {
  socket.on('data', (data: Buffer) => {
    if (!socket.write(Buffer.concat([prefix, data]))) {
      socket.pause();
      socket.once('drain', () => socket.resume());
    }
  });
  socket.on('end', () => socket.end());
}
