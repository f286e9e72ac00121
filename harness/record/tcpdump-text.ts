import type { Packet } from '../dissect/packet.js';
import { parseTcpdumpLine, type ParsedPacket } from './tcpdump-line.js';
import { assignRelativeNumbers } from '../dissect/relative.js';
import { HexDump } from './tcpdump-hex.js';
import { continuousTimes, parseStamp } from './tcpdump-stamp.js';

/** What text can never tell is left at rest: checksums are unverified, payload is there only with -X or -x. */
export interface TcpdumpText {
  packets: Packet[];
  /** Lines that are no TCP packet. */
  skipped: number;
  withPayload: boolean;
  /** Frames whose sequence number tcpdump did not print (pure ACKs, without -vv): the one they have is inferred. */
  inferredSeq: Set<number>;
}

/**
 * Reads what `tcpdump -n` printed, in any of its usual forms: relative or absolute numbers (-S), any time stamp (-t, -tt,
 * -ttt, -tttt), verbose (-v), with link headers (-e), on any interface, IPv4 and IPv6, with a hex dump (-x, -X). Packets
 * are numbered in the order of the text. Throws TcpdumpTextError for a TCP line that cannot be read.
 */
export function parseTcpdumpText(text: string): TcpdumpText {
  const connections = new Connections();
  const packets: Packet[] = [];
  const stamps: (number | undefined)[] = [];
  const inferredSeq = new Set<number>();
  let skipped = 0;
  let header = '';
  let dump: HexDump | undefined;
  let withPayload = false;
  const finish = (): void => {
    const last = packets.at(-1);
    const payload = last === undefined ? undefined : dump?.payload(last.tcp.len);
    if (last !== undefined && payload !== undefined) {
      last.tcp.payload = payload;
      withPayload = true;
    }
    dump = undefined;
  };
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    if (HexDump.isLine(raw)) {
      dump ??= new HexDump();
      dump.add(raw);
      continue;
    }
    if (raw.trim() === '') continue;
    finish();
    // With -v the IP header stands on a line of its own, and the packet is indented below it.
    const isContinued = /^\s/.test(raw) && parseStamp(raw) === undefined;
    const line = isContinued ? `${header} ${raw.trim()}` : raw;
    if (!isContinued) header = raw;
    const parsed = parseTcpdumpLine(line, index + 1);
    if (parsed === undefined) {
      if (!isContinued && !/\bproto TCP\b|next-header TCP/.test(raw)) skipped++;
      continue;
    }
    header = '';
    stamps.push(parsed.time);
    if (parsed.seq === undefined) inferredSeq.add(packets.length + 1);
    packets.push(connections.place(parsed, packets.length + 1));
  }
  finish();
  const times = continuousTimes(stamps);
  packets.forEach((packet, index) => (packet.time = times[index] ?? packet.time));
  assignRelativeNumbers(packets);
  return { packets, skipped, withPayload, inferredSeq };
}

/** Numbers of one connection as tcpdump counts them, and as Wireshark does. */
interface Connection {
  stream: number;
  key: string;
  /** Per direction: raw number that tcpdump's relative ones count from, and the one that Wireshark's do. */
  ends: Map<string, { tcpdumpBase: number; base: number; next: number; scale: number | undefined }>;
}

class Connections {
  private readonly byPair = new Map<string, Connection>();
  private streams = 0;

  place(parsed: ParsedPacket, frame: number): Packet {
    const from = `${parsed.src} ${parsed.srcPort}`;
    const to = `${parsed.dst} ${parsed.dstPort}`;
    const key = [from, to].sort().join(' | ');
    const isSyn = (parsed.flags & 0x012) === 0x002;
    let connection = this.byPair.get(key);
    const known = connection?.ends.get(from);
    const isNew = connection === undefined || (isSyn && known !== undefined && parsed.seq !== known.base);
    if (connection === undefined || isNew) {
      connection = { stream: this.streams++, key, ends: new Map() };
      this.byPair.set(key, connection);
    }
    const isSynchronizing = (parsed.flags & 0x002) !== 0;
    const own = connection.ends.get(from) ?? this.begin(connection, from, parsed.seq, isSynchronizing);
    if (isSynchronizing && parsed.seq !== undefined) {
      own.base = parsed.seq;
      own.tcpdumpBase = parsed.seq;
      own.scale = parsed.options.windowScale;
    }
    const seqRaw = isSynchronizing ? own.base : this.raw(own, parsed.seq);
    const hasAck = (parsed.flags & 0x010) !== 0;
    let peer = connection.ends.get(to);
    if (peer === undefined && hasAck && parsed.ack !== undefined) {
      peer = this.begin(connection, to, (parsed.ack - 1) >>> 0, true);
      peer.next = parsed.ack;
    }
    const ackRaw =
      !hasAck || peer === undefined ? 0 : isSynchronizing ? (parsed.ack ?? 0) : this.raw(peer, parsed.ack);
    const occupies = parsed.length + (parsed.flags & 0x003 ? 1 : 0);
    if ((parsed.flags & 0x004) === 0 && ((seqRaw + occupies - own.next) | 0) > 0)
      own.next = (seqRaw + occupies) >>> 0;
    return toPacket(parsed, frame, connection, { seqRaw, ackRaw, own, peer });
  }

  private begin(connection: Connection, name: string, seq: number | undefined, isBase: boolean): EndNumbers {
    const raw = seq ?? 1;
    const end = { tcpdumpBase: raw, base: isBase ? raw : (raw - 1) >>> 0, next: raw, scale: undefined };
    connection.ends.set(name, end);
    return end;
  }

  /** Relative or absolute, whichever is nearer to where the stream stands; without a number it stands there. */
  private raw(end: EndNumbers, printed: number | undefined): number {
    if (printed === undefined) return end.next;
    const relative = (end.tcpdumpBase + printed) >>> 0;
    const distance = (raw: number): number => Math.abs((raw - end.next) | 0);
    return distance(relative) <= distance(printed) ? relative : printed;
  }
}

type EndNumbers = NonNullable<ReturnType<Connection['ends']['get']>>;

function toPacket(
  parsed: ParsedPacket,
  frame: number,
  connection: Connection,
  numbers: { seqRaw: number; ackRaw: number; own: EndNumbers; peer: EndNumbers | undefined },
): Packet {
  const { seqRaw, ackRaw, own, peer } = numbers;
  const scaled = (parsed.flags & 0x002) === 0 && own.scale !== undefined && peer?.scale !== undefined;
  const hasAck = (parsed.flags & 0x010) !== 0;
  const edge = (value: number): number => {
    if (peer === undefined) return value;
    const relative = (peer.tcpdumpBase + value) >>> 0;
    return Math.abs((relative - ackRaw) | 0) <= Math.abs((value - ackRaw) | 0) ? relative : value;
  };
  const sackBlocks = parsed.options.sackBlocks?.map(({ left, right }) => ({
    left: edge(left),
    right: edge(right),
  }));
  return {
    frame,
    time: 0,
    interfaceId: 0,
    ip: {
      version: parsed.src.includes(':') ? 6 : 4,
      src: parsed.src,
      dst: parsed.dst,
      ttl: parsed.ttl ?? 64,
      dscp: 0,
      ecn: 0,
      ...(parsed.id !== undefined && { id: parsed.id }),
      ...(parsed.dontFragment !== undefined && { dontFragment: parsed.dontFragment }),
    },
    tcp: {
      stream: connection.stream,
      srcPort: parsed.srcPort,
      dstPort: parsed.dstPort,
      seqRaw,
      ackRaw,
      seq: (seqRaw - own.base) >>> 0,
      ack: hasAck && peer !== undefined ? (ackRaw - peer.base) >>> 0 : 0,
      flags: parsed.flags,
      len: parsed.length,
      headerLen: 20,
      windowRaw: parsed.window,
      window: scaled ? parsed.window * 2 ** Math.min(own.scale ?? 0, 14) : parsed.window,
      urgentPointer: parsed.urgent,
      checksum: parsed.checksum ?? 0,
      checksumStatus: parsed.checksumGood === undefined ? 'unverified' : parsed.checksumGood ? 'good' : 'bad',
      options: { ...parsed.options, ...(sackBlocks !== undefined && { sackBlocks }) },
      payload: new Uint8Array(0),
      analysis: [],
    },
    fields: {},
  };
}
