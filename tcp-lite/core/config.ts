import { addressVersion, canonicalAddress } from '../wire/address.js';
import { OptionError } from './errors.js';
import type { Rules } from './rules.js';

/** What a connection may be told, at connect or listen or, where it makes sense, later. All optional. */
export interface ConnectionOptions {
  /** Switches Nagle's algorithm off (MUST-17). */
  noDelay?: boolean;
  /** `true` takes the intervals of RFC 9293 section 3.8.4; off by default (MUST-25). */
  keepAlive?: boolean | KeepAliveOptions;
  /** R2 in ms for everything sent (MUST-21), Infinity for never. Default 300 s, and 180 s for SYN (MUST-23). */
  userTimeoutMs?: number;
  /** Octets kept for the application until it reads; bounds the receive window. */
  receiveBuffer?: number;
  /** Octets taken from the application before they are acknowledged. */
  sendBuffer?: number;
  /** Never advertise more than this many octets. */
  window?: number;
  /** 0..63 (MUST-48). */
  dscp?: number;
  /** TTL or hop limit, 1..255 (MUST-49). */
  ttl?: number;
  /** Largest segment to offer and to send, options included; never above what the link carries. */
  mss?: number;
  /** Initial send sequence number, fixed; else by clock and hash (RFC 6528). */
  isn?: number;
  /** Send the MSS option (MUST-14). */
  mssOption?: boolean;
  /** Offer and accept window scaling (RFC 7323). */
  windowScale?: boolean;
  /** Offer and accept timestamps (RFC 7323). */
  timestamps?: boolean;
  /** Offer and accept selective acknowledgment (RFC 2018, 2883). */
  sack?: boolean;
  /** `accept`: answer a peer that asks (the default); `request`: ask as well; `off` (RFC 3168). */
  ecn?: 'off' | 'accept' | 'request';
  /** Initial window in segments as RFC 6928 allows (10); by default RFC 5681's 2 to 4. */
  initialWindow?: number;
  /** `false` silences soft errors (SHLD-20). */
  errorReports?: boolean;
  /** IPv4 gateways to go through, at most 9: a loose source route (MUST-51), before any that is received (MUST-52). */
  sourceRoute?: readonly string[];
  /** Longest an ACK is held back, ms, below 500 (MUST-40); 0 acknowledges at once. Default: the stack's. */
  ackDelayMs?: number;
}

export interface KeepAliveOptions {
  /** Idle time before the first probe, ms. Default 7,200,000 (MUST-28). */
  idleMs?: number;
  /** Between unanswered probes, ms. Default 75,000. */
  intervalMs?: number;
  /** Unanswered probes that end the connection; 1 is taken as 2 (MUST-29). Default 9. */
  count?: number;
  /** Send one garbage octet with the probe (MAY-6). */
  octet?: boolean;
  /** `false` sets the times and leaves probing on or off as it is. Default true. */
  enable?: boolean;
}

export interface ConnectOptions extends ConnectionOptions {
  remoteAddress: string;
  remotePort: number;
  /** Chosen by the lower layer when left out (MUST-43, MUST-44). */
  localAddress?: string;
  /** Chosen from the ephemeral range when left out or 0. */
  localPort?: number;
}

export interface ListenOptions extends ConnectionOptions {
  /** 0 picks a free one. */
  port: number;
  /** Only connections to this address; all when left out. */
  address?: string;
  /** Connections that may wait, half-open and not yet accepted together. Default 128. */
  backlog?: number;
}

export interface TcpConfig {
  /** Uniform in [0, 1); the only source of randomness. */
  random(): number;
  /** Key of the ISS hash (MUST-9). Drawn from `random` when left out. */
  secret?: string;
  /** The single decisions; override one to change one. */
  rules?: Rules;
  /** Defaults of every connection of this stack. */
  connection?: ConnectionOptions;
  /** Maximum segment lifetime in ms; TIME-WAIT lasts twice that (MUST-13). Default 30,000. */
  mslMs?: number;
  /** Bounds of the retransmission timeout, ms (RFC 6298). Default 1,000 .. 60,000. */
  minRtoMs?: number;
  maxRtoMs?: number;
  /** Longest an ACK is held back, ms, below 500 (MUST-40). Default 40. */
  ackDelayMs?: number;
  /** Retransmissions after which the application is warned (R1, SHLD-10). Default 3. */
  r1?: number;
  /** Ignore RST in TIME-WAIT (RFC 1337, fix F1). Default false, as RFC 9293 has it. */
  ignoreResetInTimeWait?: boolean;
  /** First and last ephemeral port. Default 49152..65535. */
  ephemeralPorts?: readonly [number, number];
}

/** ConnectionOptions with every default filled in. */
export interface ConnectionSettings {
  noDelay: boolean;
  keepAlive: boolean;
  keepAliveIdleMs: number;
  keepAliveIntervalMs: number;
  keepAliveCount: number;
  keepAliveOctet: boolean;
  /** R2 of data and FIN, ms. */
  userTimeoutMs: number;
  /** R2 of SYN and SYN,ACK, ms. */
  synTimeoutMs: number;
  receiveBuffer: number;
  sendBuffer: number;
  window: number;
  dscp: number;
  ttl: number;
  mss: number;
  isn: number | undefined;
  mssOption: boolean;
  windowScale: boolean;
  timestamps: boolean;
  sack: boolean;
  ecn: 'off' | 'accept' | 'request';
  initialWindow: number;
  errorReports: boolean;
  sourceRoute: readonly string[] | undefined;
  /** Undefined: the stack's. */
  ackDelayMs: number | undefined;
}

const DEFAULTS: Readonly<ConnectionSettings> = {
  noDelay: false,
  keepAlive: false,
  keepAliveIdleMs: 7_200_000,
  keepAliveIntervalMs: 75_000,
  keepAliveCount: 9,
  keepAliveOctet: false,
  userTimeoutMs: 300_000,
  synTimeoutMs: 180_000,
  receiveBuffer: 262_144,
  sendBuffer: 262_144,
  window: 0x40000000,
  dscp: 0,
  ttl: 64,
  mss: 65_495,
  isn: undefined,
  mssOption: true,
  windowScale: true,
  timestamps: true,
  sack: true,
  ecn: 'accept',
  initialWindow: 0,
  errorReports: true,
  sourceRoute: undefined,
  ackDelayMs: undefined,
};

/** Defaults, then each layer over it. Throws OptionError for an unknown name or a value out of range. */
export function settingsFrom(...layers: (ConnectionOptions | undefined)[]): ConnectionSettings {
  const settings: ConnectionSettings = { ...DEFAULTS };
  for (const layer of layers) {
    if (layer === undefined) continue;
    for (const name of Object.keys(layer)) {
      const value = layer[name as keyof ConnectionOptions];
      if (value !== undefined && !ADDRESSING.has(name)) applyOption(settings, name, value);
    }
  }
  return settings;
}

/** Changes one setting. Throws OptionError for an unknown name or a value out of range. */
export function applyOption(settings: ConnectionSettings, name: string, value: unknown): void {
  switch (name) {
    case 'noDelay':
    case 'mssOption':
    case 'windowScale':
    case 'timestamps':
    case 'sack':
    case 'errorReports':
      settings[name] = flag(name, value);
      return;
    case 'keepAlive':
      applyKeepAlive(settings, value);
      return;
    case 'userTimeoutMs':
      settings.userTimeoutMs = duration(name, value);
      settings.synTimeoutMs = settings.userTimeoutMs;
      return;
    case 'receiveBuffer':
    case 'sendBuffer':
      settings[name] = integer(name, value, 1, 0x3fffffff);
      return;
    case 'window':
      settings.window = integer(name, value, 0, 0x40000000);
      return;
    case 'dscp':
      settings.dscp = integer(name, value, 0, 63);
      return;
    case 'ttl':
      settings.ttl = integer(name, value, 1, 255);
      return;
    case 'mss':
      settings.mss = integer(name, value, 1, 65_535);
      return;
    case 'isn':
      settings.isn = integer(name, value, 0, 0xffffffff);
      return;
    case 'initialWindow':
      settings.initialWindow = integer(name, value, 0, 10);
      return;
    case 'ackDelayMs':
      settings.ackDelayMs = integer(name, value, 0, 499);
      return;
    case 'ecn':
      if (value !== 'off' && value !== 'accept' && value !== 'request') {
        throw new OptionError(`ecn is ${String(value)}`, 'one of: off, accept, request');
      }
      settings.ecn = value;
      return;
    case 'sourceRoute':
      settings.sourceRoute = gateways(value);
      return;
    default:
      throw new OptionError(`there is no option "${name}"`, `known: ${KNOWN.join(', ')}`);
  }
}

const ADDRESSING = new Set([
  'remoteAddress',
  'remotePort',
  'localAddress',
  'localPort',
  'port',
  'address',
  'backlog',
]);

const KNOWN = [
  ...[
    'noDelay',
    'keepAlive',
    'userTimeoutMs',
    'receiveBuffer',
    'sendBuffer',
    'window',
    'dscp',
    'ttl',
    'mss',
    'isn',
  ],
  ...[
    'mssOption',
    'windowScale',
    'timestamps',
    'sack',
    'ecn',
    'initialWindow',
    'errorReports',
    'ackDelayMs',
    'sourceRoute',
  ],
];

function applyKeepAlive(settings: ConnectionSettings, value: unknown): void {
  if (typeof value === 'boolean') {
    settings.keepAlive = value;
    return;
  }
  if (typeof value !== 'object' || value === null) {
    throw new OptionError(
      `keepAlive is ${String(value)}`,
      'true, false, or { idleMs, intervalMs, count, octet, enable }',
    );
  }
  const { idleMs, intervalMs, count, octet, enable = true } = value as Record<string, unknown>;
  if (idleMs !== undefined) settings.keepAliveIdleMs = duration('keepAlive.idleMs', idleMs);
  if (intervalMs !== undefined) settings.keepAliveIntervalMs = duration('keepAlive.intervalMs', intervalMs);
  if (count !== undefined) settings.keepAliveCount = integer('keepAlive.count', count, 1, 1000);
  if (octet !== undefined) settings.keepAliveOctet = flag('keepAlive.octet', octet);
  if (flag('keepAlive.enable', enable)) settings.keepAlive = true;
}

/** The option of 40 octets holds nine addresses. */
function gateways(value: unknown): readonly string[] {
  if (!Array.isArray(value) || value.length < 1 || value.length > 9) {
    throw new OptionError(
      'sourceRoute is no list of 1 to 9 gateways',
      'IPv4 addresses in the order of travel',
    );
  }
  return value.map((each) => {
    const address = canonicalAddress(String(each));
    if (addressVersion(address) === 4) return address;
    throw new OptionError(
      `sourceRoute names ${address}`,
      'IPv4 addresses: IPv6 has no such routes (RFC 5095)',
    );
  });
}

function flag(name: string, value: unknown): boolean {
  if (typeof value !== 'boolean') throw new OptionError(`${name} is ${String(value)}`, 'true or false');
  return value;
}

function integer(name: string, value: unknown, low: number, high: number): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < low || value > high) {
    throw new OptionError(`${name} is ${String(value)}`, `a whole number from ${low} to ${high}`);
  }
  return value;
}

function duration(name: string, value: unknown): number {
  if (typeof value !== 'number' || !(value >= 1)) {
    throw new OptionError(`${name} is ${String(value)}`, 'milliseconds from 1 on, or Infinity');
  }
  return value;
}
