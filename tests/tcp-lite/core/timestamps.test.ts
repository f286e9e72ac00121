import { describe, expect, test } from '@jest/globals';
import type { Segment } from '../../../tcp-lite/wire/segment.js';
import { Bench, type Say } from './bench.js';

const SYN = { mss: 1460, tsVal: 1000, tsEcr: 0 };

function stamped(): Bench {
  return new Bench({ connection: { timestamps: true } }).reach('ESTABLISHED', 'passive', SYN);
}

function answer(bench: Bench, flags: string, say: Say): Segment | undefined {
  bench.tcp.segmentArrives(bench.segment(flags, say), bench.now);
  return bench.take().at(-1);
}

const at = (tsVal: number) => ({ options: { tsVal, tsEcr: 0 } });

test('RFC7323-3.2b, RFC7323-4.1: every segment but a reset without connection has one, and it runs with the clock', () => {
  const bench = stamped();
  const values: number[] = [];
  for (let i = 0; i < 5; i++) {
    bench.connection.write(new Uint8Array(1), bench.now);
    values.push(bench.take()[0]!.options.tsVal!);
    bench.say('ACK', at(1000 + i));
    bench.now += 1000;
  }
  expect(values.slice(1).map((value, i) => (value - values[i]!) >>> 0)).toEqual([1000, 1000, 1000, 1000]);
  bench.connection.shutdown(bench.now);
  expect(bench.take()[0]?.options.tsVal).toBeDefined();
});

describe('what is echoed (RFC 7323 section 4.3)', () => {
  test('RFC7323-3.2g, RFC7323-4.3A: a delayed ACK echoes the earliest segment that it acknowledges', () => {
    const bench = stamped();
    bench.say('ACK', { payload: 1460, ...at(1010) });
    expect(answer(bench, 'ACK', { payload: 1460, ...at(1011) })?.options.tsEcr).toBe(1010);
  });

  test('RFC7323-4.3B, RFC7323-5.3R3: behind a gap the last stamp in order', () => {
    const bench = stamped();
    bench.say('ACK', { payload: 10, ...at(1010) });
    bench.pass(100);
    expect(answer(bench, 'ACK', { seq: 500, payload: 10, ...at(1020) })?.options.tsEcr).toBe(1010);
  });

  test('RFC7323-4.3C: what fills the gap is echoed', () => {
    const bench = stamped();
    bench.say('ACK', { seq: 11, payload: 10, ...at(1020) });
    expect(answer(bench, 'ACK', { seq: 1, payload: 10, ...at(1021) })?.options.tsEcr).toBe(1021);
  });
});

describe('PAWS and what lacks a stamp', () => {
  test('RFC7323-5.3R1: an old stamp is dropped and answered, nothing is taken from it', () => {
    const bench = stamped();
    const reply = answer(bench, 'PSH ACK', { payload: 'old', seq: 1, ...at(0) });
    expect(reply).toMatchObject({ flags: 0x10, options: { tsEcr: 1000 } });
    expect(bench.connection.readable).toBe(0);
  });

  test('RFC7323-5.3R1: half the circle away is not older', () => {
    const bench = stamped();
    bench.say('PSH ACK', { payload: 'half', seq: 1, ...at(1000 + 2 ** 31) });
    expect(bench.readText()).toBe('half');
    bench.say('PSH ACK', { payload: 'less', seq: 5, ...at(1001 + 2 ** 31) });
    expect(bench.readText()).toBe('');
  });

  test('RFC7323-5.3P: also outside the window, and TS.Recent stays', () => {
    const bench = stamped();
    expect(answer(bench, 'ACK', { seq: 900_000, payload: 5, ...at(0) })?.options.tsEcr).toBe(1000);
    expect(answer(bench, 'ACK', { seq: 900_000, payload: 5, ...at(5000) })?.options.tsEcr).toBe(1000);
  });

  test('RFC7323-5.2b: a reset is exempt', () => {
    const bench = stamped();
    bench.say('RST', at(0));
    expect(bench.told.at(-1)).toBe('closed: ECONNRESET');
  });

  test('RFC7323-3.2c, RFC7323-3.2d: without a stamp a segment is dropped silently, the connection goes on', () => {
    const bench = stamped();
    expect(bench.say('PSH ACK', { payload: 'bare', seq: 1, options: {} })).toEqual([]);
    expect(bench.connection.readable).toBe(0);
    bench.say('PSH ACK', { payload: 'good', seq: 1, ...at(1001) });
    expect(bench.readText()).toBe('good');
  });

  test('RFC7323-5.5: after 24 days without news an older stamp is believed', () => {
    const bench = stamped();
    bench.pass(24 * 86_400_000 + 1000);
    bench.say('PSH ACK', { payload: 'after the long night', ...at(500) });
    expect(bench.readText()).toBe('after the long night');
    expect(answer(bench, 'ACK', { seq: -5, payload: 2, ...at(501) })?.options.tsEcr).toBe(500);
  });

  test('stamps wrap', () => {
    const bench = new Bench({ connection: { timestamps: true } });
    bench.reach('ESTABLISHED', 'passive', { mss: 1460, tsVal: 2 ** 32 - 5, tsEcr: 0 });
    bench.say('PSH ACK', { payload: 'past zero', ...at(3) });
    expect(bench.readText()).toBe('past zero');
  });
});
