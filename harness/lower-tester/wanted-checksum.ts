/** What turns a right checksum into a wrong one; all of its bits would turn one zero of one's complement into the other. */
const WRONG_BY = 0x5555;

/**
 * The checksum field as the case wants it. Throws where the case sets a number that happens to be right: with random
 * sequence numbers that comes to pass once in 65,536 times, and would tell a stack that keeps the rule from none.
 */
export function wantedChecksum(wanted: number | 'bad' | undefined, right: number, field: string): number {
  if (wanted === undefined) return right;
  if (wanted === 'bad') return right ^ WRONG_BY;
  // 0 and 0xffff are the same sum.
  if (wanted % 0xffff === right % 0xffff)
    throw new Error(`${field}: ${wanted} is what the case sets to be wrong, and happens to be right`);
  return wanted;
}
