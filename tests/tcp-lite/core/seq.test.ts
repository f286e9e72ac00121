import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { seqAdd, seqDiff, seqLeq, seqLt, seqMax, seqMin } from '../../../tcp-lite/core/seq.js';

const seq = fc.oneof(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.constantFrom(0, 1, 2 ** 31, 2 ** 32 - 1));
const near = fc.integer({ min: -(2 ** 30), max: 2 ** 30 });

test('R9293-L2: whatever the number, what lies ahead lies ahead, across the wrap too', () => {
  fc.assert(
    fc.property(seq, near, (from, distance) => {
      const to = seqAdd(from, distance);
      expect(to).toBe(Number((BigInt(from) + BigInt(distance)) & 0xffffffffn));
      expect(seqDiff(to, from)).toBe(distance);
      expect(seqLt(from, to)).toBe(distance > 0);
      expect(seqLeq(from, to)).toBe(distance >= 0);
      expect(seqMax(from, to)).toBe(distance > 0 ? to : from);
      expect(seqMin(from, to)).toBe(distance < 0 ? to : from);
    }),
  );
});
