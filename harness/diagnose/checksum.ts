import type { Packet } from '../dissect/packet.js';

/**
 * Whether the checksum field holds the sum over the pseudo header alone (RFC 9293 section 3.1), which is what an
 * operating system leaves there when the network card is to compute the rest. Large segments that the card is to cut
 * up carry it without the length.
 */
export function isPartialChecksum(packet: Packet): boolean {
  const source = addressWords(packet.ip.src);
  const destination = addressWords(packet.ip.dst);
  if (source === undefined || destination === undefined) return false;
  const addresses = [...source, ...destination].reduce((sum, word) => sum + word, 6);
  const length = packet.tcp.headerLen + packet.tcp.len;
  return packet.tcp.checksum === fold(addresses + length) || packet.tcp.checksum === fold(addresses);
}

function fold(sum: number): number {
  let folded = sum;
  while (folded > 0xffff) folded = (folded & 0xffff) + Math.floor(folded / 0x10000);
  return folded;
}

/** 16-bit words of an IPv4 or IPv6 address. */
export function addressWords(address: string): number[] | undefined {
  return address.includes(':') ? ipv6Words(address) : ipv4Words(address);
}

function ipv4Words(address: string): number[] | undefined {
  const parts = address.split('.').map(Number);
  if (parts.length !== 4 || parts.some((part) => !(part >= 0 && part <= 255))) return undefined;
  const [a = 0, b = 0, c = 0, d = 0] = parts;
  return [a * 256 + b, c * 256 + d];
}

function ipv6Words(address: string): number[] | undefined {
  const [plain = ''] = address.split('%');
  const halves = plain.split('::');
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map(groups);
  if (head === undefined) return undefined;
  if (tail === undefined) return head.length === 8 && head.every(Number.isInteger) ? head : undefined;
  const zeros = 8 - head.length - tail.length;
  if (zeros < 0) return undefined;
  const words = [...head, ...new Array<number>(zeros).fill(0), ...tail];
  return words.every(Number.isInteger) ? words : undefined;
}

function groups(text: string): number[] {
  if (text === '') return [];
  return text
    .split(':')
    .flatMap((group) => (group.includes('.') ? (ipv4Words(group) ?? [NaN]) : parseInt(group, 16)));
}
