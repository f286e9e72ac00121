import { addressOctets } from '../../tcp-lite/wire/address.js';
import { encodeIcmp } from '../../tcp-lite/wire/icmp.js';
import type { IcmpMessage } from '../case/icmp.js';

/** What an ICMP error quotes: the IUT's segment as it was on the wire, without Ethernet. */
export interface Quotable {
  version: 4 | 6;
  /** IP packet, header included. */
  packet: Uint8Array;
  headerLength: number;
}

const RFC792_QUOTE = 1280 - 40 - 8;

/**
 * The IP packet of an ICMP error about a segment of the IUT, or undefined where this family has no such error. The
 * quoted sequence number and ports are as the case says.
 */
export function buildIcmp(
  message: IcmpMessage,
  quoted: Quotable,
  quotedSeq: number,
  addresses: { tester: string; iut: string },
): Uint8Array | undefined {
  const kind = quoted.version === 4 ? message.ipv4 : message.ipv6;
  if (kind === undefined) return undefined;
  const room = new Uint8Array(1600);
  const length = encodeIcmp(
    {
      version: quoted.version,
      src: message.from ?? addresses.tester,
      dst: addresses.iut,
      type: kind.type,
      code: kind.code,
      rest: restOf(message, quoted.version),
      body: quoteOf(message, quoted, quotedSeq),
    },
    room,
    0,
  );
  const packet = room.slice(0, length);
  const checksumAt = (quoted.version === 4 ? 20 : 40) + 2;
  if (message.checksum === 'bad') {
    packet[checksumAt] = ~packet[checksumAt]! & 0xff;
  } else if (message.checksum !== undefined) {
    packet[checksumAt] = message.checksum >>> 8;
    packet[checksumAt + 1] = message.checksum & 0xff;
  }
  return packet;
}

/** A plain segment to quote where the IUT has not sent one yet. */
export function quotableFrom(version: 4 | 6, iut: string, tester: string, ports: [number, number]): Quotable {
  const headerLength = version === 4 ? 20 : 40;
  const packet = Buffer.alloc(headerLength + 20);
  if (version === 4) {
    packet.set([0x45, 0, 0, packet.length, 0, 1, 0x40, 0, 64, 6], 0);
    packet.set(addressOctets(iut), 12);
    packet.set(addressOctets(tester), 16);
  } else {
    packet.set([0x60, 0, 0, 0, 0, 20, 6, 64], 0);
    packet.set(addressOctets(iut), 8);
    packet.set(addressOctets(tester), 24);
  }
  packet.writeUInt16BE(ports[0], headerLength);
  packet.writeUInt16BE(ports[1], headerLength + 2);
  packet[headerLength + 12] = 0x50;
  packet[headerLength + 13] = 0x10;
  return { version, packet, headerLength };
}

function restOf(message: IcmpMessage, version: 4 | 6): number {
  if (message.mtu !== undefined) return message.mtu;
  if (message.pointer !== undefined) return version === 4 ? (message.pointer << 24) >>> 0 : message.pointer;
  return 0;
}

function quoteOf(message: IcmpMessage, { packet, headerLength }: Quotable, quotedSeq: number): Uint8Array {
  const copy = Buffer.from(packet);
  if (message.srcport !== undefined) copy.writeUInt16BE(message.srcport, headerLength);
  if (message.dstport !== undefined) copy.writeUInt16BE(message.dstport, headerLength + 2);
  copy.writeUInt32BE(quotedSeq >>> 0, headerLength + 4);
  return copy.subarray(0, headerLength + (message.octets ?? RFC792_QUOTE));
}
