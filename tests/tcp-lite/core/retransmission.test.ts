import { describe, expect, test } from '@jest/globals';
import { Bench } from './bench.js';

/** Opens actively with a handshake round trip of `rtt` ms. */
function opened(rtt: number, options: ConstructorParameters<typeof Bench>[0] = {}): Bench {
  const bench = new Bench(options);
  bench.connect();
  bench.sent();
  bench.now += rtt;
  bench.say('SYN ACK', {
    options: { mss: 1460, ...(options.connection?.timestamps === true ? stamp(bench) : {}) },
  });
  bench.sent();
  return bench;
}

function stamp(bench: Bench): { tsVal: number; tsEcr: number } {
  bench.peerOptions = { tsVal: 1, tsEcr: 0 };
  return { tsVal: 1, tsEcr: 0 };
}

/** The ms at which retransmissions come. */
const times = (lines: string[]) => lines.map((line) => parseInt(line));

describe('the timeout (RFC 6298)', () => {
  test('RFC6298-2.2: after a first sample R it is R + 4 R/2', () => {
    const bench = opened(800);
    bench.write('x');
    expect(times(bench.pass(3000))).toEqual([2400]);
  });

  test('RFC6298-2.3, RFC6298-3b: later samples are smoothed, RTTVAR first', () => {
    const bench = opened(800);
    let srtt = 800;
    let rttvar = 400;
    for (const rtt of [1200, 900, 2000]) {
      bench.write('x');
      bench.now += rtt;
      bench.say('ACK');
      rttvar = 0.75 * rttvar + 0.25 * Math.abs(srtt - rtt);
      srtt = 0.875 * srtt + 0.125 * rtt;
      expect(bench.connection.status()).toMatchObject({ srttMs: srtt, rtoMs: srtt + 4 * rttvar });
    }
  });

  test('RFC6298-2.4: not below one second, which can be configured', () => {
    const bench = opened(1);
    bench.write('x');
    expect(times(bench.pass(1500))).toEqual([1000]);
    const quick = opened(1, { config: { minRtoMs: 200 } });
    quick.write('x');
    expect(times(quick.pass(300))).toEqual([200]);
  });

  test('RFC6298-2.5, RFC6298-5.5: doubles at each expiry, up to a minute', () => {
    const bench = opened(1);
    bench.write('x');
    expect(times(bench.pass(250_000))).toEqual([
      1000, 3000, 7000, 15_000, 31_000, 63_000, 123_000, 183_000, 243_000,
    ]);
  });

  test('RFC6298-4: a constant round trip never times out early', () => {
    const bench = opened(1500);
    for (let i = 0; i < 50; i++) {
      bench.write('x');
      expect(bench.pass(1500)).toEqual([]);
      bench.say('ACK');
    }
    expect(bench.connection.status().rtoMs).toBeGreaterThan(1500);
  });

  test('RFC6298-3a, MUST-18: without timestamps the ACK of a retransmission gives no sample (Karn)', () => {
    const bench = opened(1);
    bench.write('x');
    bench.pass(1000);
    bench.now += 500;
    const before = bench.connection.status().srttMs;
    bench.say('ACK');
    expect(bench.connection.status().srttMs).toBe(before);
  });

  test('RFC6298-5n: the backed-off timeout stays until there is a sample', () => {
    const bench = opened(1);
    bench.write('x');
    bench.pass(1000);
    bench.say('ACK');
    bench.write('y');
    expect(times(bench.pass(2500))).toEqual([2000]);
    bench.say('ACK');
    bench.write('z');
    bench.now += 10;
    bench.say('ACK');
    bench.write('!');
    expect(times(bench.pass(1100))).toEqual([1000]);
  });

  test('with timestamps it gives one, and the backoff ends', () => {
    const bench = opened(1, { connection: { timestamps: true } });
    bench.connection.write(new Uint8Array(1), bench.now);
    bench.take();
    bench.now += 1000;
    bench.tcp.advance(bench.now);
    const again = bench.take()[0]!;
    expect(bench.connection.status().rtoMs).toBe(2000);
    bench.now += 20;
    bench.say('ACK', { options: { tsVal: 2, tsEcr: again.options.tsVal! } });
    expect(bench.connection.status().rtoMs).toBe(1000);
  });

  test('RFC6298-5.1: a second segment does not restart the timer', () => {
    const bench = opened(1, { connection: { noDelay: true } });
    bench.write('first');
    bench.pass(900);
    bench.write('second');
    expect(bench.pass(150)).toEqual(['100 ms: [PSH, ACK] Seq=1 Ack=1 Len=11']);
  });

  test('RFC6298-5.2, RFC6298-5.3: off when all is acknowledged, restarted when some is', () => {
    const bench = opened(1, { connection: { noDelay: true } });
    bench.write('first');
    bench.write('second');
    bench.pass(900);
    bench.say('ACK', { ack: 6 });
    // The round trip of 900 ms counts into the timeout: 113.4 + 4 * 225.1.
    expect(bench.pass(1500)).toEqual(['1014 ms: [PSH, ACK] Seq=6 Ack=1 Len=6']);
    bench.say('ACK', { ack: 12 });
    expect(bench.pass(10_000)).toEqual([]);
  });

  test('RFC6298-5.4, RFC6298-5: the oldest segment goes again, not before one RTO after its last copy', () => {
    const bench = opened(1);
    bench.write(4000);
    expect(bench.pass(1000)).toEqual(['1000 ms: [ACK] Seq=1 Ack=1 Len=1460']);
    expect(bench.pass(1999)).toEqual([]);
  });

  test('RFC6298-5.7: after a SYN had to be repeated data starts with three seconds', () => {
    const bench = new Bench();
    bench.connect();
    bench.pass(1000);
    bench.say('SYN ACK', { ack: 1 });
    bench.write('x');
    expect(times(bench.pass(3500))).toEqual([3000]);
  });

  test('what is sent again is what was written, across the wrap, even when partly acknowledged', () => {
    const bench = opened(1);
    bench.write('abcdef');
    bench.say('ACK', { ack: 3 });
    bench.now += 1000;
    bench.tcp.advance(bench.now);
    expect(new TextDecoder().decode(bench.take()[0]?.payload)).toBe('cdef');
  });
});

describe('giving up (RFC 9293 section 3.8.3)', () => {
  test('MUST-20, SHLD-9, SHLD-10, SHLD-11, MUST-47, R9293-U9: a warning after three, the end after five minutes', () => {
    const bench = opened(1);
    bench.write('x');
    bench.pass(6900);
    expect(bench.told).toEqual(['established']);
    bench.pass(200);
    expect(bench.told.slice(1)).toEqual(['soft: no acknowledgment after 3 retransmissions']);
    bench.pass(292_800);
    expect(bench.connection.state).toBe('ESTABLISHED');
    bench.pass(200);
    expect(bench.told.slice(2)).toEqual(['closed: ETIMEDOUT']);
    expect(bench.say('ACK', { ack: 2 })).toEqual(['[RST] Seq=2 Len=0']);
  });

  test('SHLD-20: an application that wants no reports gets none', () => {
    const bench = opened(1, { connection: { errorReports: false } });
    bench.write('x');
    bench.pass(60_000);
    expect(bench.told).toEqual(['established']);
  });

  test('MUST-21: the application sets R2 for one connection, also while it waits', () => {
    const bench = opened(1);
    bench.write('x');
    bench.pass(1500);
    bench.connection.setOption('userTimeoutMs', 5000, bench.now);
    bench.pass(3499);
    expect(bench.told).not.toContain('closed: ETIMEDOUT');
    bench.pass(1);
    expect(bench.told).toContain('closed: ETIMEDOUT');
    const patient = opened(1, { connection: { userTimeoutMs: Infinity } });
    patient.write('x');
    patient.pass(10_000_000);
    expect(patient.connection.state).toBe('ESTABLISHED');
  });

  test('progress starts R2 afresh', () => {
    const bench = opened(1, { connection: { userTimeoutMs: 5000 } });
    bench.write(100);
    for (let i = 1; i < 10; i++) {
      bench.pass(4000);
      bench.say('ACK', { ack: 1 + i });
    }
    expect(bench.connection.state).toBe('ESTABLISHED');
  });
});
