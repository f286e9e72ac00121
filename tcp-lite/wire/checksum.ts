/**
 * The internet checksum (RFC 1071), summed word by word over a 16-bit view of the underlying buffer: about 0.2 us for
 * 1,480 octets, thirty times what reading octet pairs through Buffer costs.
 */

/**
 * One's complement sum of `bytes[start..end)` taken as big-endian 16-bit words, folded to 16 bits. An odd last octet is
 * padded with zero. Sums of regions that start at even distances from each other may be added and folded together.
 */
export function sum16(bytes: Uint8Array, start: number, end: number): number {
  if (end <= start) return 0;
  if (bytes !== summed) remember(bytes);
  const first = summedOffset + start;
  const odd = first & 1;
  // An odd start is summed as if one zero octet came before it; that swaps the octets of the result (RFC 1071, 2 B).
  let sum = odd === 0 ? 0 : LITTLE_ENDIAN ? bytes[start]! << 8 : bytes[start]!;
  const stop = first + (end - start);
  sum += sumWords(summedWords, (first + odd) >> 1, stop >> 1);
  if ((stop & 1) === 1 && stop > first + odd) sum += LITTLE_ENDIAN ? bytes[end - 1]! : bytes[end - 1]! << 8;
  sum = fold(sum);
  return (odd === 1) === LITTLE_ENDIAN ? sum : ((sum & 0xff) << 8) | (sum >>> 8);
}

/** The checksum field for a sum of sums: folded and complemented. */
export function complement(sum: number): number {
  return ~fold(sum) & 0xffff;
}

/** Adds the carries of a one's complement sum back in until 16 bits are left. */
export function fold(sum: number): number {
  let folded = sum;
  while (folded > 0xffff) folded = (folded & 0xffff) + Math.floor(folded / 0x10000);
  return folded;
}

const LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

function sumWords(words: Uint16Array, from: number, to: number): number {
  // Four accumulators of at most 8,192 words each for 64 KiB: none can leave 31 bits.
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let i = from | 0;
  const unrolled = to - 7;
  for (; i < unrolled; i += 8) {
    a = (a + words[i]! + words[i + 1]!) | 0;
    b = (b + words[i + 2]! + words[i + 3]!) | 0;
    c = (c + words[i + 4]! + words[i + 5]!) | 0;
    d = (d + words[i + 6]! + words[i + 7]!) | 0;
  }
  for (; i < to; i++) a = (a + words[i]!) | 0;
  return a + b + c + d;
}

// A frame is summed piece by piece, and asking a view for its buffer costs as much as summing a header. Making a view
// costs more still; receive and transmit buffers alternate, so two are remembered.
let summed: Uint8Array | undefined;
let summedOffset = 0;
let summedWords: Uint16Array = new Uint16Array(0);
let recent: ArrayBufferLike = summedWords.buffer;
let recentWords = summedWords;
let older = recent;
let olderWords = recentWords;

function remember(bytes: Uint8Array): void {
  summed = bytes;
  summedOffset = bytes.byteOffset;
  summedWords = wordsOf(bytes.buffer);
}

function wordsOf(buffer: ArrayBufferLike): Uint16Array {
  if (buffer === recent) return recentWords;
  if (buffer === older) return olderWords;
  older = recent;
  olderWords = recentWords;
  recent = buffer;
  recentWords = new Uint16Array(buffer, 0, buffer.byteLength >> 1);
  return recentWords;
}
