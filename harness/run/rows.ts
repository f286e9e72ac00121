import type { Role } from '../case/model.js';
import { flagNames, type Packet, type TcpOptions } from '../dissect/packet.js';
import type { PacketRow } from './results.js';

/** How much of a payload a row shows, characters. */
const PAYLOAD_SHOWN = 64;

/**
 * The packets of a case as tables and ladders show them, times relative to the first. `lost` are the frames that did not
 * reach the other end, where that is known.
 */
export function packetRows(
  packets: Packet[],
  roleOf: (packet: Packet) => Role,
  lost: ReadonlySet<number> = new Set(),
): PacketRow[] {
  const start = packets[0]?.time ?? 0;
  const isn = { client: isnOf(packets, 'client', roleOf), server: isnOf(packets, 'server', roleOf) };
  return packets.map((packet) => {
    const { tcp } = packet;
    const from = roleOf(packet);
    const base = isn[from === 'client' ? 'server' : 'client'];
    const sack = tcp.options.sackBlocks?.map(({ left, right }): [number, number] => [
      (left - base) >>> 0,
      (right - base) >>> 0,
    ]);
    return {
      frame: packet.frame,
      timeMs: Math.round((packet.time - start) * 1e6) / 1e3,
      from,
      flags: flagNames(tcp.flags),
      seq: tcp.seq,
      ack: tcp.ack,
      win: tcp.windowRaw,
      len: tcp.len,
      seqRaw: tcp.seqRaw,
      ackRaw: tcp.ackRaw,
      options: optionsText(tcp.options, sack),
      payload: printable(tcp.payload),
      analysis: tcp.analysis,
      src: packet.ip.src,
      dst: packet.ip.dst,
      srcPort: tcp.srcPort,
      dstPort: tcp.dstPort,
      ...(sack ? { sack } : {}),
      window: tcp.window,
      ...lengthOf(packet),
      ...(lost.has(packet.frame) ? { lost: true } : {}),
    };
  });
}

/** Options as Wireshark's Info column shows them; SACK edges relative. */
export function optionsText(options: TcpOptions, sack?: [number, number][]): string {
  const words: string[] = [];
  if (options.mss !== undefined) words.push(`MSS=${options.mss}`);
  if (options.windowScale !== undefined) words.push(`WS=${2 ** Math.min(options.windowScale, 14)}`);
  if (options.sackPermitted) words.push('SACK_PERM');
  if (options.timestamp) words.push(`TSval=${options.timestamp.value} TSecr=${options.timestamp.echoReply}`);
  for (const [left, right] of sack ?? []) words.push(`SLE=${left} SRE=${right}`);
  return words.join(' ');
}

/** Octets of the frame, where the dissector was asked for them. */
function lengthOf({ fields }: Packet): { length?: number } {
  const [length] = fields['frame.len'] ?? [];
  return length === undefined ? {} : { length: Number(length) };
}

function isnOf(packets: Packet[], role: Role, roleOf: (packet: Packet) => Role): number {
  const own = packets.find((packet) => roleOf(packet) === role);
  return own ? (own.tcp.seqRaw - own.tcp.seq) >>> 0 : 0;
}

function printable(payload: Uint8Array): string {
  return Buffer.from(payload.subarray(0, PAYLOAD_SHOWN))
    .toString('latin1')
    .replaceAll(/[^\x20-\x7e]/g, '.');
}
