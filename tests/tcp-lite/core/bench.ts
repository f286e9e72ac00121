import type { ConnectionOptions, TcpConfig } from '../../../tcp-lite/core/config.js';
import type { Connection } from '../../../tcp-lite/core/connection.js';
import { ACK, CWR, ECE, FIN, PSH, RST, SYN, URG } from '../../../tcp-lite/core/flags.js';
import type { Listener } from '../../../tcp-lite/core/listener.js';
import { seqAdd } from '../../../tcp-lite/core/seq.js';
import { Tcp } from '../../../tcp-lite/core/tcp.js';
import type { TcpState } from '../../../tcp-lite/core/tcb.js';
import type { IcmpError, Segment, SegmentOptions } from '../../../tcp-lite/wire/segment.js';

export const LOCAL = '10.0.0.1';
export const PEER = '10.0.0.2';

/** Both sides start just below the wrap, so that every test crosses it. */
export const ISS = 2 ** 32 - 3;
export const IRS = 2 ** 32 - 2;

export interface BenchOptions {
  config?: Partial<TcpConfig>;
  /** `isn: undefined` lets the clock and the hash choose. */
  connection?: { [Name in keyof ConnectionOptions]?: ConnectionOptions[Name] | undefined };
  mtu?: number;
  version?: 4 | 6;
}

/** What a segment of the scripted peer may say; the rest is what an orderly peer would say. */
export interface Say {
  /** Relative to IRS. */
  seq?: number;
  /** Relative to ISS. */
  ack?: number;
  window?: number;
  payload?: string | Uint8Array | number;
  options?: SegmentOptions;
  urgent?: number;
  ecn?: number;
  dscp?: number;
  srcPort?: number;
  dstPort?: number;
  src?: string;
  dst?: string;
  sourceRoute?: string[];
}

/** Options that add to segments are off unless a test is about them. */
const QUIET: ConnectionOptions = { isn: ISS, timestamps: false, sack: false, windowScale: false };

/** One Tcp with a scripted peer at the other end of a wire without delay: no I/O, time by hand. */
export class Bench {
  now = 1000;
  readonly tcp: Tcp;
  readonly listener: Listener;
  /** The connection under test, once there is one. */
  connection!: Connection;
  /** What the application was told, in order. */
  readonly told: string[] = [];
  mtu: number;
  /** What the peer's next segment says unless told otherwise, relative numbers. */
  peerNext = 0;
  peerAck = 0;
  peerWindow = 65_535;
  peerOptions: SegmentOptions = {};
  private sentSegments: Segment[] = [];
  private readonly version: 4 | 6;

  constructor(options: BenchOptions = {}) {
    this.mtu = options.mtu ?? 1500;
    this.version = options.version ?? 4;
    const config: TcpConfig = {
      random: () => 0.5,
      secret: 'bench',
      ...options.config,
      connection: { ...QUIET, ...options.connection } as ConnectionOptions,
    };
    this.tcp = new Tcp(config, {
      transmit: (segment) => this.sentSegments.push({ ...segment, payload: segment.payload.slice() }),
      mtu: () => this.mtu,
      localAddress: (version) => (version === 4 ? LOCAL : 'fd00::1'),
      isBroadcast: (address) => address === '10.0.0.255',
      isLocal: (address) => address === LOCAL || address === 'fd00::1',
    });
    this.listener = this.tcp.listen({ port: 80 });
    this.listener.onConnection = (connection) => {
      this.told.push('accepted');
      this.adopt(connection);
    };
  }

  get local(): string {
    return this.version === 4 ? LOCAL : 'fd00::1';
  }

  get peer(): string {
    return this.version === 4 ? PEER : 'fd00::2';
  }

  /** Active open to the peer's port 5000, from port 80 so that both kinds of open use the same sockets. */
  connect(options: ConnectionOptions = {}): Connection {
    const connection = this.tcp.connect(
      { remoteAddress: this.peer, remotePort: 5000, localPort: 80, ...options },
      this.now,
    );
    this.adopt(connection);
    return connection;
  }

  /** The peer sends a segment with these flags. Returns what came back, as `sent` does. */
  say(flags: string, say: Say = {}): string[] {
    this.tcp.segmentArrives(this.segment(flags, say), this.now);
    return this.sent();
  }

  /** An orderly peer's segment: sequence and acknowledgment numbers follow what was said and heard. */
  segment(flags: string, say: Say = {}): Segment {
    const bits = flagBits(flags);
    const payload = payloadOf(say.payload);
    const seq = say.seq ?? this.peerNext;
    if (say.seq === undefined) this.peerNext += payload.length + (bits & SYN ? 1 : 0) + (bits & FIN ? 1 : 0);
    return {
      version: this.version,
      src: say.src ?? this.peer,
      dst: say.dst ?? this.local,
      srcPort: say.srcPort ?? 5000,
      dstPort: say.dstPort ?? 80,
      seq: seqAdd(IRS, seq),
      ack: bits & ACK ? seqAdd(ISS, say.ack ?? this.peerAck) : 0,
      flags: bits,
      window: say.window ?? this.peerWindow,
      urgent: say.urgent ?? 0,
      options: say.options ?? this.peerOptions,
      payload,
      ttl: 64,
      dscp: say.dscp ?? 0,
      ecn: say.ecn ?? 0,
      dontFragment: true,
      sourceRoute: say.sourceRoute,
    };
  }

  icmp(error: Partial<IcmpError> & { type: number; code: number }): void {
    const base = {
      version: this.version,
      mtu: 0,
      src: this.local,
      dst: this.peer,
      srcPort: 80,
      dstPort: 5000,
    };
    this.tcp.icmpError({ ...base, seq: ISS, ...error }, this.now);
  }

  /** What was sent since the last look, as Wireshark's Info column would say it, numbers relative to ISS and IRS. */
  sent(): string[] {
    return this.take().map((segment) => describe(segment));
  }

  /** The same as objects. */
  take(): Segment[] {
    const taken = this.sentSegments;
    this.sentSegments = [];
    for (const segment of taken) {
      if (segment.flags & RST) continue;
      const length = segment.payload.length + (segment.flags & SYN ? 1 : 0) + (segment.flags & FIN ? 1 : 0);
      const end = (segment.seq + length - ISS) >>> 0;
      if (length > 0 && end < 2 ** 31 && end > this.peerAck) this.peerAck = end;
    }
    return taken;
  }

  /** Lets `ms` pass, timer by timer. Returns what was sent, each with the ms after the start. */
  pass(ms: number): string[] {
    const start = this.now;
    return this.passing(ms).map(({ at, segment }) => `${Math.round(at - start)} ms: ${describe(segment)}`);
  }

  /** The same as objects, with the time of each. */
  passing(ms: number): { at: number; segment: Segment }[] {
    const end = this.now + ms;
    const passed: { at: number; segment: Segment }[] = [];
    for (let next = this.tcp.nextDeadline(); next <= end; next = this.tcp.nextDeadline()) {
      this.now = Math.max(this.now, next);
      this.tcp.advance(this.now);
      for (const segment of this.take()) passed.push({ at: this.now, segment });
    }
    this.now = end;
    return passed;
  }

  write(data: string | number, options?: { urgent?: boolean }): string[] {
    const octets = payloadOf(data);
    this.connection.write(octets, this.now, options);
    return this.sent();
  }

  readText(): string {
    const data = this.connection.read(1e9, this.now);
    return data === undefined ? '' : new TextDecoder().decode(data);
  }

  /** Brings a connection into `state` with an otherwise orderly peer, and forgets what was sent on the way. */
  reach(
    state: TcpState,
    origin: 'passive' | 'active' = 'passive',
    synOptions: SegmentOptions = { mss: 1460 },
  ): this {
    if (state === 'CLOSED') this.listener.close();
    if (state === 'CLOSED' || state === 'LISTEN') return this;
    if (synOptions.tsVal !== undefined) this.peerOptions = { tsVal: synOptions.tsVal, tsEcr: 0 };
    if (origin === 'active') {
      this.connect();
      this.sent();
      if (state === 'SYN-SENT') return this;
      if (state === 'SYN-RECEIVED') {
        this.say('SYN', { options: synOptions });
        return this;
      }
      this.say('SYN ACK', { options: synOptions });
    } else {
      if (state === 'SYN-SENT') throw new Error('SYN-SENT is reached actively');
      this.say('SYN', { options: synOptions });
      if (state === 'SYN-RECEIVED') return this;
      this.say('ACK');
    }
    this.toClosingState(state);
    this.sent();
    return this;
  }

  private toClosingState(state: TcpState): void {
    const { connection } = this;
    switch (state) {
      case 'FIN-WAIT-1':
        connection.shutdown(this.now);
        break;
      case 'FIN-WAIT-2':
        connection.shutdown(this.now);
        this.sent();
        this.say('ACK');
        break;
      case 'CLOSE-WAIT':
        this.say('FIN ACK');
        break;
      case 'CLOSING':
        connection.shutdown(this.now);
        this.say('FIN ACK', { ack: 1 });
        break;
      case 'LAST-ACK':
        this.say('FIN ACK');
        connection.shutdown(this.now);
        break;
      case 'TIME-WAIT':
        connection.shutdown(this.now);
        this.sent();
        this.say('ACK');
        this.say('FIN ACK');
        break;
      default:
    }
  }

  private adopt(connection: Connection): void {
    this.connection = connection;
    const tell = (what: string) => () => this.told.push(what);
    connection.onEstablished = tell('established');
    connection.onReadable = tell('readable');
    connection.onWritable = tell('writable');
    connection.onEnd = tell('end');
    connection.onUrgent = tell('urgent');
    connection.onSoftError = (error) => this.told.push(`soft: ${error.message}`);
    connection.onClosed = (error) => this.told.push(error === undefined ? 'closed' : `closed: ${error.code}`);
  }
}

/** `[PSH, ACK] Seq=1 Ack=1 Win=65535 Len=14`, numbers relative to ISS and IRS. */
export function describe(segment: Segment): string {
  const relative = (value: number, base: number) => ((value - base) | 0).toString();
  const { flags } = segment;
  const parts = [
    `[${NAMES.filter(([, bit]) => flags & bit)
      .map(([name]) => name)
      .join(', ')}]`,
  ];
  parts.push(`Seq=${relative(segment.seq, ISS)}`);
  if (flags & ACK) parts.push(`Ack=${relative(segment.ack, IRS)}`);
  parts.push(`Len=${segment.payload.length}`);
  return parts.join(' ');
}

function flagBits(flags: string): number {
  let bits = 0;
  for (const word of flags.split(/[ ,]+/).filter(Boolean)) {
    const found = NAMES.find(([name]) => name === word);
    if (found === undefined) throw new Error(`no flag ${word}`);
    bits |= found[1];
  }
  return bits;
}

function payloadOf(payload: string | Uint8Array | number | undefined): Uint8Array {
  if (payload === undefined) return new Uint8Array(0);
  if (typeof payload === 'number') return Uint8Array.from({ length: payload }, (_, i) => 97 + (i % 26));
  return typeof payload === 'string' ? new TextEncoder().encode(payload) : payload;
}

const NAMES: readonly (readonly [string, number])[] = [
  ['FIN', FIN],
  ['SYN', SYN],
  ['RST', RST],
  ['PSH', PSH],
  ['ACK', ACK],
  ['URG', URG],
  ['ECE', ECE],
  ['CWR', CWR],
];
