import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decodeOptions, encodeOptions, optionsLength } from '../../../tcp-lite/wire/tcp-options.js';
import { options } from './arbitraries.js';

const read = (...octets: number[]) => decodeOptions(Uint8Array.from(octets), 0, octets.length);

test('MSS is read at every alignment (MUST-64)', () => {
  for (let nops = 0; nops < 5; nops++) {
    expect(read(...new Array<number>(nops).fill(1), 2, 4, 5, 0xb4, 0)).toEqual({ mss: 1460 });
  }
});

test('unknown kinds are skipped by their length (MUST-6)', () => {
  expect(read(200, 6, 9, 9, 9, 9, 253, 2, 2, 4, 2, 0)).toEqual({ mss: 512 });
});

test('nothing behind the end of the list is read', () => {
  expect(read(3, 3, 7, 0, 2, 4, 2, 0)).toEqual({ windowScale: 7 });
});

test.each([
  ['length 0', [3, 3, 7, 2, 0, 2, 0], { windowScale: 7 }],
  ['length 1', [3, 3, 7, 77, 1, 2, 4, 2, 0], { windowScale: 7 }],
  ['a length beyond the header', [3, 3, 7, 2, 4, 2], { windowScale: 7 }],
  ['a kind as the last octet', [3, 3, 7, 2], { windowScale: 7 }],
  ['MSS of three octets', [2, 3, 7, 3, 3, 7], { windowScale: 7 }],
  ['SACK of nine octets', [5, 9, 0, 0, 0, 0, 0, 0, 0, 4, 2], { sackPermitted: true }],
])('%s is survived (MUST-7)', (_, octets, expected) => {
  expect(read(...octets)).toEqual(expected);
});

test('what is written is whole words, at most 40 octets, and read back', () => {
  fc.assert(
    fc.property(options, (given) => {
      const target = new Uint8Array(64);
      const end = encodeOptions(given, target, 3);
      expect(end - 3).toBe(optionsLength(given));
      expect((end - 3) % 4).toBe(0);
      expect(end - 3).toBeLessThanOrEqual(40);
      expect(decodeOptions(target, 3, end)).toEqual(given);
    }),
  );
});

test('no more SACK blocks are written than fit', () => {
  const sack = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
  expect(optionsLength({ sack })).toBe(36);
  expect(optionsLength({ sack, tsVal: 1, tsEcr: 2 })).toBe(40);
  const target = new Uint8Array(40);
  encodeOptions({ sack, tsVal: 1, tsEcr: 2 }, target, 0);
  expect(decodeOptions(target, 0, 40).sack).toEqual(sack.slice(0, 6));
});
