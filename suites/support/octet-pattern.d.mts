/** Octets `from` to `from + length` (at most 65,536) of an endless stream that is the same in every process. */
export function pattern(from: number, length: number): Buffer;
