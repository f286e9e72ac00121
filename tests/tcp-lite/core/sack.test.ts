import { describe, expect, test } from '@jest/globals';
import { Bench } from './bench.js';

const SYN = { mss: 1460, sackPermitted: true };

function receiver(timestamps = false): Bench {
  const stamps = timestamps ? { tsVal: 5, tsEcr: 0 } : {};
  return new Bench({ connection: { sack: true, timestamps } }).reach('ESTABLISHED', 'passive', {
    ...SYN,
    ...stamps,
  });
}

/** The peer sends octets [from, to), relative to the first; returns the SACK blocks of the answer in the same count. */
function say(bench: Bench, from: number, to: number, options = bench.peerOptions): number[] | undefined {
  bench.tcp.segmentArrives(bench.segment('ACK', { seq: 1 + from, payload: to - from, options }), bench.now);
  const [answer] = bench.take();
  const base = bench.segment('', { seq: 1 }).seq;
  return answer?.options.sack?.map((edge) => (edge - base) | 0);
}

describe('SACK blocks of the receiver (RFC 2018 section 4)', () => {
  test('RFC2018-4a: none unless the SYN permitted them', () => {
    const bench = new Bench({ connection: { sack: true } }).reach('ESTABLISHED');
    expect(say(bench, 10, 20)).toBeUndefined();
  });

  test('RFC2018-4c, RFC2018-4d, RFC2018-4e: the newest first, the earlier ones repeated, edges as held', () => {
    const bench = receiver();
    expect(say(bench, 10, 20)).toEqual([10, 20]);
    expect(say(bench, 50, 60)).toEqual([50, 60, 10, 20]);
    expect(say(bench, 30, 40)).toEqual([30, 40, 50, 60, 10, 20]);
    expect(say(bench, 20, 30)).toEqual([10, 40, 50, 60]);
    expect(say(bench, 70, 80)).toEqual([70, 80, 10, 40, 50, 60]);
    expect(say(bench, 60, 65)).toEqual([50, 65, 70, 80, 10, 40]);
  });

  test('RFC2018-3: at most four, three beside timestamps', () => {
    const plain = receiver();
    for (let i = 1; i < 6; i++) say(plain, i * 20, i * 20 + 10);
    expect(say(plain, 200, 210)).toHaveLength(8);
    const stamped = receiver(true);
    for (let i = 1; i < 6; i++) say(stamped, i * 20, i * 20 + 10);
    expect(say(stamped, 200, 210)).toHaveLength(6);
  });

  test('RFC2018-4b: on every segment while something is held, data included', () => {
    const bench = receiver();
    say(bench, 10, 20);
    bench.connection.write(new Uint8Array(5), bench.now);
    expect(bench.take()[0]?.options.sack).toHaveLength(2);
    expect(say(bench, 0, 10)).toBeUndefined();
  });

  test('SHLD-31, MUST-59: what was held is acknowledged in one step', () => {
    const bench = receiver();
    say(bench, 10, 20);
    say(bench, 20, 30);
    say(bench, 40, 50);
    expect(bench.say('ACK', { seq: 1, payload: 10 })).toEqual(['[ACK] Seq=1 Ack=31 Len=0']);
    expect(bench.say('ACK', { seq: 31, payload: 10 })).toEqual(['[ACK] Seq=1 Ack=51 Len=0']);
    expect(bench.readText()).toHaveLength(50);
  });
});

describe('D-SACK (RFC 2883)', () => {
  test('RFC2883-4-1, RFC2883-4-2: a full duplicate is reported first, once', () => {
    const bench = receiver();
    bench.say('ACK', { payload: 30 });
    expect(say(bench, 0, 30)).toEqual([0, 30]);
    expect(say(bench, 40, 50)).toEqual([40, 50]);
  });

  test('RFC2883-4-3: of a partial duplicate only the old part', () => {
    const bench = receiver();
    bench.say('ACK', { payload: 30 });
    expect(say(bench, 20, 40)).toEqual([20, 30]);
    expect(bench.connection.readable).toBe(40);
  });

  test('RFC2883-4-4: a duplicate of held data is followed by the block around it', () => {
    const bench = receiver();
    say(bench, 10, 20);
    say(bench, 20, 30);
    expect(say(bench, 12, 18)).toEqual([12, 18, 10, 30]);
    expect(say(bench, 5, 12)).toEqual([10, 12, 5, 30]);
  });

  test('RFC2883-4.3: also on duplicates that PAWS rejects', () => {
    const bench = receiver(true);
    bench.say('ACK', { payload: 30, options: { tsVal: 9, tsEcr: 0 } });
    expect(say(bench, 0, 30, { tsVal: 2, tsEcr: 0 })).toEqual([0, 30]);
  });
});
