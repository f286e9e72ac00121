import type { PacketRow } from '../../harness/run/results.js';
import { asciiOrDots } from '../printable.js';

/** The packet in the words of a case line: `[PSH, ACK] Seq=1 Ack=1 Win=65535 Len=14 TSval=1 TSecr=2`. */
export function infoLine(packet: PacketRow): string {
  const options = optionsText(packet);
  return options === '' ? coreLine(packet) : `${coreLine(packet)} ${options}`;
}

/** Flags, numbers and length, without options; as in Wireshark `Ack` stands only with the ACK flag and `Win` is scaled. */
export function coreLine(packet: PacketRow): string {
  const ack = hasFlag(packet, 'ACK') ? ` Ack=${packet.ack}` : '';
  return `[${bareFlags(packet)}] Seq=${packet.seq}${ack} Win=${packet.window} Len=${packet.len}`;
}

/** Wireshark's Info column: analysis in brackets, ports, the line itself. */
export function infoColumn(packet: PacketRow): string {
  const remarks = packet.analysis.map((flag) => `[${analysisName(flag)}] `).join('');
  return `${remarks}${packet.srcPort} → ${packet.dstPort} ${infoLine(packet)}`;
}

/** The first octets of the payload between quotes, or nothing. */
export function payloadText(packet: PacketRow, most = 32): string {
  if (packet.len === 0 || packet.payload === '') return '';
  const shown = asciiOrDots(packet.payload);
  const cut = shown.length > most || shown.length < packet.len;
  return `"${shown.slice(0, most)}"${cut && shown.length >= Math.min(most, packet.len) ? '…' : ''}`;
}

export function hasFlag(packet: PacketRow, flag: string): boolean {
  return bareFlags(packet).split(', ').includes(flag);
}

export function bareFlags(packet: PacketRow): string {
  return packet.flags.replace(/^\[|\]$/g, '');
}

/** `retransmission` -> `TCP Retransmission`: the spelling that Wireshark's Info column has for its analysis flags. */
export function analysisName(flag: string): string {
  return ANALYSIS_NAMES[flag] ?? `TCP ${flag.replace(/_/g, ' ')}`;
}

function optionsText(packet: PacketRow): string {
  return packet.options.trim();
}

const ANALYSIS_NAMES: Record<string, string | undefined> = {
  retransmission: 'TCP Retransmission',
  fast_retransmission: 'TCP Fast Retransmission',
  spurious_retransmission: 'TCP Spurious Retransmission',
  out_of_order: 'TCP Out-Of-Order',
  duplicate_ack: 'TCP Dup ACK',
  zero_window: 'TCP ZeroWindow',
  zero_window_probe: 'TCP ZeroWindowProbe',
  zero_window_probe_ack: 'TCP ZeroWindowProbeAck',
  keep_alive: 'TCP Keep-Alive',
  keep_alive_ack: 'TCP Keep-Alive ACK',
  window_update: 'TCP Window Update',
  window_full: 'TCP Window Full',
  lost_segment: 'TCP Previous segment not captured',
  ack_lost_segment: 'TCP ACKed unseen segment',
  reused_ports: 'TCP Port numbers reused',
};
