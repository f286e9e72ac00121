/** Arithmetic on sequence numbers, which count modulo 2^32 (RFC 9293 section 3.4). */

export function plus(number: number, octets: number): number {
  return (number + octets) >>> 0;
}

/** How far `to` lies after `from`, -2^31..2^31-1. */
export function distance(from: number, to: number): number {
  return (to - from) | 0;
}

/** Whether `one` comes before `other`. */
export function before(one: number, other: number): boolean {
  return distance(one, other) > 0;
}
