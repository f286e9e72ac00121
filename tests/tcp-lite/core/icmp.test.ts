import { describe, expect, test } from '@jest/globals';
import { Bench, ISS } from './bench.js';

/** A connection with data outstanding from ISS+1 on. */
function sending(version: 4 | 6 = 4): Bench {
  const bench = new Bench({ version }).reach('ESTABLISHED', 'active', { mss: 1440 });
  bench.connection.write(new Uint8Array(10_000), bench.now);
  bench.take();
  return bench;
}

const OUTSTANDING = (ISS + 1) >>> 0;

const SOFT4 = [
  [3, 0],
  [3, 1],
  [3, 5],
  [11, 0],
  [11, 1],
  [12, 0],
] as const;
const SOFT6 = [
  [1, 0],
  [1, 3],
  [3, 0],
  [3, 1],
  [4, 0],
  [4, 1],
  [4, 2],
] as const;

describe('ICMP errors (RFC 9293 section 3.9.2.2)', () => {
  test.each([...SOFT4.map((each) => [4, ...each] as const), ...SOFT6.map((each) => [6, ...each] as const)])(
    'MUST-56, SHLD-25, MUST-47, R9293-L18: IPv%i type %i code %i is soft: told, and nothing ends',
    (version, type, code) => {
      for (const state of ['ESTABLISHED', 'SYN-SENT'] as const) {
        const bench =
          state === 'ESTABLISHED' ? sending(version) : new Bench({ version }).reach(state, 'active');
        bench.icmp({ type, code, seq: state === 'ESTABLISHED' ? OUTSTANDING : ISS });
        expect(bench.told.at(-1)).toMatch(`soft: ICMP${version === 6 ? 'v6' : ''} type ${type} code ${code}`);
        expect(bench.connection.state).toBe(state);
        expect(bench.connection.status().softError).toMatchObject({ reason: 'icmp', type, code });
      }
    },
  );

  test.each([
    [4, 3, 2, 'ENOPROTOOPT'],
    [4, 3, 3, 'EHOSTUNREACH'],
    [6, 1, 1, 'EHOSTUNREACH'],
    [6, 1, 4, 'EHOSTUNREACH'],
  ] as const)('SHLD-26, R9293-L18: IPv%i type %i code %i is hard: %s', (version, type, code, error) => {
    const bench = sending(version);
    bench.icmp({ type, code, seq: OUTSTANDING });
    expect(bench.told.at(-1)).toBe(`closed: ${error}`);
    expect(bench.say('ACK', { ack: 1 })).toEqual(['[RST] Seq=1 Len=0']);
  });

  test('SHLD-26: a port unreachable during connect is a refusal', () => {
    const bench = new Bench().reach('SYN-SENT', 'active');
    bench.icmp({ type: 3, code: 3 });
    expect(bench.told).toEqual(['closed: ECONNREFUSED']);
  });

  test('MUST-55: source quench is dropped silently', () => {
    const bench = sending();
    const before = bench.connection.status();
    bench.icmp({ type: 4, code: 0, seq: OUTSTANDING });
    expect(bench.connection.status()).toEqual(before);
    expect(bench.told).toEqual(['established']);
  });

  test('an error that quotes what is not outstanding is ignored (RFC 5927)', () => {
    const bench = sending();
    for (const seq of [ISS, OUTSTANDING + 50_000, OUTSTANDING - 9])
      bench.icmp({ type: 3, code: 3, seq: seq >>> 0 });
    expect(bench.connection.state).toBe('ESTABLISHED');
  });

  test('MUST-54: it reaches the connection that it quotes, and no other', () => {
    const bench = sending();
    bench.icmp({ type: 3, code: 3, seq: OUTSTANDING, dstPort: 4999 });
    bench.icmp({ type: 3, code: 3, seq: OUTSTANDING, dst: '10.0.0.3' });
    expect(bench.connection.state).toBe('ESTABLISHED');
  });

  test('the reason of a timeout is the last soft error', () => {
    const bench = sending();
    bench.icmp({ type: 3, code: 1, seq: OUTSTANDING });
    bench.pass(400_000);
    expect(bench.connection.error?.message).toMatch('ICMP type 3 code 1 about 10.0.0.2:5000');
  });

  test('SHLD-20: not told where the application wants no reports', () => {
    const bench = new Bench({ connection: { errorReports: false } }).reach('SYN-SENT', 'active');
    bench.icmp({ type: 3, code: 1 });
    expect(bench.told).toEqual([]);
  });
});

describe('path MTU (RFC 1191, RFC 8201)', () => {
  test.each([
    [4, 3, 4, 1000, 960],
    [6, 2, 0, 1300, 1240],
  ] as const)(
    'IPv%i type %i code %i: smaller segments at once, for the connection quoted',
    (version, type, code, mtu, mss) => {
      const bench = sending(version);
      const { cwnd } = bench.connection.status();
      bench.icmp({ type, code, mtu, seq: OUTSTANDING });
      const segments = bench.take();
      expect(segments[0]).toMatchObject({ seq: OUTSTANDING, dontFragment: true });
      expect(segments.every((segment) => segment.payload.length <= mss)).toBe(true);
      expect(bench.connection.status()).toMatchObject({ sndMss: mss, cwnd });
    },
  );

  test('a router that does not say: the next plateau (RFC 1191 section 7)', () => {
    const bench = sending();
    bench.icmp({ type: 3, code: 4, mtu: 0, seq: OUTSTANDING });
    expect(bench.connection.status().pathMtu).toBe(1492);
    bench.icmp({ type: 3, code: 4, mtu: 0, seq: OUTSTANDING });
    expect(bench.connection.status().pathMtu).toBe(1280);
  });

  test('below 552 octets routers may fragment; IPv6 never goes below 1280', () => {
    const four = sending();
    four.icmp({ type: 3, code: 4, mtu: 68, seq: OUTSTANDING });
    expect(four.connection.status().pathMtu).toBe(552);
    expect(four.take()[0]?.dontFragment).toBe(false);
    const six = sending(6);
    six.icmp({ type: 2, code: 0, mtu: 600, seq: OUTSTANDING });
    expect(six.connection.status().pathMtu).toBe(1280);
  });

  test('a larger MTU than known, or a quote of something old, changes nothing', () => {
    const bench = sending();
    bench.icmp({ type: 3, code: 4, mtu: 9000, seq: OUTSTANDING });
    bench.icmp({ type: 3, code: 4, mtu: 600, seq: (OUTSTANDING - 1) >>> 0 });
    expect(bench.connection.status().pathMtu).toBe(1500);
    expect(bench.sent()).toEqual([]);
  });

  test('after ten minutes the old size is tried again', () => {
    const bench = sending();
    bench.icmp({ type: 3, code: 4, mtu: 1000, seq: OUTSTANDING });
    while (bench.connection.unacknowledged > 0) {
      bench.sent();
      bench.say('ACK');
    }
    bench.pass(600_000);
    bench.connection.write(new Uint8Array(3000), bench.now);
    expect(bench.take()[0]?.payload.length).toBe(1440);
  });
});
