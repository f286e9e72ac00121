import { encodeArp, decodeArp, ARP_LENGTH } from '../../tcp-lite/wire/arp.js';
import { addressOctets } from '../../tcp-lite/wire/address.js';
import {
  BROADCAST_MAC,
  encodeEthernet,
  ETHER_TYPE_ARP,
  ETHER_TYPE_IPV6,
  etherType,
} from '../../tcp-lite/wire/ethernet.js';
import {
  encodeNeighbour,
  multicastMac,
  solicitedNodeAddress,
} from '../../tcp-lite/wire/neighbour-discovery.js';

export interface NeighbourIdentity {
  mac: Uint8Array;
  ipv4: string;
  ipv6: string;
}

const LONGEST = 128;

/**
 * The answer to a frame that asks for the tester's hardware address (ARP, neighbour solicitation), or undefined. Answers
 * for any address on the link, so that a case may send from one that is not its own.
 */
export function neighbourAnswer(
  frame: Uint8Array,
  self: NeighbourIdentity,
  notOurs: string[],
): Uint8Array | undefined {
  const type = etherType(frame, 0);
  if (type === ETHER_TYPE_ARP) {
    const request = decodeArp(frame, 14, frame.length);
    if (typeof request === 'string' || request.operation !== 'request') return undefined;
    if (notOurs.includes(request.targetAddress) || request.senderAddress === request.targetAddress)
      return undefined;
    return arpFrame(self.mac, request.senderMac, {
      operation: 'reply',
      senderMac: self.mac,
      senderAddress: request.targetAddress,
      targetMac: request.senderMac,
      targetAddress: request.senderAddress,
    });
  }
  if (type !== ETHER_TYPE_IPV6 || !isSolicitation(frame)) return undefined;
  const target = frame.subarray(14 + 40 + 8, 14 + 40 + 24);
  if (notOurs.some((address) => address.includes(':') && sameOctets(addressOctets(address), target)))
    return undefined;
  const asker = frame.subarray(14 + 8, 14 + 24);
  // From the unspecified address it is duplicate detection: an answer would take the address away from the IUT.
  if (asker.every((octet) => octet === 0)) return undefined;
  const text = (octets: Uint8Array) =>
    Array.from({ length: 8 }, (_, index) =>
      ((octets[2 * index]! << 8) | octets[2 * index + 1]!).toString(16),
    ).join(':');
  const room = new Uint8Array(LONGEST);
  const start = encodeEthernet(room, 0, frame.subarray(6, 12), self.mac, ETHER_TYPE_IPV6);
  const length = encodeNeighbour(
    {
      kind: 'advertisement',
      src: text(target),
      dst: text(asker),
      target: text(target),
      mac: self.mac,
      solicited: true,
      override: true,
    },
    room,
    start,
  );
  return room.subarray(0, start + length);
}

/** The frame that asks for the hardware address of `address`. */
export function neighbourRequest(self: NeighbourIdentity, address: string): Uint8Array {
  if (!address.includes(':')) {
    return arpFrame(self.mac, BROADCAST_MAC, {
      operation: 'request',
      senderMac: self.mac,
      senderAddress: self.ipv4,
      targetMac: new Uint8Array(6),
      targetAddress: address,
    });
  }
  const group = solicitedNodeAddress(address);
  const room = new Uint8Array(LONGEST);
  const start = encodeEthernet(room, 0, multicastMac(group), self.mac, ETHER_TYPE_IPV6);
  const length = encodeNeighbour(
    { kind: 'solicitation', src: self.ipv6, dst: group, target: address, mac: self.mac },
    room,
    start,
  );
  return room.subarray(0, start + length);
}

function arpFrame(own: Uint8Array, to: Uint8Array, packet: Parameters<typeof encodeArp>[0]): Uint8Array {
  const frame = new Uint8Array(14 + ARP_LENGTH);
  encodeArp(packet, frame, encodeEthernet(frame, 0, to, own, ETHER_TYPE_ARP));
  return frame;
}

function isSolicitation(frame: Uint8Array): boolean {
  return frame.length >= 14 + 40 + 24 && frame[14 + 6] === 58 && frame[14 + 40] === 135;
}

function sameOctets(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((octet, index) => octet === b[index]);
}
