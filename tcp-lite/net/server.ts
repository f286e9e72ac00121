import { EventEmitter } from 'node:events';
import type { ListenOptions } from '../core/config.js';
import type { Connection } from '../core/connection.js';
import type { Listener } from '../core/listener.js';
import type { TcpError } from '../core/errors.js';
import type { RunningHost } from '../link/run-host.js';
import { listenArguments } from './arguments.js';
import type { ListenArguments } from './arguments.js';
import { socketError } from './errors.js';
import type { SocketSettings } from './socket.js';
import { TcpSocket } from './socket.js';

export interface ServerSettings extends SocketSettings {
  /** 0 or left out: any free one. */
  port?: number;
  /** Only connections to this address of the stack. */
  host?: string;
  backlog?: number;
  /** Hand sockets over paused, as in `net`. */
  pauseOnConnect?: boolean;
}

export interface ServerEvents {
  listening: [];
  connection: [socket: TcpSocket];
  close: [];
  error: [error: Error];
  /** A connection beyond `maxConnections` was refused. */
  drop: [refused: { remoteAddress: string; remotePort: number; localAddress: string; localPort: number }];
}

/** A listener with the interface of `net.Server`. */
export class TcpServer extends EventEmitter<ServerEvents> {
  /** Connections beyond this many are reset at once. */
  maxConnections: number | undefined;
  readonly #running: RunningHost;
  readonly #settings: ServerSettings;
  readonly #sockets = new Set<TcpSocket>();
  #listener: Listener | undefined;
  #referenced = true;
  #used = false;

  /** For the stack; `listen` follows. */
  constructor(running: RunningHost, settings: ServerSettings, onConnection?: (socket: TcpSocket) => void) {
    super();
    this.#running = running;
    this.#settings = settings;
    if (onConnection !== undefined) this.on('connection', onConnection);
  }

  /**
   * Starts to listen at once; 'listening' or 'error' follow in the next turn. Takes what the `listen` of net.Server
   * does: port, host, backlog, or an object with these and any option of the core. Throws ERR_SERVER_ALREADY_LISTEN.
   */
  listen(...given: ListenArguments): this {
    if (this.#listener !== undefined) {
      const message = 'Listen method has been called more than once without closing.';
      throw Object.assign(new Error(message), { code: 'ERR_SERVER_ALREADY_LISTEN' });
    }
    const { options, callback } = listenArguments(given);
    if (callback !== undefined) this.once('listening', callback);
    const settings = { ...this.#settings, ...options };
    try {
      this.#listener = this.#running.host.tcp.listen(listenOptions(settings));
      this.#listener.onConnection = (connection) => this.#accept(connection);
      process.nextTick(() => this.emit('listening'));
    } catch (error) {
      const { host, port } = settings;
      const failure = isTcpError(error) ? socketError(error, 'listen', host ?? '0.0.0.0', port) : error;
      process.nextTick(() => this.emit('error', failure as Error));
    }
    this.#account();
    return this;
  }

  get listening(): boolean {
    return this.#listener !== undefined;
  }

  address(): { address: string; family: string; port: number } | null {
    const listener = this.#listener;
    if (listener === undefined) return null;
    const address = listener.address ?? '0.0.0.0';
    return { address, family: address.includes(':') ? 'IPv6' : 'IPv4', port: listener.port };
  }

  /** Takes no more connections; 'close' follows when the last of those there are is over. */
  close(callback?: (error?: Error) => void): this {
    const listener = this.#listener;
    if (listener === undefined) {
      const error = Object.assign(new Error('Server is not running.'), { code: 'ERR_SERVER_NOT_RUNNING' });
      if (callback !== undefined) process.nextTick(callback, error);
      return this;
    }
    if (callback !== undefined) this.once('close', () => callback());
    this.#listener = undefined;
    this.#running.enter();
    listener.close();
    this.#running.leave();
    this.#account();
    this.#closeWhenEmpty();
    return this;
  }

  getConnections(callback: (error: Error | null, count: number) => void): this {
    process.nextTick(callback, null, this.#sockets.size);
    return this;
  }

  ref(): this {
    this.#referenced = true;
    this.#account();
    return this;
  }

  unref(): this {
    this.#referenced = false;
    this.#account();
    return this;
  }

  #accept(connection: Connection): void {
    if (this.maxConnections !== undefined && this.#sockets.size >= this.maxConnections) {
      const { remoteAddress, remotePort, localAddress, localPort } = connection;
      connection.abort(this.#running.enter());
      this.emit('drop', { remoteAddress, remotePort, localAddress, localPort });
      return;
    }
    const socket = new TcpSocket(this.#running, connection, this.#settings);
    if (this.#settings.pauseOnConnect === true) socket.pause();
    this.#sockets.add(socket);
    socket.once('close', () => {
      this.#sockets.delete(socket);
      this.#closeWhenEmpty();
    });
    this.emit('connection', socket);
    // A SYN or what follows it may have brought data before anybody was there to read.
    socket.read(0);
  }

  #closeWhenEmpty(): void {
    if (this.#listener === undefined && this.#sockets.size === 0) process.nextTick(() => this.emit('close'));
  }

  #account(): void {
    const use = this.#referenced && this.#listener !== undefined;
    if (use === this.#used) return;
    this.#used = use;
    if (use) this.#running.use();
    else this.#running.unuse();
  }
}

function listenOptions(settings: ServerSettings): ListenOptions {
  const {
    port,
    host,
    backlog,
    allowHalfOpen,
    keepAliveInitialDelay,
    highWaterMark,
    pauseOnConnect,
    ...rest
  } = settings;
  void [allowHalfOpen, highWaterMark, pauseOnConnect];
  return {
    ...rest,
    ...keepAliveOption(rest.keepAlive, keepAliveInitialDelay),
    port: port ?? 0,
    ...(host === undefined ? {} : { address: host }),
    ...(backlog === undefined ? {} : { backlog }),
  };
}

/** `net` has two options where the core has one. */
export function keepAliveOption(
  keepAlive: SocketSettings['keepAlive'],
  initialDelay: number | undefined,
): { keepAlive?: NonNullable<SocketSettings['keepAlive']> } {
  if (keepAlive === undefined) return {};
  if (keepAlive !== true || initialDelay === undefined || initialDelay <= 0) return { keepAlive };
  return { keepAlive: { idleMs: initialDelay } };
}

function isTcpError(error: unknown): error is TcpError {
  return error instanceof Error && typeof (error as TcpError).code === 'string';
}
