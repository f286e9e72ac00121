import { randomBytes } from 'node:crypto';
import type { FrameDevice } from '../../native/frame-device.js';
import type { ConnectOptions, TcpConfig } from '../core/config.js';
import type { TcpError } from '../core/errors.js';
import { Host } from '../host/host.js';
import type { HostRules } from '../host/rules.js';
import { openDevice } from '../link/open-device.js';
import type { Attach } from '../link/open-device.js';
import { RunningHost } from '../link/run-host.js';
import { macOctets } from '../wire/address.js';
import { connectArguments } from './arguments.js';
import type { ConnectArguments } from './arguments.js';
import { socketError } from './errors.js';
import { keepAliveOption, TcpServer } from './server.js';
import type { ServerSettings } from './server.js';
import { TcpSocket } from './socket.js';

export interface TcpLiteOptions {
  /** An open device; else one is opened on `interface`. */
  device?: FrameDevice;
  interface?: string;
  /** File of the namespace that the interface is in; the caller's own when left out. */
  netnsPath?: string;
  /** Default `packet`: an address of its own. */
  attach?: Attach;
  /** `10.0.0.1/24`, `fd00::1/64`; without a prefix length every address is a neighbour. */
  addresses: readonly string[];
  gateways?: readonly string[];
  /** Hardware addresses of neighbours that are known beforehand, by IP address. */
  neighbours?: Readonly<Record<string, string>>;
  /** Default: the device's. */
  mac?: string | Uint8Array;
  /** Settings of the core; `random` and `secret` are drawn from the system unless given. */
  config?: Partial<TcpConfig>;
  /** Decisions about frames and segments, to be overridden one by one. */
  hostRules?: HostRules;
  /** Microseconds to stay awake after work, for a device opened here. Default 0. */
  spinUs?: number;
}

/**
 * Makes a TCP with addresses of its own on a device. It costs well under a millisecond, so one may be made for every
 * test case; opening and closing the device costs more, so that may be shared: see `detach`. Throws AddressError,
 * InterfaceAddressError, DeviceError.
 */
export function createTcpLite(options: TcpLiteOptions): TcpLiteStack {
  const attach = options.attach ?? 'packet';
  const device = options.device ?? open(options, attach);
  const mac = typeof options.mac === 'string' ? macOctets(options.mac) : options.mac;
  const host = new Host(
    {
      mac: mac ?? device.mac,
      addresses: options.addresses,
      ...(options.gateways === undefined ? {} : { gateways: options.gateways }),
      answerNeighbours: attach !== 'raw',
      tcp: { random: systemRandom, secret: randomBytes(16).toString('hex'), ...options.config },
      ...(options.hostRules === undefined ? {} : { rules: options.hostRules }),
    },
    device,
  );
  const running = new RunningHost(host, device);
  for (const [address, neighbour] of Object.entries(options.neighbours ?? {})) {
    host.addNeighbour(address, macOctets(neighbour), running.enter());
    running.leave();
  }
  return new TcpLiteStack(running);
}

/** The name that a Node programmer looks for. */
export const createStack: typeof createTcpLite = createTcpLite;

/** A running TCP, with the calls of `net`. */
export class TcpLiteStack {
  constructor(readonly running: RunningHost) {}

  get host(): Host {
    return this.running.host;
  }

  /**
   * Opens a connection, as net.connect does: options, or port and host, then a listener for 'connect'. Errors come as
   * 'error'. `host` is an IP address: there is no resolver here.
   */
  connect(...given: ConnectArguments): TcpSocket {
    const { running } = this;
    const { options, callback } = connectArguments(given);
    const { host, port, allowHalfOpen, highWaterMark, keepAliveInitialDelay, ...rest } = options;
    void [allowHalfOpen, highWaterMark];
    const core: ConnectOptions = {
      ...rest,
      ...keepAliveOption(rest.keepAlive, keepAliveInitialDelay),
      ...{ remoteAddress: host, remotePort: port },
    };
    let socket: TcpSocket;
    try {
      socket = new TcpSocket(running, running.host.tcp.connect(core, running.enter()), options);
    } catch (error) {
      socket = new TcpSocket(running, undefined, options);
      socket.destroy(socketError(error as TcpError, 'connect', host, port));
    }
    running.leave();
    if (callback !== undefined) socket.once('connect', callback);
    return socket;
  }

  /** As `connect`. */
  createConnection(...given: ConnectArguments): TcpSocket {
    return this.connect(...given);
  }

  /** A server that does not listen yet, as net.createServer gives one. */
  createServer(
    settings: ServerSettings | ((socket: TcpSocket) => void) = {},
    onConnection?: (socket: TcpSocket) => void,
  ): TcpServer {
    if (typeof settings === 'function') return new TcpServer(this.running, {}, settings);
    return new TcpServer(this.running, settings, onConnection);
  }

  /** createServer and its `listen` in one; errors such as EADDRINUSE come as 'error'. */
  listen(settings: ServerSettings, onConnection?: (socket: TcpSocket) => void): TcpServer {
    return this.createServer(settings, onConnection).listen(settings);
  }

  /** Stops at once, leaving connections as they are; the device stays open for another stack. */
  detach(): void {
    this.running.detach();
  }

  /** As `detach`, and closes the device. */
  close(): void {
    this.running.detach();
    this.running.device.close();
  }
}

function open(options: TcpLiteOptions, attach: Attach): FrameDevice {
  if (options.interface === undefined) throw new TypeError('give a device or an interface');
  const { netnsPath, spinUs } = options;
  return openDevice({
    ...{ interface: options.interface, attach },
    ...(netnsPath === undefined ? {} : { netnsPath }),
    ...(spinUs === undefined ? {} : { spinUs }),
  });
}

/** Uniform in [0, 1) and not to be foretold: ports and secrets are drawn from it. */
function systemRandom(): number {
  return randomBytes(4).readUInt32BE(0) / 2 ** 32;
}
