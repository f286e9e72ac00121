import { ACK, flagNames } from '../dissect/packet.js';
import type { Packet, TcpHeader } from '../dissect/packet.js';
import { decorationOf } from './decorations.js';
import type { PacketPattern } from './model.js';

export interface PrintLineOptions {
  /** Begin with `12345 → 8080`. */
  ports?: boolean;
  /** Begin with what Wireshark notes: `[TCP Retransmission]`. */
  analysis?: boolean;
}

/**
 * A packet as one line of the grammar of cases, in the words and the order of Wireshark's Info column; the line judges
 * exactly this packet. A pattern gives its own line, as written.
 */
export function printLine(packet: Packet | PacketPattern, options: PrintLineOptions = {}): string {
  if (!('tcp' in packet)) return packet.text;
  const { tcp } = packet;
  const parts: string[] = [];
  if (options.analysis) {
    for (const name of tcp.analysis) {
      const text = decorationOf(name);
      if (text !== undefined) parts.push(`[${text}]`);
    }
  }
  if (options.ports) parts.push(`${tcp.srcPort} → ${tcp.dstPort}`);
  parts.push(`[${flagNames(tcp.flags)}]`, `Seq=${tcp.seq}`);
  if (tcp.flags & ACK) parts.push(`Ack=${tcp.ack}`);
  parts.push(`Win=${tcp.window}`);
  if (tcp.urgentPointer !== 0) parts.push(`Urg=${tcp.urgentPointer}`);
  parts.push(`Len=${tcp.len}`);
  const listed = printOptions(tcp);
  if (listed !== '') parts.push(listed);
  return parts.join(' ');
}

/** The options as the Info column shows them, in the order of the header: `MSS=1460 SACK_PERM TSval=1 TSecr=0 WS=128`. */
export function printOptions(tcp: TcpHeader): string {
  const printers = new Map<number, () => string[]>([
    [2, () => mss(tcp)],
    [3, () => windowScale(tcp)],
    [4, () => (tcp.options.sackPermitted ? ['SACK_PERM'] : [])],
    [5, () => sackBlocks(tcp)],
    [8, () => timestamp(tcp)],
  ]);
  // Each option once; what was dissected without its kind being listed still shows.
  const order = [...new Set([...tcp.options.kinds, ...printers.keys()])];
  return order.flatMap((kind) => printers.get(kind)?.() ?? []).join(' ');
}

function mss({ options }: TcpHeader): string[] {
  return options.mss === undefined ? [] : [`MSS=${options.mss}`];
}

/** Wireshark shows the factor and takes a shift above 14 for 14 (RFC 7323 section 2.3). */
function windowScale({ options }: TcpHeader): string[] {
  return options.windowScale === undefined ? [] : [`WS=${2 ** Math.min(options.windowScale, 14)}`];
}

function timestamp({ options: { timestamp: stamp } }: TcpHeader): string[] {
  return stamp === undefined ? [] : [`TSval=${stamp.value}`, `TSecr=${stamp.echoReply}`];
}

/** Edges relative to the ISN of the side that sent the data, which is the side that `ack` counts. */
function sackBlocks({ options, ackRaw, ack }: TcpHeader): string[] {
  const relative = (edge: number) => (edge - (ackRaw - ack)) >>> 0;
  return (options.sackBlocks ?? []).flatMap(({ left, right }) => [
    `SLE=${relative(left)}`,
    `SRE=${relative(right)}`,
  ]);
}
