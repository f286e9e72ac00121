import type { PacketRow } from '../../harness/run/results.js';
import { hasFlag } from './info.js';

/** The colouring rules of Wireshark's default profile that a TCP packet can meet, first match wins. */
export type WiresharkColour = 'bad-tcp' | 'icmp-error' | 'icmp' | 'arp' | 'rst' | 'http' | 'syn-fin' | 'tcp';

/** Background and text of each rule, from the `colorfilters` file that Wireshark ships. */
export const WIRESHARK_COLOURS: Record<WiresharkColour, { background: string; text: string }> = {
  'bad-tcp': { background: '#12272e', text: '#f78787' },
  'icmp-error': { background: '#12272e', text: '#b7f774' },
  icmp: { background: '#fce0ff', text: '#12272e' },
  arp: { background: '#faf0d7', text: '#12272e' },
  rst: { background: '#a40000', text: '#fffc9c' },
  http: { background: '#e4ffc7', text: '#12272e' },
  'syn-fin': { background: '#a0a0a0', text: '#12272e' },
  tcp: { background: '#e7e6ff', text: '#12272e' },
};

export function packetColour(packet: PacketRow): WiresharkColour {
  if (packet.analysis.some((flag) => !HARMLESS.has(flag))) return 'bad-tcp';
  if (hasFlag(packet, 'RST')) return 'rst';
  if (packet.srcPort === 80 || packet.dstPort === 80) return 'http';
  return hasFlag(packet, 'SYN') || hasFlag(packet, 'FIN') ? 'syn-fin' : 'tcp';
}

export function frameColour(protocol: string, info: string): WiresharkColour {
  if (protocol === 'ARP') return 'arp';
  return /unreachable|exceeded|too big|quench|parameter problem|redirect/i.test(info) ? 'icmp-error' : 'icmp';
}

/** `Bad TCP` leaves these out: `tcp.analysis.flags && !window_update && !keep_alive && !keep_alive_ack`. */
const HARMLESS = new Set(['window_update', 'keep_alive', 'keep_alive_ack']);
