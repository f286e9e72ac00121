import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { complement, sum16 } from '../../../tcp-lite/wire/checksum.js';

/** RFC 1071 section 1, word by word. */
function plainSum(bytes: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i++) sum += i % 2 === 0 ? bytes[i]! * 256 : bytes[i]!;
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 65536);
  return sum;
}

test('the sum is that of RFC 1071 at every alignment and length', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 100 }),
      fc.nat({ max: 40 }),
      fc.nat({ max: 9 }),
      (bytes, a, shift) => {
        const home = new Uint8Array(new ArrayBuffer(bytes.length + shift + 3), shift);
        home.set(bytes);
        const start = Math.min(a, bytes.length);
        expect(sum16(home, start, bytes.length)).toBe(plainSum(bytes.subarray(start)));
      },
    ),
    { numRuns: 2000 },
  );
});

test('64 KiB of ones do not overflow', () => {
  const bytes = new Uint8Array(65535).fill(0xff);
  expect(sum16(bytes, 0, bytes.length)).toBe(plainSum(bytes));
  expect(complement(sum16(bytes, 0, 65534))).toBe(0);
});

test('the example of RFC 1071 section 3', () => {
  const bytes = Uint8Array.from([0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7]);
  expect(sum16(bytes, 0, 8)).toBe(0xddf2);
});
