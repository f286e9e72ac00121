import { uint16, writeUint16 } from './octets.js';
/** Ethernet II: two addresses and a type. VLAN tags and 802.3 lengths are not TCP Lite's. */
export const ETHERNET_HEADER = 14;
export const ETHER_TYPE_IPV4 = 0x0800;
export const ETHER_TYPE_ARP = 0x0806;
export const ETHER_TYPE_IPV6 = 0x86dd;
export const BROADCAST_MAC: Uint8Array = new Uint8Array(6).fill(255);

/** The EtherType of the frame at `offset`; the caller has seen to it that 14 octets are there. */
export function etherType(bytes: Uint8Array, offset: number): number {
  return uint16(bytes, offset + 12);
}

/** Whether the destination of the frame at `offset` is a group address (broadcast included). */
export function isGroupFrame(bytes: Uint8Array, offset: number): boolean {
  return (bytes[offset]! & 1) === 1;
}

/** Whether six octets at `offset` are this MAC address. */
export function isMac(bytes: Uint8Array, offset: number, mac: Uint8Array): boolean {
  for (let i = 5; i >= 0; i--) if (bytes[offset + i] !== mac[i]) return false;
  return true;
}

/** Writes a header and returns the offset behind it. */
export function encodeEthernet(
  target: Uint8Array,
  offset: number,
  destination: Uint8Array,
  source: Uint8Array,
  type: number,
): number {
  for (let i = 0; i < 6; i++) {
    target[offset + i] = destination[i]!;
    target[offset + 6 + i] = source[i]!;
  }
  writeUint16(target, offset + 12, type);
  return offset + ETHERNET_HEADER;
}
