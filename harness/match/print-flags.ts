import { flagNames } from '../dissect/packet.js';

/** `[SYN, ACK] (0x012)`: as Wireshark's Info column and its tcp.flags field show the same bits. */
export function printFlags(flags: number): string {
  return `[${flagNames(flags)}] (0x${flags.toString(16).padStart(3, '0')})`;
}
