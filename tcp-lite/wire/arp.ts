import { addressOctets, ipv4Text } from './address.js';
import type { DropReason } from './drop-reason.js';

/** Ethernet/IPv4 ARP (RFC 826). */
export interface ArpPacket {
  operation: 'request' | 'reply';
  senderMac: Uint8Array;
  senderAddress: string;
  targetMac: Uint8Array;
  targetAddress: string;
}

export const ARP_LENGTH = 28;

export function decodeArp(bytes: Uint8Array, start: number, end: number): ArpPacket | DropReason {
  if (end - start < ARP_LENGTH) return 'arp-malformed';
  for (let i = 0; i < FIXED.length; i++) if (bytes[start + i] !== FIXED[i]) return 'arp-malformed';
  const operation = bytes[start + 7]!;
  if (bytes[start + 6] !== 0 || (operation !== 1 && operation !== 2)) return 'arp-malformed';
  return {
    operation: operation === 1 ? 'request' : 'reply',
    senderMac: bytes.slice(start + 8, start + 14),
    senderAddress: ipv4Text(bytes, start + 14),
    targetMac: bytes.slice(start + 18, start + 24),
    targetAddress: ipv4Text(bytes, start + 24),
  };
}

/** Writes the packet and returns the offset behind it. */
export function encodeArp(packet: ArpPacket, target: Uint8Array, offset: number): number {
  target.set(FIXED, offset);
  target[offset + 6] = 0;
  target[offset + 7] = packet.operation === 'request' ? 1 : 2;
  target.set(packet.senderMac, offset + 8);
  target.set(addressOctets(packet.senderAddress), offset + 14);
  target.set(packet.targetMac, offset + 18);
  target.set(addressOctets(packet.targetAddress), offset + 24);
  return offset + ARP_LENGTH;
}

/** Hardware Ethernet, protocol IPv4, lengths 6 and 4. */
const FIXED = Uint8Array.from([0, 1, 8, 0, 6, 4]);
