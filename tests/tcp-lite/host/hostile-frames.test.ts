import { expect, test } from '@jest/globals';
import { Host } from '../../../tcp-lite/host/host.js';
import { complement, sum16 } from '../../../tcp-lite/wire/checksum.js';
import { config, Pair } from './pair.js';

const FRAMES = 1_000_000;

/** mulberry32: fast, and the same frames in every run. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

/** Frames of a real conversation in both versions, address resolution and echo included. */
function realFrames(): Uint8Array[] {
  const pair = new Pair();
  pair.b.tcp.listen({ port: 7 });
  for (const remoteAddress of ['10.0.0.2', 'fd00::2']) {
    const client = pair.a.tcp.connect({ remoteAddress, remotePort: 7 }, pair.now);
    pair.pass(10);
    client.write(new Uint8Array(300), pair.now);
    pair.pass(10);
    client.shutdown(pair.now);
    pair.pass(10);
  }
  return pair.frames.filter(({ from }) => from === 'a').map(({ frame }) => frame);
}

/** Makes the checksums right again, so that the change is not all that is looked at. */
function repair(frame: Uint8Array): void {
  const v4 = frame[12] === 8 && frame[13] === 0 && frame.length >= 34;
  if (!v4) return;
  const header = (frame[14]! & 15) * 4;
  frame[24] = frame[25] = 0;
  const ip = complement(sum16(frame, 14, Math.min(frame.length, 14 + header)));
  frame[24] = ip >>> 8;
  frame[25] = ip & 255;
  const start = 14 + header;
  const end = 14 + ((frame[16]! << 8) | frame[17]!);
  if (end > frame.length || start + 20 > end) return;
  frame[start + 16] = frame[start + 17] = 0;
  const pseudo = sum16(frame, 26, 34) + 6 + (end - start);
  const tcp = complement(pseudo + sum16(frame, start, end));
  frame[start + 16] = tcp >>> 8;
  frame[start + 17] = tcp & 255;
}

test('a million hostile frames: none makes a host throw, and memory stays bounded', () => {
  const next = generator(1);
  const real = realFrames();
  const sink = new Uint8Array(1514);
  const host = new Host(config(2), {
    mtu: 1500,
    reserve: (length) => sink.subarray(0, length),
    commit: () => undefined,
  });
  host.tcp.listen({ port: 7 });
  const scratch = new Uint8Array(512);
  let now = 1000;
  for (let i = 0; i < FRAMES; i++) {
    const kind = next() & 3;
    let frame: Uint8Array;
    if (kind === 0) {
      frame = scratch.subarray(0, next() % 120);
      for (let at = 0; at < frame.length; at++) frame[at] = next();
      frame.set([2, 0, 0, 0, 0, 2].slice(0, frame.length));
      if (frame.length > 14) frame.set(TYPES[next() % TYPES.length]!, 12);
    } else {
      const model = real[next() % real.length]!;
      // Cut or whole, with a few octets changed behind the addresses.
      frame = scratch.subarray(0, kind === 1 ? next() % (model.length + 1) : model.length);
      frame.set(model.subarray(0, frame.length));
      for (let changes = next() & 3; changes > 0 && frame.length > 12; changes--) {
        frame[12 + (next() % (frame.length - 12))] = next();
      }
      if (kind === 3) repair(frame);
    }
    host.receive(frame, now);
    if ((i & 1023) === 0) {
      now += 50;
      host.advance(now);
    }
  }
  expect(host.counters.framesIn).toBe(FRAMES);
  expect(host.counters.segmentsIn).toBeGreaterThan(FRAMES / 20);
  expect(host.tcp.connectionCount).toBeLessThan(200);
}, 120_000);

const TYPES = [
  [8, 0, 0x45],
  [8, 6, 0],
  [0x86, 0xdd, 0x60],
];
