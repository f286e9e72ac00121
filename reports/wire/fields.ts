import type { PacketRow } from '../../harness/run/results.js';
import { analysisName, bareFlags, payloadText } from './info.js';

/** Every field of a packet by the name that Wireshark's filter bar knows, with its value as a person reads it. */
export function packetFields(packet: PacketRow): [name: string, value: string][] {
  const ip = packet.src.includes(':') ? 'ipv6' : 'ip';
  const fields: [string, string | undefined][] = [
    ['frame.number', String(packet.frame)],
    ['frame.time_relative', `${packet.timeMs.toFixed(3)} ms`],
    ['frame.len', packet.length === undefined ? undefined : `${packet.length} octets`],
    [`${ip}.src`, packet.src],
    [`${ip}.dst`, packet.dst],
    ['tcp.srcport', String(packet.srcPort)],
    ['tcp.dstport', String(packet.dstPort)],
    ['tcp.flags', bareFlags(packet)],
    ['tcp.seq', `${packet.seq} (relative)`],
    ['tcp.seq_raw', withHex(packet.seqRaw)],
    ['tcp.ack', `${packet.ack} (relative)`],
    ['tcp.ack_raw', withHex(packet.ackRaw)],
    ['tcp.len', `${packet.len} octets`],
    ['tcp.window_size', `${packet.window} octets`],
    ['tcp.window_size_value', withHex(packet.win)],
    ['tcp.options', packet.options === '' ? undefined : packet.options],
    ['tcp.payload', payloadText(packet, 64) || undefined],
    ['tcp.analysis.flags', packet.analysis.map(analysisName).join(', ') || undefined],
  ];
  return fields.filter((field): field is [string, string] => field[1] !== undefined);
}

function withHex(value: number): string {
  return `${value} (0x${value.toString(16)})`;
}
