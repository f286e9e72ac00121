import { decorationOf } from '../case/decorations.js';
import { printLine } from '../case/print-line.js';
import type { Packet } from '../dissect/packet.js';

/** One `Name=value` of a line, or the flags in brackets under the name `Flags`. */
export interface Token {
  name: string;
  text: string;
}

/** The parts of a packet's line, in the order of Wireshark's Info column. */
export function packetTokens(packet: Packet): Token[] {
  return (printLine(packet).match(/\[[^\]]*\]|\S+/g) ?? []).map((text) => ({
    name: text.startsWith('[') ? 'Flags' : text.replace(/=.*/, ''),
    text,
  }));
}

/** `duplicate_ack` as Wireshark's Info column spells it: `TCP Dup ACK`. */
export function analysisName(flag: string): string {
  return decorationOf(flag) ?? `TCP ${flag.replaceAll('_', ' ')}`;
}

/** Rounded to a microsecond: `612.3 ms`. */
export function milliseconds(ms: number): string {
  return `${Math.round(ms * 1000) / 1000} ms`;
}
