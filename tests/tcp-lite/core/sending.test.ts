import { describe, expect, test } from '@jest/globals';
import { Bench } from './bench.js';

const lengths = (lines: string[]) => lines.map((line) => Number(/Len=(\d+)/.exec(line)![1]));

function sender(window = 65_535, options: ConstructorParameters<typeof Bench>[0] = {}): Bench {
  const bench = new Bench({ ...options, connection: { initialWindow: 10, ...options.connection } });
  bench.peerWindow = window;
  return bench.reach('ESTABLISHED', 'active', { mss: 1000 });
}

describe('segmentation', () => {
  test('SHLD-27, SHLD-28, MAY-16: full segments whenever possible, writes run together', () => {
    const bench = sender(500);
    for (let i = 0; i < 30; i++) bench.write(100);
    bench.sent();
    bench.peerWindow = 65_535;
    expect(lengths(bench.say('ACK', { ack: 101 }))).toEqual([1000, 1000]);
  });

  test('MUST-60, MUST-61: PSH on the segment that empties the queue, and nothing is held for want of it', () => {
    const bench = sender();
    expect(bench.write(2500)).toEqual(['[ACK] Seq=1 Ack=1 Len=1000', '[ACK] Seq=1001 Ack=1 Len=1000']);
    expect(bench.say('ACK', { ack: 2001 })).toEqual(['[PSH, ACK] Seq=2001 Ack=1 Len=500']);
  });

  test('SHLD-7: Nagle: while something is out small writes wait and are merged', () => {
    const bench = sender();
    expect(bench.write('a')).toHaveLength(1);
    expect(bench.write('b')).toEqual([]);
    expect(bench.write('c')).toEqual([]);
    expect(bench.say('ACK', { ack: 2 })).toEqual(['[PSH, ACK] Seq=2 Ack=1 Len=2']);
  });

  test('MUST-17: it can be switched off, at once', () => {
    const bench = sender();
    bench.write('a');
    bench.write('b');
    bench.connection.setOption('noDelay', true, bench.now);
    expect(bench.sent()).toEqual(['[PSH, ACK] Seq=2 Ack=1 Len=1']);
    expect(bench.write('c')).toEqual(['[PSH, ACK] Seq=3 Ack=1 Len=1']);
  });

  test('a close does not wait for Nagle', () => {
    const bench = sender();
    bench.write('a');
    bench.write('b');
    bench.connection.shutdown(bench.now);
    expect(bench.sent()).toEqual(['[FIN, PSH, ACK] Seq=2 Ack=1 Len=1']);
  });

  test('write takes what fits, and tells when half is free again', () => {
    const bench = sender(65_535, { connection: { sendBuffer: 1000 } });
    expect(bench.connection.write(new Uint8Array(1500), bench.now)).toBe(1000);
    expect(bench.connection.writable).toBe(0);
    bench.sent();
    bench.say('ACK', { ack: 401 });
    expect(bench.told).not.toContain('writable');
    bench.say('ACK', { ack: 501 });
    expect(bench.told).toContain('writable');
    expect(bench.connection.writable).toBe(500);
  });

  test("MUST-48, SHLD-21, SHLD-22, MUST-49: DSCP and TTL are the application's, also later", () => {
    const bench = new Bench({ connection: { dscp: 46, ttl: 7 } });
    bench.connect();
    expect(bench.take()).toMatchObject([{ dscp: 46, ttl: 7 }]);
    bench.say('SYN ACK', { ack: 1 });
    for (let dscp = 0; dscp < 64; dscp++) {
      bench.connection.setOption('dscp', dscp, bench.now);
      bench.connection.write(new Uint8Array(1), bench.now);
      expect(bench.take()).toMatchObject([{ dscp, ttl: 7 }]);
      bench.say('ACK');
    }
    expect(() => bench.connection.setOption('dscp', 64, bench.now)).toThrow('dscp is 64');
  });

  test('MAY-9: the DSCP received can be asked for', () => {
    const bench = new Bench();
    bench.say('SYN');
    bench.say('ACK', { dscp: 12 });
    expect(bench.connection.status().receivedDscp).toBe(12);
  });
});

describe("the peer's window", () => {
  test('MUST-1, REC-1: is unsigned and wide', () => {
    const bench = sender(0xffff, { connection: { sendBuffer: 4e6 } });
    bench.connection.write(new Uint8Array(4e6), bench.now);
    bench.take();
    for (let i = 0; i < 70; i++) bench.say('ACK');
    bench.take();
    const { sndNxt, sndUna, cwnd } = bench.connection.status();
    expect(cwnd).toBeGreaterThan(40_000);
    expect((sndNxt - sndUna) >>> 0).toBeGreaterThan(32_768);
  });

  test("RFC7323-2.3a, RFC7323-2.3c: shifted by the peer's factor, 14 at most", () => {
    const sndWnd = (windowScale: number) => {
      const bench = new Bench({ connection: { windowScale: true } });
      bench.reach('ESTABLISHED', 'active', { mss: 1000, windowScale });
      bench.say('ACK', { window: 1 });
      return bench.connection.status().sndWnd;
    };
    expect([sndWnd(0), sndWnd(7), sndWnd(14), sndWnd(15), sndWnd(255)]).toEqual([
      1, 128, 16_384, 16_384, 16_384,
    ]);
  });

  test('RFC7323-2.2a: unscaled in the SYN,ACK itself', () => {
    const bench = new Bench({ connection: { windowScale: true } });
    bench.peerWindow = 5000;
    bench.reach('ESTABLISHED', 'active', { mss: 1000, windowScale: 7 });
    expect(bench.connection.status().sndWnd).toBe(5000);
  });

  test('R9293-L8: an older segment does not change it', () => {
    const bench = sender(5000);
    bench.write(1000);
    bench.say('ACK', { payload: 'abc' });
    expect(bench.connection.status().sndWnd).toBe(5000);
    bench.say('ACK', { seq: 1, payload: 'abc', window: 9 });
    bench.say('ACK', { ack: 1, window: 9 });
    expect(bench.connection.status().sndWnd).toBe(5000);
    bench.say('ACK', { window: 9 });
    expect(bench.connection.status().sndWnd).toBe(9);
  });

  test('R9293-L8: overtaken by a later segment it does not count either', () => {
    const bench = sender(5000);
    bench.say('ACK', { seq: 4, payload: 'def', window: 4000 });
    expect(bench.connection.status().sndWnd).toBe(4000);
    bench.say('ACK', { seq: 1, payload: 'abc', window: 9 });
    expect(bench.connection.status()).toMatchObject({ sndWnd: 4000, readable: 6 });
  });

  test('MUST-38: no silly segments into a window that opens in crumbs, until half a second has passed', () => {
    const bench = sender(2000);
    expect(lengths(bench.write(5000))).toEqual([1000, 1000]);
    expect(bench.say('ACK', { ack: 2001, window: 100 })).toEqual([]);
    expect(bench.say('ACK', { ack: 2001, window: 300 })).toEqual([]);
    expect(bench.say('ACK', { ack: 2001, window: 900 })).toEqual([]);
    expect(bench.pass(600)).toEqual(['500 ms: [ACK] Seq=2001 Ack=1 Len=900']);
  });

  test('half of the largest window seen is no silly segment', () => {
    const bench = sender(1200);
    bench.write(5000);
    expect(lengths(bench.say('ACK', { ack: 1001, window: 600 }))).toEqual([600]);
  });
});

describe('zero windows (RFC 9293 section 3.8.6.1)', () => {
  test('MUST-36, SHLD-29, SHLD-30: probes of one octet after one RTO, then doubling up to a minute', () => {
    const bench = sender(0);
    expect(bench.write('data')).toEqual([]);
    const lines = bench.pass(200_000);
    expect(lines[0]).toBe('1000 ms: [ACK] Seq=1 Ack=1 Len=1');
    expect(lines.map((line) => parseInt(line))).toEqual([
      1000, 3000, 7000, 15_000, 31_000, 63_000, 123_000, 183_000,
    ]);
  });

  test('the window that opens after a lost update is found by the probe, nothing is missing or doubled', () => {
    const bench = sender(0);
    bench.write('data');
    bench.pass(1000);
    expect(bench.say('ACK', { ack: 2, window: 0 })).toEqual([]);
    expect(bench.pass(3000)[0]).toMatch('Seq=2 Ack=1 Len=1');
    expect(bench.say('ACK', { ack: 2, window: 100 })).toEqual(['[PSH, ACK] Seq=2 Ack=1 Len=3']);
    bench.say('ACK', { ack: 5 });
    expect(bench.pass(10_000)).toEqual([]);
  });

  test('MUST-37: the connection stays while probes are answered', () => {
    const bench = sender(0, { connection: { userTimeoutMs: 100_000 } });
    bench.write('data');
    for (let i = 0; i < 50; i++) {
      bench.pass(60_000);
      bench.say('ACK', { ack: 1, window: 0 });
    }
    expect(bench.connection.state).toBe('ESTABLISHED');
    bench.pass(101_000);
    expect(bench.told).toContain('closed: ETIMEDOUT');
  });

  test('a FIN is probed with as well', () => {
    const bench = sender(0);
    bench.connection.shutdown(bench.now);
    expect(bench.sent()).toEqual([]);
    expect(bench.pass(1000)).toEqual(['1000 ms: [FIN, ACK] Seq=1 Ack=1 Len=0']);
    bench.say('ACK', { ack: 2 });
    expect(bench.connection.state).toBe('FIN-WAIT-2');
  });
});

describe('windows that shrink (RFC 9293 section 3.8.6)', () => {
  const shrunk = (window: number) => {
    const bench = sender(4000);
    bench.write(10_000);
    expect(bench.say('ACK', { ack: 1, window })).toEqual([]);
    return bench;
  };

  test('MUST-34, SHLD-15, SHLD-16, MAY-7: nothing new leaves, what lies inside goes again after the RTO', () => {
    const bench = shrunk(1500);
    expect(bench.pass(1000)).toEqual(['1000 ms: [ACK] Seq=1 Ack=1 Len=1000']);
    expect(bench.say('ACK', { ack: 1001, window: 500 })).toEqual(['[ACK] Seq=1001 Ack=1 Len=500']);
    expect(bench.say('ACK', { ack: 1501, window: 0 })).toEqual([]);
  });

  test('MUST-35: shrunk to nothing it is probed, and the transfer goes on when it opens', () => {
    const bench = shrunk(0);
    expect(bench.pass(1000)).toEqual(['1000 ms: [ACK] Seq=1 Ack=1 Len=1']);
    expect(lengths(bench.say('ACK', { ack: 1, window: 4000 }))).toEqual([1000, 1000, 1000, 1000]);
  });

  test('what had arrived beyond the edge counts when it is acknowledged', () => {
    const bench = shrunk(0);
    bench.pass(1000);
    expect(bench.say('ACK', { ack: 4001, window: 4000 })[0]).toBe('[ACK] Seq=4001 Ack=1 Len=1000');
  });

  test('SHLD-17: data beyond the edge does not time the connection out', () => {
    const bench = shrunk(0);
    for (let i = 0; i < 20; i++) {
      bench.pass(60_000);
      bench.say('ACK', { ack: 1, window: 0 });
    }
    expect(bench.connection.state).toBe('ESTABLISHED');
  });

  test('an ACK without data is numbered inside the window', () => {
    const bench = shrunk(1500);
    bench.say('ACK', { payload: 'x', ack: 1, window: 1500 });
    expect(bench.pass(40)).toEqual(['40 ms: [ACK] Seq=1501 Ack=2 Len=0']);
  });
});
