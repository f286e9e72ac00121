import { AddressError, addressVersion, canonicalAddress } from '../wire/address.js';
import type { ConnectOptions, ListenOptions, TcpConfig } from './config.js';
import { AddressInUseError, InvalidAddressError, OptionError } from './errors.js';
import type { Listener } from './listener.js';
import type { Rules } from './rules.js';
import type { TcpIo } from './tcp.js';

export interface Sockets {
  version: 4 | 6;
  localAddress: string;
  localPort: number;
  remoteAddress: string;
  remotePort: number;
}

type IsFree = (local: string, port: number, remote: string, remotePort: number) => boolean;

/** Both sockets of an active open, checked (MUST-46) and completed (MUST-43, MUST-44). */
export function resolveConnect(
  options: ConnectOptions,
  config: TcpConfig,
  io: TcpIo,
  rules: Rules,
  isFree: IsFree,
): Sockets {
  const remoteAddress = canonical(options.remoteAddress);
  const version = addressVersion(remoteAddress);
  if (!rules.mayConnect(version, remoteAddress, io.isBroadcast?.(remoteAddress) === true)) {
    throw new InvalidAddressError(
      'EINVAL',
      `${remoteAddress} cannot be a TCP peer`,
      'connect to a unicast address: TCP has no broadcast or multicast',
    );
  }
  const remotePort = port('remotePort', options.remotePort, 1);
  const localAddress = ownAddress(options, version, remoteAddress, io);
  const wanted = options.localPort ?? 0;
  if (wanted === 0) {
    const localPort = chooseConnectPort(config, localAddress, remoteAddress, remotePort, isFree);
    return { version, localAddress, localPort, remoteAddress, remotePort };
  }
  const localPort = port('localPort', wanted, 1);
  if (!isFree(localAddress, localPort, remoteAddress, remotePort)) {
    throw new AddressInUseError(
      `there is a connection from ${localAddress}:${localPort} to ${remoteAddress}:${remotePort}`,
      'take another local port, or wait until TIME-WAIT is over',
    );
  }
  return { version, localAddress, localPort, remoteAddress, remotePort };
}

/** The canonical address to listen on, if any. */
export function validateListen(options: ListenOptions): string | undefined {
  port('port', options.port, 0);
  if (options.address === undefined || options.address === '0.0.0.0' || options.address === '::')
    return undefined;
  return canonical(options.address);
}

/** A port nobody listens on, from the ephemeral range. */
export function chooseListenPort(config: TcpConfig, taken: ReadonlyMap<number, Listener[]>): number {
  return pickPort(config, (candidate) => !taken.has(candidate), 'every ephemeral port has a listener');
}

/** A port such that both sockets together are new (RFC 6056 section 3.3.1: from a random start). */
function chooseConnectPort(
  config: TcpConfig,
  local: string,
  remote: string,
  remotePort: number,
  isFree: IsFree,
): number {
  return pickPort(
    config,
    (candidate) => isFree(local, candidate, remote, remotePort),
    `every ephemeral port has a connection to ${remote}:${remotePort}`,
  );
}

function pickPort(config: TcpConfig, free: (port: number) => boolean, otherwise: string): number {
  const [first, last] = config.ephemeralPorts ?? [49_152, 65_535];
  const count = last - first + 1;
  const start = Math.floor(config.random() * count);
  for (let i = 0; i < count; i++) {
    const candidate = first + ((start + i) % count);
    if (free(candidate)) return candidate;
  }
  throw new AddressInUseError(otherwise, 'wait until TIME-WAIT is over, or widen ephemeralPorts');
}

function ownAddress(options: ConnectOptions, version: 4 | 6, remote: string, io: TcpIo): string {
  const address =
    options.localAddress === undefined ? io.localAddress(version, remote) : canonical(options.localAddress);
  if (address === undefined) throw new InvalidAddressError('ENETUNREACH', `there is no route to ${remote}`);
  if (addressVersion(address) !== version) {
    throw new InvalidAddressError(
      'EADDRNOTAVAIL',
      `${address} and ${remote} are of different IP versions`,
      'use the same version at both ends',
    );
  }
  return address;
}

function canonical(text: string): string {
  try {
    return canonicalAddress(text);
  } catch (error) {
    if (error instanceof AddressError) throw new InvalidAddressError('EINVAL', error.message, error.remedy);
    throw error;
  }
}

function port(name: string, value: number, low: number): number {
  if (!Number.isInteger(value) || value < low || value > 65_535) {
    throw new OptionError(`${name} is ${String(value)}`, `a whole number from ${low} to 65535`);
  }
  return value;
}
