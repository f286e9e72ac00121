import { describe, expect, test } from '@jest/globals';
import { Bench } from './bench.js';

const ON = { timestamps: true };
const SYN_WITH_STAMP = { mss: 1460, tsVal: 1000, tsEcr: 0 };

describe('orderly ends', () => {
  test('MUST-12, R9293-L16: the active closer half-closes, still receives, and ends in TIME-WAIT', () => {
    const bench = new Bench().reach('ESTABLISHED');
    bench.connection.shutdown(bench.now);
    expect(bench.sent()).toEqual(['[FIN, ACK] Seq=1 Ack=1 Len=0']);
    expect(bench.connection.state).toBe('FIN-WAIT-1');
    expect(() => bench.connection.write(new Uint8Array(1), bench.now)).toThrow('sending side');
    bench.say('ACK');
    expect(bench.connection.state).toBe('FIN-WAIT-2');
    bench.say('PSH ACK', { payload: 'still here' });
    expect(bench.readText()).toBe('still here');
    expect(bench.say('FIN ACK')).toEqual(['[ACK] Seq=2 Ack=12 Len=0']);
    expect(bench.connection.state).toBe('TIME-WAIT');
    expect(bench.told).toEqual(['accepted', 'readable', 'end', 'closed']);
  });

  test('the passive closer reads to the end, may still send, and is gone with the ACK of its FIN', () => {
    const bench = new Bench().reach('ESTABLISHED');
    bench.say('PSH ACK', { payload: 'last words' });
    expect(bench.say('FIN ACK')).toEqual(['[ACK] Seq=1 Ack=12 Len=0']);
    expect(bench.connection.ended).toBe(false);
    expect(bench.readText()).toBe('last words');
    expect(bench.connection.ended).toBe(true);
    expect(bench.write('answer')).toEqual(['[PSH, ACK] Seq=1 Ack=12 Len=6']);
    bench.say('ACK');
    bench.connection.shutdown(bench.now);
    expect(bench.connection.state).toBe('LAST-ACK');
    expect(bench.sent()).toEqual(['[FIN, ACK] Seq=7 Ack=12 Len=0']);
    bench.say('ACK');
    expect(bench.connection.state).toBe('CLOSED');
    expect(bench.told.at(-1)).toBe('closed');
    expect(bench.tcp.connectionCount).toBe(0);
  });

  test('crossing FINs: FIN-WAIT-1, CLOSING, TIME-WAIT', () => {
    const bench = new Bench().reach('ESTABLISHED');
    bench.connection.shutdown(bench.now);
    bench.sent();
    expect(bench.say('FIN ACK', { ack: 1 })).toEqual(['[ACK] Seq=2 Ack=2 Len=0']);
    expect(bench.connection.state).toBe('CLOSING');
    expect(bench.say('ACK', { ack: 2 })).toEqual([]);
    expect(bench.connection.state).toBe('TIME-WAIT');
  });

  test('R9293-L9, R9293-L10: the FIN waits behind queued data and both are sent again until acknowledged', () => {
    const bench = new Bench({ connection: { noDelay: true } });
    bench.peerWindow = 5;
    bench.reach('ESTABLISHED');
    bench.write('0123456789');
    bench.connection.close(bench.now);
    bench.sent();
    expect(bench.connection.state).toBe('FIN-WAIT-1');
    bench.peerWindow = 100;
    expect(bench.say('ACK', { ack: 6 })).toEqual(['[FIN, PSH, ACK] Seq=6 Ack=1 Len=5']);
    expect(bench.pass(3000)).toEqual([
      '1000 ms: [FIN, PSH, ACK] Seq=6 Ack=1 Len=5',
      '3000 ms: [FIN, PSH, ACK] Seq=6 Ack=1 Len=5',
    ]);
    bench.say('ACK', { ack: 12 });
    expect(bench.connection.state).toBe('FIN-WAIT-2');
    expect(bench.pass(5000)).toEqual([]);
  });

  test('a FIN behind a gap waits for what is missing', () => {
    const bench = new Bench().reach('ESTABLISHED');
    expect(bench.say('FIN ACK', { seq: 4, payload: 'def' })).toEqual(['[ACK] Seq=1 Ack=1 Len=0']);
    expect(bench.connection.state).toBe('ESTABLISHED');
    expect(bench.say('ACK', { payload: 'abc' })).toEqual(['[ACK] Seq=1 Ack=8 Len=0']);
    expect(bench.connection.state).toBe('CLOSE-WAIT');
    expect(bench.readText()).toBe('abcdef');
  });
});

describe('ends by reset', () => {
  test('MUST-12, SHLD-2: a reset, even with data, is reported as such', () => {
    const bench = new Bench().reach('ESTABLISHED');
    bench.say('RST', { payload: 'go away' });
    expect(bench.told).toEqual(['accepted', 'closed: ECONNRESET']);
    expect(bench.connection.readable).toBe(0);
    expect(bench.say('ACK', { seq: 1, ack: 1 })).toEqual(['[RST] Seq=1 Len=0']);
  });

  test.each(['SYN-RECEIVED', 'ESTABLISHED', 'FIN-WAIT-1', 'FIN-WAIT-2', 'CLOSE-WAIT'] as const)(
    'R9293-L12: abort in %s sends a reset at SND.NXT and forgets the rest',
    (state) => {
      const bench = new Bench().reach(state, 'active');
      const { sndNxt } = bench.connection.status();
      bench.connection.abort(bench.now);
      expect(bench.take()).toMatchObject([{ flags: 0x14, seq: sndNxt }]);
      expect(bench.told.at(-1)).toBe('closed: ECONNABORTED');
      expect(bench.pass(300_000)).toEqual([]);
      expect(bench.tcp.connectionCount).toBe(0);
    },
  );

  test.each(['CLOSING', 'LAST-ACK', 'TIME-WAIT'] as const)('R9293-L13: abort in %s is silent', (state) => {
    const bench = new Bench().reach(state);
    bench.connection.abort(bench.now);
    expect(bench.sent()).toEqual([]);
    expect(bench.tcp.connectionCount).toBe(0);
  });

  test('SHLD-3: closing with data unread resets', () => {
    const bench = new Bench().reach('ESTABLISHED');
    bench.say('PSH ACK', { payload: 'unread' });
    bench.connection.close(bench.now);
    expect(bench.sent()).toEqual(['[RST, ACK] Seq=1 Ack=7 Len=0']);
    expect(bench.told.at(-1)).toBe('closed: ECONNRESET');
  });

  test('SHLD-3, MAY-1: data after a full close resets; after a half-close it is received', () => {
    const full = new Bench().reach('ESTABLISHED');
    full.connection.close(full.now);
    full.sent();
    full.say('ACK');
    expect(full.say('PSH ACK', { payload: 'late' })).toEqual(['[RST, ACK] Seq=2 Ack=1 Len=0']);
    const half = new Bench().reach('FIN-WAIT-2');
    expect(half.say('PSH ACK', { payload: 'late' })).toEqual([]);
    expect(half.readText()).toBe('late');
  });

  test('after a full close FIN-WAIT-2 does not last for ever', () => {
    const bench = new Bench().reach('ESTABLISHED');
    bench.connection.close(bench.now);
    bench.sent();
    bench.say('ACK');
    bench.pass(59_000);
    expect(bench.connection.state).toBe('FIN-WAIT-2');
    bench.pass(2000);
    expect(bench.connection.state).toBe('CLOSED');
    const half = new Bench().reach('FIN-WAIT-2');
    half.pass(10_000_000);
    expect(half.connection.state).toBe('FIN-WAIT-2');
  });
});

describe('TIME-WAIT', () => {
  test('MUST-13: lasts twice the MSL, answers the FIN and starts afresh, then resets', () => {
    const bench = new Bench({ config: { mslMs: 500 } }).reach('TIME-WAIT');
    bench.pass(900);
    expect(bench.say('FIN ACK', { seq: 1 })).toEqual(['[ACK] Seq=2 Ack=2 Len=0']);
    bench.pass(999);
    expect(bench.connection.state).toBe('TIME-WAIT');
    bench.pass(1);
    expect(bench.connection.state).toBe('CLOSED');
    expect(bench.say('FIN ACK', { seq: 1, ack: 2 })).toEqual(['[RST] Seq=2 Len=0']);
  });

  test('RFC1337-F1: a reset ends it as RFC 9293 has it, or is ignored where so configured', () => {
    const plain = new Bench().reach('TIME-WAIT');
    plain.say('RST');
    expect(plain.connection.state).toBe('CLOSED');
    const careful = new Bench({ config: { ignoreResetInTimeWait: true } }).reach('TIME-WAIT');
    careful.say('RST');
    expect(careful.connection.state).toBe('TIME-WAIT');
  });

  test('RFC1337-H1: old data is not taken by the next incarnation', () => {
    const bench = new Bench({ connection: { isn: undefined } }).reach('CLOSED');
    bench.tcp.listen({ port: 81 }).onConnection = (connection) => {
      connection.onReadable = () => bench.told.push('data');
    };
    const first = { dstPort: 81, seq: 100_000 };
    bench.tcp.segmentArrives(bench.segment('SYN', first), bench.now);
    const iss = bench.take()[0]!.seq;
    bench.tcp.segmentArrives(
      { ...bench.segment('ACK', { dstPort: 81, seq: 100_001 }), ack: iss + 1 },
      bench.now,
    );
    const old = { ...bench.segment('ACK', { dstPort: 81, seq: 50, payload: 'old' }), ack: iss + 1 };
    bench.tcp.segmentArrives(old, bench.now);
    expect(bench.told).toEqual([]);
  });

  test('MAY-2, RFC6191-2b, RFC6528-3c: a SYN above the old numbers opens anew, with an ISS above the old ones', () => {
    const bench = new Bench().reach('TIME-WAIT');
    const { sndNxt } = bench.connection.status();
    bench.tcp.segmentArrives(bench.segment('SYN', { seq: 1000 }), bench.now);
    const [answer] = bench.take();
    expect(answer?.flags).toBe(0x12);
    expect((answer!.seq - sndNxt) | 0).toBeGreaterThan(0);
  });

  test('a SYN below them draws an ACK (RFC5961-4.2)', () => {
    const bench = new Bench().reach('TIME-WAIT');
    expect(bench.say('SYN', { seq: -5 })).toEqual(['[ACK] Seq=2 Ack=2 Len=0']);
    expect(bench.connection.state).toBe('TIME-WAIT');
  });

  test.each([
    [1001, -5000, 'SYN, ACK', 'RFC6191-2a, SHLD-4: newer timestamp'],
    [1000, 5000, 'SYN, ACK', 'RFC6191-2b: same timestamp, higher sequence number'],
    [1000, -5, '', 'RFC6191-2c: same timestamp, no higher sequence number'],
    [999, 5000, '', 'RFC6191-2c: older timestamp'],
  ])('with TSval %i and SEQ %i the answer is [%s] (%s)', (tsVal, seq, flags) => {
    const bench = new Bench({ connection: ON }).reach('TIME-WAIT', 'passive', SYN_WITH_STAMP);
    const answer = bench.say('SYN', { seq, options: { mss: 1460, tsVal, tsEcr: 0 } });
    expect(answer.map((line) => line.slice(1, line.indexOf(']')))).toEqual(flags === '' ? [] : [flags]);
  });

  test('without a listener such a SYN leaves TIME-WAIT alone', () => {
    const bench = new Bench().reach('TIME-WAIT');
    bench.listener.close();
    expect(bench.say('SYN', { seq: 1000 })).toEqual(['[ACK] Seq=2 Ack=2 Len=0']);
  });

  test('holds no buffers and one timer', () => {
    const bench = new Bench().reach('ESTABLISHED');
    bench.connection.write(new Uint8Array(50_000), bench.now);
    bench.take();
    for (let ack = 1; ack < 50_001; ack = bench.peerAck) {
      bench.say('ACK');
      if (bench.peerAck === ack) break;
    }
    bench.connection.shutdown(bench.now);
    bench.sent();
    bench.say('ACK');
    bench.say('FIN ACK');
    expect(bench.connection.state).toBe('TIME-WAIT');
    expect(bench.connection.status().bufferMemory).toBe(0);
    expect(bench.pass(59_000)).toEqual([]);
  });
});
