/**
 * IP and MAC addresses between their octets and their canonical text. Both directions are looked up in bounded caches,
 * since a stack sees the same few addresses in every frame.
 */

/** Text that is not the address it should be. */
export class AddressError extends Error {
  override readonly name = 'AddressError';
  readonly remedy: string;
  constructor(text: string, what: string, remedy: string) {
    super(`"${text}" is not ${what}`);
    this.remedy = remedy;
  }
}

/** The 4 or 16 octets of an IP address in text; do not write to them. Throws AddressError. */
export function addressOctets(text: string): Uint8Array {
  let octets = octetsByText.get(text);
  if (octets === undefined) {
    octets = parseAddress(text);
    if (octetsByText.size >= CACHE_LIMIT) octetsByText.clear();
    octetsByText.set(text, octets);
  }
  return octets;
}

/** 4 or 6, for canonical or any other text of an address. */
export function addressVersion(text: string): 4 | 6 {
  return text.includes(':') ? 6 : 4;
}

/** The one spelling of an address that this code compares by: dotted quad, or RFC 5952. Throws AddressError. */
export function canonicalAddress(text: string): string {
  const octets = addressOctets(text);
  return octets.length === 4 ? ipv4Text(octets, 0) : ipv6Text(octets, 0);
}

/** Text of the IPv4 address at `offset`. */
export function ipv4Text(bytes: Uint8Array, offset: number): string {
  const key =
    ((bytes[offset]! << 24) | (bytes[offset + 1]! << 16) | (bytes[offset + 2]! << 8) | bytes[offset + 3]!) >>>
    0;
  if (key === recentIpv4) return recentIpv4Text;
  let text = ipv4ByNumber.get(key);
  if (text === undefined) {
    text = `${key >>> 24}.${(key >>> 16) & 255}.${(key >>> 8) & 255}.${key & 255}`;
    if (ipv4ByNumber.size >= CACHE_LIMIT) ipv4ByNumber.clear();
    ipv4ByNumber.set(key, text);
  }
  recentIpv4 = key;
  recentIpv4Text = text;
  return text;
}

/** RFC 5952 text of the IPv6 address at `offset`. */
export function ipv6Text(bytes: Uint8Array, offset: number): string {
  const a = word(bytes, offset);
  const b = word(bytes, offset + 4);
  const c = word(bytes, offset + 8);
  const d = word(bytes, offset + 12);
  const slot = (a ^ Math.imul(b, 5) ^ Math.imul(c, 9) ^ Math.imul(d, 17) ^ (d >>> 7)) & (IPV6_SLOTS - 1);
  const known = ipv6Slots[slot];
  if (known !== undefined && known.a === a && known.b === b && known.c === c && known.d === d)
    return known.text;
  const text = formatIpv6(bytes, offset);
  ipv6Slots[slot] = { a, b, c, d, text };
  return text;
}

/** `02:00:00:00:00:01` to six octets. Throws AddressError. */
export function macOctets(text: string): Uint8Array {
  if (!/^[0-9a-f]{1,2}([:-][0-9a-f]{1,2}){5}$/i.test(text)) {
    throw new AddressError(text, 'a MAC address', 'write six octets in hexadecimal: 02:00:00:00:00:01');
  }
  return Uint8Array.from(text.split(/[:-]/), (part) => parseInt(part, 16));
}

/** The MAC address at `offset`, in lower case with colons. */
export function macText(bytes: Uint8Array, offset = 0): string {
  let text = '';
  for (let i = 0; i < 6; i++) text += (i === 0 ? '' : ':') + bytes[offset + i]!.toString(16).padStart(2, '0');
  return text;
}

const CACHE_LIMIT = 4096;
const IPV6_SLOTS = 256;
const octetsByText = new Map<string, Uint8Array>();
const ipv4ByNumber = new Map<number, string>();
const ipv6Slots: ({ a: number; b: number; c: number; d: number; text: string } | undefined)[] =
  new Array<undefined>(IPV6_SLOTS).fill(undefined);
let recentIpv4 = 0;
let recentIpv4Text = '0.0.0.0';

function word(bytes: Uint8Array, offset: number): number {
  return (bytes[offset]! << 24) | (bytes[offset + 1]! << 16) | (bytes[offset + 2]! << 8) | bytes[offset + 3]!;
}

function parseAddress(text: string): Uint8Array {
  const octets = text.includes(':') ? parseIpv6(text) : parseIpv4(text);
  if (octets === undefined) {
    throw new AddressError(text, 'an IP address', 'write it as 10.0.0.1 or fd00::1, without a prefix length');
  }
  return octets;
}

function parseIpv4(text: string): Uint8Array | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (match === null) return undefined;
  const octets = match.slice(1).map(Number);
  return octets.some((octet) => octet > 255) ? undefined : Uint8Array.from(octets);
}

function parseIpv6(text: string): Uint8Array | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = groups(halves[0]!);
  const tail = halves.length === 2 ? groups(halves[1]!) : [];
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const all = [...head, ...new Array<number>(missing).fill(0), ...tail];
  return Uint8Array.from(all.flatMap((group) => [group >>> 8, group & 255]));
}

function groups(text: string): number[] | undefined {
  if (text === '') return [];
  const parts = text.split(':');
  const found: number[] = [];
  for (const [index, part] of parts.entries()) {
    if (part.includes('.') && index === parts.length - 1) {
      const dotted = parseIpv4(part);
      if (dotted === undefined) return undefined;
      found.push((dotted[0]! << 8) | dotted[1]!, (dotted[2]! << 8) | dotted[3]!);
    } else if (/^[0-9a-f]{1,4}$/i.test(part)) {
      found.push(parseInt(part, 16));
    } else {
      return undefined;
    }
  }
  return found;
}

function formatIpv6(bytes: Uint8Array, offset: number): string {
  const parts: number[] = [];
  for (let i = 0; i < 8; i++) parts.push((bytes[offset + 2 * i]! << 8) | bytes[offset + 2 * i + 1]!);
  if (isMappedIpv4(parts)) return `::ffff:${ipv4Text(bytes, offset + 12)}`;
  const run = longestZeroRun(parts);
  const hex = (from: number, to: number) =>
    parts
      .slice(from, to)
      .map((part) => part.toString(16))
      .join(':');
  return run.length < 2 ? hex(0, 8) : `${hex(0, run.start)}::${hex(run.start + run.length, 8)}`;
}

function isMappedIpv4(parts: number[]): boolean {
  return parts.slice(0, 5).every((part) => part === 0) && parts[5] === 0xffff;
}

function longestZeroRun(parts: number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  for (let i = 0; i < parts.length;) {
    let length = 0;
    while (parts[i + length] === 0) length++;
    if (length > best.length) best = { start: i, length };
    i += Math.max(1, length);
  }
  return best;
}
