import { describe, expect, test } from '@jest/globals';
import { Bench } from './bench.js';

const data = (bench: Bench) => bench.take().filter((segment) => segment.payload.length > 0);

function ecnSender(): Bench {
  const bench = new Bench({ connection: { ecn: 'request', initialWindow: 10 } });
  bench.connect();
  bench.say('SYN ACK ECE', { ack: 1, options: { mss: 1000 } });
  bench.sent();
  return bench;
}

describe('ECN (SHLD-8, RFC 3168)', () => {
  test('SHLD-8: a SYN with ECE and CWR is answered by ECE alone; not asked, not answered', () => {
    expect(new Bench().say('SYN ECE CWR')).toEqual(['[SYN, ACK, ECE] Seq=0 Ack=1 Len=0']);
    expect(new Bench().say('SYN')).toEqual(['[SYN, ACK] Seq=0 Ack=1 Len=0']);
    expect(new Bench().say('SYN ECE')).toEqual(['[SYN, ACK] Seq=0 Ack=1 Len=0']);
    const off = new Bench({ connection: { ecn: 'off' } });
    expect(off.say('SYN ECE CWR')).toEqual(['[SYN, ACK] Seq=0 Ack=1 Len=0']);
  });

  test('asked for only where configured, and not again when the SYN seems lost', () => {
    const bench = new Bench({ connection: { ecn: 'request' } });
    bench.connect();
    expect(bench.sent()).toEqual(['[SYN, ECE, CWR] Seq=0 Len=0']);
    expect(bench.pass(1000)).toEqual(['1000 ms: [SYN] Seq=0 Len=0']);
  });

  test('new data is sent ECN-capable; ACKs, retransmissions and probes are not', () => {
    const bench = ecnSender();
    bench.connection.write(new Uint8Array(10), bench.now);
    expect(data(bench)).toMatchObject([{ ecn: 2 }]);
    bench.now += 1000;
    bench.tcp.advance(bench.now);
    expect(data(bench)).toMatchObject([{ ecn: 0 }]);
    bench.say('ACK', { payload: 'x', seq: 50 });
    bench.tcp.segmentArrives(bench.segment('ACK', { payload: 'x', seq: 60 }), bench.now);
    expect(bench.take()).toMatchObject([{ ecn: 0 }]);
  });

  test('SHLD-8: a mark is echoed on every ACK until CWR', () => {
    const bench = new Bench();
    bench.say('SYN ECE CWR', { options: { mss: 1000 } });
    bench.say('ACK');
    bench.say('ACK', { payload: 1000, ecn: 3 });
    expect(bench.say('ACK', { payload: 1000 })).toEqual(['[ACK, ECE] Seq=1 Ack=2001 Len=0']);
    bench.say('ACK', { payload: 1000 });
    expect(bench.say('ACK', { payload: 1000 })).toEqual(['[ACK, ECE] Seq=1 Ack=4001 Len=0']);
    bench.say('CWR ACK', { payload: 1000 });
    expect(bench.say('ACK', { payload: 1000 })).toEqual(['[ACK] Seq=1 Ack=6001 Len=0']);
  });

  test('an echo halves the window once a round trip, and CWR rides on the next new data', () => {
    const bench = ecnSender();
    bench.connection.write(new Uint8Array(60_000), bench.now);
    expect(data(bench)).toHaveLength(10);
    bench.tcp.segmentArrives(bench.segment('ACK ECE', { ack: 1001 }), bench.now);
    expect(bench.connection.status().cwnd).toBe(4500);
    for (let n = 2; n <= 5; n++)
      bench.tcp.segmentArrives(bench.segment('ACK ECE', { ack: 1 + n * 1000 }), bench.now);
    expect(bench.connection.status().cwnd).toBe(4500);
    for (let n = 6; n <= 9; n++)
      bench.tcp.segmentArrives(bench.segment('ACK', { ack: 1 + n * 1000 }), bench.now);
    const sent = data(bench);
    expect(sent.map((segment) => (segment.flags & 0x80) !== 0)).toEqual(sent.map((_, i) => i === 0));
    expect(sent.length).toBeGreaterThan(1);
  });

  test('CWR also tells of a reduction after loss', () => {
    const bench = ecnSender();
    bench.connection.write(new Uint8Array(60_000), bench.now);
    data(bench);
    bench.now += 1000;
    bench.tcp.advance(bench.now);
    bench.tcp.segmentArrives(bench.segment('ACK', { ack: 10_001 }), bench.now);
    expect(data(bench).map((segment) => segment.flags & 0x80)).toEqual([0, 0x80, 0]);
  });

  test('a connection without ECN ignores marks and echoes', () => {
    const bench = new Bench().reach('ESTABLISHED', 'active', { mss: 1000 });
    bench.connection.write(new Uint8Array(10_000), bench.now);
    const { cwnd } = bench.connection.status();
    bench.take();
    bench.say('ACK ECE', { ack: 1, payload: 'x', ecn: 3 });
    expect(bench.connection.status().cwnd).toBe(cwnd);
    expect(bench.pass(100)).toEqual(['40 ms: [ACK] Seq=4001 Ack=2 Len=0']);
  });
});
