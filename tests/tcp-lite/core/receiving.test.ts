import { describe, expect, test } from '@jest/globals';
import { seqDiff } from '../../../tcp-lite/core/seq.js';
import { Bench } from './bench.js';

describe('acknowledging (RFC 9293 section 3.8.6.3, RFC 5681 section 4.2)', () => {
  test('MUST-40, SHLD-18, RFC5681-4.2a: a lone segment is acknowledged after a delay below half a second', () => {
    const bench = new Bench().reach('ESTABLISHED');
    expect(bench.say('PSH ACK', { payload: 'x' })).toEqual([]);
    expect(bench.pass(499)).toEqual(['40 ms: [ACK] Seq=1 Ack=2 Len=0']);
  });

  test('the delay is not prolonged by further small segments', () => {
    const bench = new Bench().reach('ESTABLISHED');
    for (let i = 0; i < 4; i++) {
      expect(bench.say('PSH ACK', { payload: 'x' })).toEqual([]);
      if (i < 3) expect(bench.pass(10)).toEqual([]);
    }
    expect(bench.pass(20)).toEqual(['10 ms: [ACK] Seq=1 Ack=5 Len=0']);
  });

  test('an answer takes the ACK along', () => {
    const bench = new Bench().reach('ESTABLISHED');
    bench.say('PSH ACK', { payload: 'request' });
    expect(bench.write('response')).toEqual(['[PSH, ACK] Seq=1 Ack=8 Len=8']);
    bench.say('ACK');
    expect(bench.pass(500)).toEqual([]);
  });

  test('SHLD-19, RFC5681-4.2b, MUST-58: every second full segment at once, and no more than that', () => {
    const bench = new Bench().reach('ESTABLISHED');
    const counts = Array.from({ length: 10 }, () => bench.say('ACK', { payload: 1460 }).length);
    expect(counts).toEqual([0, 1, 0, 1, 0, 1, 0, 1, 0, 1]);
  });

  test('RFC5681-4.2c: one ACK for a segment, even where several reasons meet', () => {
    const bench = new Bench({ connection: { receiveBuffer: 3000 } }).reach('ESTABLISHED');
    bench.say('ACK', { seq: 1461, payload: 1000 });
    expect(bench.say('FIN ACK', { seq: 0, payload: 1461 })).toHaveLength(1);
    expect(bench.say('ACK', { seq: 1, payload: 3000 })).toHaveLength(1);
  });

  test('RFC5681-3.2-DUP, MAY-13: behind a gap at once; RFC5681-3.2-FILL: into it at once', () => {
    const bench = new Bench().reach('ESTABLISHED');
    expect(bench.say('ACK', { seq: 11, payload: 10 })).toEqual(['[ACK] Seq=1 Ack=1 Len=0']);
    expect(bench.say('ACK', { seq: 31, payload: 10 })).toEqual(['[ACK] Seq=1 Ack=1 Len=0']);
    expect(bench.say('ACK', { seq: 1, payload: 5 })).toEqual(['[ACK] Seq=1 Ack=6 Len=0']);
    expect(bench.say('ACK', { seq: 6, payload: 5 })).toEqual(['[ACK] Seq=1 Ack=21 Len=0']);
  });

  test('R9293-L17: without ACK nothing is taken', () => {
    const bench = new Bench().reach('ESTABLISHED');
    expect(bench.say('PSH', { payload: 'x', seq: 1 })).toEqual([]);
    expect(bench.say('FIN', { seq: 1 })).toEqual([]);
    expect(bench.connection.state).toBe('ESTABLISHED');
    expect(bench.connection.readable).toBe(0);
  });

  test('R9293-L14: once established every segment carries ACK', () => {
    const bench = new Bench({ connection: { noDelay: true } }).reach('ESTABLISHED');
    bench.connection.write(new Uint8Array(4), bench.now);
    bench.connection.shutdown(bench.now);
    const segments = [...bench.take(), ...bench.passing(20_000).map((each) => each.segment)];
    expect(segments.length).toBeGreaterThan(5);
    expect(segments.every((segment) => segment.flags & 0x10)).toBe(true);
  });

  test('R9293-L1: reserved bits are sent zero and ignored', () => {
    const bench = new Bench();
    bench.tcp.segmentArrives({ ...bench.segment('SYN'), flags: 0xf02 }, bench.now);
    bench.say('ACK');
    bench.tcp.segmentArrives({ ...bench.segment('PSH ACK', { payload: 'ok' }), flags: 0xf18 }, bench.now);
    expect(bench.readText()).toBe('ok');
    const segments = bench.passing(100).map((each) => each.segment.flags);
    expect(segments).toEqual([0x10]);
  });
});

describe('what lies across the window (RFC 9293 section 3.10.7.4)', () => {
  test('R9293-L5: wholly outside draws a bare ACK', () => {
    const bench = new Bench({ connection: { receiveBuffer: 1000 } }).reach('ESTABLISHED');
    expect(bench.say('ACK', { seq: 1001, payload: 5 })).toEqual(['[ACK] Seq=1 Ack=1 Len=0']);
    expect(bench.say('ACK', { seq: -9, payload: 5 })).toEqual(['[ACK] Seq=1 Ack=1 Len=0']);
  });

  test('R9293-L6: the new part inside is taken, left and right', () => {
    const bench = new Bench({ connection: { receiveBuffer: 10 } }).reach('ESTABLISHED');
    bench.say('ACK', { payload: 'abcd' });
    expect(bench.say('ACK', { seq: 3, payload: 'cdefghijklmnop' })).toEqual(['[ACK] Seq=1 Ack=11 Len=0']);
    expect(bench.readText()).toBe('abcdefghij');
  });

  test('R9293-L2: numbers wrap', () => {
    const bench = new Bench().reach('ESTABLISHED');
    for (let i = 0; i < 10; i++) {
      bench.say('ACK', { payload: 'z' });
      bench.write('y');
    }
    expect(bench.readText()).toBe('zzzzzzzzzz');
    const { sndNxt, iss, rcvNxt, irs } = bench.connection.status();
    expect([sndNxt < iss, rcvNxt < irs]).toEqual([true, true]);
  });
});

describe('the window announced (RFC 9293 section 3.8.6)', () => {
  const windows = (bench: Bench) => bench.take().map((segment) => segment.window);

  test('MAY-8, R9293-L7: it closes as the buffer fills, stays closed, and probes are answered', () => {
    const bench = new Bench({ connection: { receiveBuffer: 4000 } }).reach('ESTABLISHED');
    bench.tcp.segmentArrives(bench.segment('ACK', { payload: 1460 }), bench.now);
    bench.tcp.segmentArrives(bench.segment('ACK', { payload: 1460 }), bench.now);
    bench.tcp.segmentArrives(bench.segment('ACK', { payload: 1080 }), bench.now);
    bench.pass(100);
    for (let i = 0; i < 5; i++) {
      bench.tcp.segmentArrives(bench.segment('ACK', { seq: 4001, payload: 1 }), bench.now);
      expect(bench.take()).toMatchObject([{ window: 0, flags: 0x10 }]);
    }
    expect(bench.connection.readable).toBe(4000);
  });

  test('MUST-66: behind a closed window ACK and URG still count', () => {
    const bench = new Bench({ connection: { receiveBuffer: 10 } }).reach('ESTABLISHED');
    bench.say('ACK', { payload: 10 });
    bench.write('data');
    bench.say('URG ACK', { seq: 11, payload: 'x', urgent: 1, ack: 5 });
    expect(bench.connection.unacknowledged).toBe(0);
    expect(bench.told).toContain('urgent');
    expect(bench.connection.readable).toBe(10);
  });

  test('MUST-39: it opens only by the smaller of half the buffer and a segment', () => {
    const bench = new Bench({ connection: { receiveBuffer: 4000 } }).reach('ESTABLISHED');
    for (let i = 0; i < 4; i++) bench.say('ACK', { payload: 1000 });
    bench.pass(100);
    expect(bench.connection.status().rcvWnd).toBe(0);
    bench.connection.read(1459, bench.now);
    expect(bench.sent()).toEqual([]);
    bench.say('ACK', { seq: 4001, payload: 1 });
    expect(bench.connection.status().rcvWnd).toBe(0);
    bench.connection.read(1, bench.now);
    expect(windows(bench)).toEqual([1460]);
  });

  test('SHLD-14: the right edge never moves left, whatever comes, is read or is set', () => {
    const bench = new Bench({ connection: { receiveBuffer: 70_000, windowScale: true } });
    bench.reach('ESTABLISHED', 'passive', { mss: 1460, windowScale: 3 });
    let edge = -Infinity;
    let seen = 0;
    const scale = bench.connection.status().windowScale!.receive;
    const base = bench.segment('', { seq: 0 }).seq;
    for (let i = 0; i < 3000; i++) {
      if (i === 1500) bench.connection.setOption('receiveBuffer', 5000, bench.now);
      bench.tcp.segmentArrives(bench.segment('ACK', { payload: 1 + ((i * 7) % 40) }), bench.now);
      if (i % 5 === 0) bench.connection.read((i * 13) % 200, bench.now);
      for (const segment of [...bench.take(), ...bench.passing(50).map((each) => each.segment)]) {
        const next = seqDiff(segment.ack, base) + (segment.window << scale);
        expect(next).toBeGreaterThan(edge - (1 << scale));
        edge = Math.max(edge, next);
        seen++;
      }
    }
    expect(seen).toBeGreaterThan(2000);
  });

  test('RFC7323-2.2c, RFC7323-2.3b: never scaled in a SYN,ACK, scaled afterwards', () => {
    const bench = new Bench({ connection: { windowScale: true, receiveBuffer: 1_000_000 } });
    bench.tcp.segmentArrives(bench.segment('SYN', { options: { windowScale: 0 } }), bench.now);
    expect(bench.take()).toMatchObject([{ window: 65_535, options: { windowScale: 4 } }]);
    bench.say('ACK');
    bench.tcp.segmentArrives(bench.segment('ACK', { payload: 1460 }), bench.now);
    bench.tcp.segmentArrives(bench.segment('ACK', { payload: 1460 }), bench.now);
    expect(windows(bench).map((field) => field << 4)).toEqual([(1_000_000 - 2920) & ~15]);
  });

  test('RFC7323-2.2a: without the option from both sides it is not scaled', () => {
    const bench = new Bench({ connection: { windowScale: true, receiveBuffer: 1_000_000 } }).reach(
      'ESTABLISHED',
    );
    bench.say('ACK', { payload: 1460 });
    bench.tcp.segmentArrives(bench.segment('ACK', { payload: 1460 }), bench.now);
    expect(windows(bench)).toEqual([65_535]);
  });

  test('RFC7323-2.4a: what was inside a window once announced is still taken after rounding', () => {
    const bench = new Bench({ connection: { receiveBuffer: 100_000, windowScale: true } });
    bench.reach('ESTABLISHED', 'passive', { mss: 1460, windowScale: 0 });
    bench.say('ACK', { payload: 1 });
    bench.pass(100);
    const { rcvWnd } = bench.connection.status();
    bench.say('ACK', { payload: 1 });
    bench.pass(100);
    bench.say('ACK', { seq: 2 + rcvWnd - 1, payload: 1 });
    expect(bench.tcp.counters.outOfWindow).toBe(0);
  });
});

describe('memory', () => {
  test('isolated octets are bounded by the buffer and by 256 ranges', () => {
    const bench = new Bench({ connection: { receiveBuffer: 60_000 } }).reach('ESTABLISHED');
    for (let i = 1; i < 2000; i++) bench.say('ACK', { seq: 1 + i * 20, payload: 1 });
    expect(bench.connection.status().bufferMemory).toBeLessThanOrEqual(65_536);
    bench.say('ACK', { seq: 1, payload: 20 });
    expect(bench.connection.readable).toBe(21);
  });

  test('an idle connection holds no buffers', () => {
    expect(new Bench().reach('ESTABLISHED').connection.status().bufferMemory).toBe(0);
  });
});
