import { expect, test } from '@jest/globals';
import type { Packet } from '../../../harness/dissect/packet.js';
import { readLateMs } from '../../../harness/run/reception.js';

/** Only what tells packets apart, captured so many ms after the first. */
const packet = (seqRaw: number, ms: number): Packet =>
  ({ time: 1000 + ms / 1000, tcp: { seqRaw, ackRaw: 1, flags: 0x10, len: 5 } }) as Packet;
const captured = [packet(1, 0), packet(6, 10), packet(11, 20), packet(11, 30)];
/** The same packets, read so many ms after the first was captured by a clock that is 7 ms ahead. */
const readAt = (...times: number[]) =>
  times.map((ms, index) => ({ packet: captured[index]!, time: 1_000_000 + ms + 7 }));

test('what is read as soon as ever is not late', () => {
  expect(readLateMs(readAt(0.1, 10.2, 22, 31), captured)).toBe(0);
});

test('each delay counts, however far the clocks are apart', () => {
  expect(readLateMs(readAt(0, 14.5, 26, 30), captured)).toBeCloseTo(10.5);
});

test('a packet that the capture does not have is left out', () => {
  expect(readLateMs([{ packet: packet(99, 0), time: 5 }, ...readAt(0, 10)], captured)).toBeCloseTo(0);
  expect(readLateMs([], captured)).toBe(0);
});
