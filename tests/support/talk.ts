import type { OtherFrame, Packet, TcpOptions } from '../../harness/dissect/packet.js';
import { ACK, FIN, PSH, RST, SYN, URG } from '../../harness/dissect/packet.js';

/** What a packet may be told apart from its flags; numbers relative to the ISNs, times in ms. */
export interface PacketSpec {
  /** Relative to the sender's ISN; where its stream stands by default. */
  seq?: number;
  ack?: number;
  len?: number;
  payload?: string;
  win?: number;
  options?: Partial<TcpOptions>;
  ttl?: number;
  id?: number;
  df?: boolean;
  /** Raw numbers, over everything. */
  seqRaw?: number;
  ackRaw?: number;
  checksum?: number;
  checksumStatus?: 'good' | 'bad' | 'unverified';
  /** Time since the packet before, ms. */
  after?: number;
  interfaceId?: number;
  analysis?: string[];
  /** The packet is lost before the capture point: streams advance, nothing is captured. */
  uncaptured?: boolean;
  urgentPointer?: number;
}

export interface TalkOptions {
  client?: string;
  server?: string;
  clientPort?: number;
  serverPort?: number;
  clientIsn?: number;
  serverIsn?: number;
  stream?: number;
  /** First frame number and time, s. */
  frame?: number;
  start?: number;
  /** Between packets, ms. */
  tick?: number;
  win?: number;
  clientTtl?: number;
  serverTtl?: number;
  ids?: 'counting' | 'constant' | 'zero';
}

interface Side {
  address: string;
  port: number;
  isn: number;
  next: number;
  ttl: number;
  id: number;
  scale: number | undefined;
}

/** Writes a conversation down packet by packet, as a capture holds it. */
export class Talk {
  readonly packets: Packet[] = [];
  time: number;
  frame: number;
  private readonly sides: { client: Side; server: Side };
  private readonly options: Required<TalkOptions>;

  constructor(options: TalkOptions = {}) {
    this.options = {
      client: '10.0.0.1',
      server: '10.0.0.2',
      clientPort: 40_000,
      serverPort: 80,
      clientIsn: 1_000_000,
      serverIsn: 500_000,
      stream: 0,
      frame: 1,
      start: 1_700_000_000,
      tick: 1,
      win: 65_535,
      clientTtl: 64,
      serverTtl: 64,
      ids: 'counting',
      ...options,
    };
    const o = this.options;
    this.time = o.start;
    this.frame = o.frame;
    const side = (address: string, port: number, isn: number, ttl: number, id: number): Side => ({
      address,
      port,
      isn,
      next: 0,
      ttl,
      id,
      scale: undefined,
    });
    this.sides = {
      client: side(o.client, o.clientPort, o.clientIsn, o.clientTtl, 1000),
      server: side(o.server, o.serverPort, o.serverIsn, o.serverTtl, 30_000),
    };
  }

  client(flags: string, spec: PacketSpec = {}): this {
    return this.add('client', flags, spec);
  }

  server(flags: string, spec: PacketSpec = {}): this {
    return this.add('server', flags, spec);
  }

  wait(ms: number): this {
    this.time += ms / 1000;
    return this;
  }

  handshake(client: Partial<TcpOptions> = {}, server: Partial<TcpOptions> = client): this {
    return this.client('SYN', { options: client }).server('SYN,ACK', { options: server }).client('ACK');
  }

  /** FIN, ACK, FIN, ACK begun by `first`. */
  close(first: 'client' | 'server' = 'client'): this {
    const second = first === 'client' ? 'server' : 'client';
    return this[first]('FIN,ACK')[second]('ACK')[second]('FIN,ACK')[first]('ACK');
  }

  private add(role: 'client' | 'server', flagText: string, spec: PacketSpec): this {
    const from = this.sides[role];
    const to = this.sides[role === 'client' ? 'server' : 'client'];
    const flags = parseFlags(flagText);
    this.time += (spec.after ?? (this.packets.length === 0 ? 0 : this.options.tick)) / 1000;
    const payload = spec.payload === undefined ? new Uint8Array(spec.len ?? 0) : Buffer.from(spec.payload);
    const seq = spec.seq ?? from.next;
    const ack = flags & ACK ? (spec.ack ?? to.next) : 0;
    const end = seq + payload.length + (flags & SYN ? 1 : 0) + (flags & FIN ? 1 : 0);
    if ((flags & RST) === 0 && end > from.next) from.next = end;
    if (flags & SYN) from.scale = spec.options?.windowScale;
    if (this.options.ids === 'counting') from.id = (from.id + 1) & 0xffff;
    if (spec.uncaptured) return this;
    const options = fullOptions(spec.options ?? {});
    const windowRaw = spec.win ?? this.options.win;
    const scaled = (flags & SYN) === 0 && from.scale !== undefined && to.scale !== undefined;
    const v6 = from.address.includes(':');
    const id = spec.id ?? (this.options.ids === 'zero' ? 0 : this.options.ids === 'constant' ? 1 : from.id);
    this.packets.push({
      frame: this.frame++,
      time: this.time,
      interfaceId: spec.interfaceId ?? 0,
      ip: {
        version: v6 ? 6 : 4,
        src: from.address,
        dst: to.address,
        ttl: spec.ttl ?? from.ttl,
        dscp: 0,
        ecn: 0,
        ...(!v6 && { id, dontFragment: spec.df ?? true }),
      },
      tcp: {
        stream: this.options.stream,
        srcPort: from.port,
        dstPort: to.port,
        seqRaw: spec.seqRaw ?? (from.isn + seq) >>> 0,
        ackRaw: spec.ackRaw ?? (flags & ACK ? (to.isn + ack) >>> 0 : 0),
        seq,
        ack,
        flags,
        len: payload.length,
        headerLen: 20,
        windowRaw,
        window: scaled ? windowRaw * 2 ** (from.scale ?? 0) : windowRaw,
        urgentPointer: spec.urgentPointer ?? 0,
        checksum: spec.checksum ?? checksumOf(seq, ack, flags, payload.length, windowRaw),
        checksumStatus: spec.checksumStatus ?? 'unverified',
        options,
        payload,
        analysis: spec.analysis ?? [],
      },
      fields: {},
    });
    return this;
  }
}

/** An ICMP error that quotes a packet. */
export function icmpAbout(
  quoted: Packet,
  icmp: { from: string; type: number; code: number; mtu?: number; after?: number; frame?: number },
): OtherFrame {
  return {
    frame: icmp.frame ?? quoted.frame + 1,
    time: quoted.time + (icmp.after ?? 1) / 1000,
    interfaceId: 0,
    protocol: 'ICMP',
    info: 'Destination unreachable',
    src: icmp.from,
    dst: quoted.ip.src,
    icmp: {
      version: quoted.ip.version,
      type: icmp.type,
      code: icmp.code,
      ...(icmp.mtu !== undefined && { mtu: icmp.mtu }),
      quoted: {
        src: quoted.ip.src,
        dst: quoted.ip.dst,
        srcPort: quoted.tcp.srcPort,
        dstPort: quoted.tcp.dstPort,
      },
    },
  };
}

const FLAGS: Record<string, number> = { FIN, SYN, RST, PSH, ACK, URG };

function parseFlags(text: string): number {
  return text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
    .reduce((flags, name) => {
      const bit = FLAGS[name];
      if (bit === undefined) throw new Error(`unknown flag ${name}`);
      return flags | bit;
    }, 0);
}

function fullOptions(options: Partial<TcpOptions>): TcpOptions {
  const kinds = [
    ...(options.mss !== undefined ? [2] : []),
    ...(options.sackPermitted ? [4] : []),
    ...(options.timestamp !== undefined ? [8] : []),
    ...(options.windowScale !== undefined ? [3] : []),
    ...(options.sackBlocks !== undefined ? [5] : []),
  ];
  return { kinds, ...options };
}

/** Not the Internet checksum: only different where the packets differ. */
function checksumOf(...parts: number[]): number {
  return parts.reduce((sum, part) => (Math.imul(sum, 31) + part) & 0xffff, 7);
}
