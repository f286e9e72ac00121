import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import koffi from 'koffi';
import { setTimeout as sleep } from 'node:timers/promises';
import { EAGAIN, ENOBUFS } from '../../native/libc.js';
import { MessageBatch } from '../../native/message-batch.js';
import { TransmitQueue } from '../../native/transmit-queue.js';

const EMSGSIZE = 90;
const SLOTS = 4;

/** A kernel that takes what `plan` says at each call: a number of frames, or an error. */
function queueWith(plan: (call: number) => { take?: number; error?: number }, backlogLimit?: number) {
  const batch = new MessageBatch(SLOTS, 64);
  const taken: number[] = [];
  let calls = 0;
  const queue = new TransmitQueue(
    batch,
    (first, count) => {
      const { take = count, error } = plan(calls++);
      if (error !== undefined || take === 0) {
        koffi.errno(error ?? EAGAIN);
        return -1;
      }
      const sent = Math.min(take, count);
      for (let slot = first; slot < first + sent; slot++) taken.push(batch.view(slot, 64)[0] ?? -1);
      return sent;
    },
    backlogLimit,
  );
  const put = (number: number) => {
    queue.reserve(60).fill(number);
    queue.commit(60);
  };
  return { queue, taken, put };
}

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index);

test('sends at the end of the turn without being told', async () => {
  const { taken, put } = queueWith(() => ({}));
  put(1);
  put(2);
  expect(taken).toEqual([]);
  await Promise.resolve();
  expect(taken).toEqual([1, 2]);
});

test('sends a full batch at once', () => {
  const { taken, put } = queueWith(() => ({}));
  upTo(SLOTS + 1).forEach(put);
  expect(taken).toEqual(upTo(SLOTS));
});

test('keeps frames in order while the kernel has no room, and tries again by itself', async () => {
  let full = true;
  const { queue, taken, put } = queueWith(() => (full ? { error: EAGAIN } : {}));
  upTo(50).forEach(put);
  expect(taken).toEqual([]);
  full = false;
  for (let i = 0; i < 500 && taken.length < 50; i++) await sleep(1);
  expect(taken).toEqual(upTo(50));
  expect([queue.sent, queue.unsent]).toEqual([50, 0]);
});

test('counts what is beyond its backlog, and what is left at the end', () => {
  const { queue, taken, put } = queueWith(() => ({ error: ENOBUFS }), 10);
  upTo(SLOTS + 10 + 3).forEach(put);
  expect(queue.unsent).toBe(3);
  queue.close();
  expect([taken.length, queue.sent, queue.unsent]).toEqual([0, 0, SLOTS + 13]);
});

test('skips and counts a frame that the kernel refuses', () => {
  const { queue, taken, put } = queueWith((call) => (call === 1 ? { error: EMSGSIZE } : { take: 1 }));
  upTo(3).forEach(put);
  queue.flush();
  expect(taken).toEqual([0, 2]);
  expect([queue.sent, queue.unsent]).toEqual([2, 1]);
});

test('loses, doubles and reorders nothing, whatever the kernel takes', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(3), { minLength: 1, maxLength: 40 }), fc.nat(120), (plan, count) => {
      const { queue, taken, put } = queueWith((call) =>
        call < plan.length ? { take: plan[call] ?? 0 } : {},
      );
      upTo(count).forEach(put);
      for (let i = 0; i <= plan.length; i++) queue.flush();
      queue.close();
      expect(taken).toEqual(upTo(count));
      expect(queue.sent).toBe(count);
    }),
  );
});

test('a commit needs a reserve that was as long', () => {
  const { queue } = queueWith(() => ({}));
  expect(() => queue.commit(1)).toThrow('commit without reserve');
  queue.reserve(20);
  expect(() => queue.commit(21)).toThrow('commit of 21 octets, reserved 20');
});
