import { expect, test } from '@jest/globals';
import { CaptureCut } from '../../../harness/capture/capture-cut.js';
import { lostFrames } from '../../../harness/run/lost-frames.js';
import type { Fate } from '../../../netns/relay/engine.js';

/** A capture of these frames, each `interface: text`. */
function captured(...frames: string[]): CaptureCut {
  return new CaptureCut({
    section: new Uint8Array(),
    interfaces: [],
    drops: 0,
    dropsKnown: true,
    frames: frames.map((line, index) => {
      const [interfaceId = '', text = ''] = line.split(': ');
      const data = Buffer.from(text);
      // An enhanced packet block: header of 28 octets, the length captured at 20, padding and a trailer behind.
      const block = Buffer.alloc(28 + data.length + 8, 0xee);
      block.writeUInt32LE(data.length, 20);
      block.set(data, 28);
      return { interfaceId: Number(interfaceId), time: BigInt(index), block: new Uint8Array(block) };
    }),
  });
}

const fate = (from: 'client' | 'server', text: string, lost: boolean): Fate => ({
  from,
  frame: new Uint8Array(Buffer.from(text)),
  lost,
});

test('what the captured end sent and the relay lost is marked, whatever the other end sent', () => {
  const fates = [fate('client', 'a', false), fate('client', 'b', true), fate('server', 'c', true)];
  expect([...lostFrames(captured('0: a', '0: b', '0: c'), fates, ['client'])]).toEqual([2]);
});

test('of equal frames each has the fate of its turn', () => {
  const fates = [fate('client', 'a', true), fate('client', 'a', false), fate('client', 'a', true)];
  expect([...lostFrames(captured('0: a', '0: a', '0: a'), fates, ['client'])]).toEqual([1, 3]);
});

test('with both ends captured each marks its own', () => {
  const fates = [fate('client', 'a', true), fate('server', 'b', true), fate('server', 'c', false)];
  const cut = captured('0: a', '1: b', '1: c', '0: c');
  expect([...lostFrames(cut, fates, ['client', 'server'])]).toEqual([1, 2]);
});

test('without a relay nothing is known to be lost', () => {
  expect([...lostFrames(captured('0: a'), [], ['client'])]).toEqual([]);
});
