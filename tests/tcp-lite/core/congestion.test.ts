import { describe, expect, test } from '@jest/globals';
import type { ConnectionOptions } from '../../../tcp-lite/core/config.js';
import { Bench } from './bench.js';

const MSS = 1000;

/** A bulk sender with a segment size of 1000 and a peer whose window never limits it. */
function sender(connection: ConnectionOptions = {}, sack = false): Bench {
  const bench = new Bench({ connection: { sendBuffer: 1_000_000, windowScale: true, sack, ...connection } });
  bench.reach('ESTABLISHED', 'active', {
    mss: MSS,
    windowScale: 7,
    ...(sack ? { sackPermitted: true } : {}),
  });
  bench.peerWindow = 20_000;
  bench.say('ACK');
  return bench;
}

function bulk(bench: Bench, octets = 900_000): number[] {
  bench.connection.write(new Uint8Array(octets), bench.now);
  return seqs(bench);
}

/** The relative sequence numbers of the data sent since the last look, in segments of 1000, the first being 0. */
function seqs(bench: Bench): number[] {
  return bench.sent().map((line) => (Number(/Seq=(-?\d+)/.exec(line)![1]) - 1) / MSS);
}

/** The peer acknowledges everything below segment `n`. */
function ack(bench: Bench, n: number, sack: number[] = []): number[] {
  const options =
    sack.length === 0 ? {} : { sack: sack.map((edge) => bench.segment('ACK', { ack: 1 + edge * MSS }).ack) };
  bench.tcp.segmentArrives(bench.segment('ACK', { ack: 1 + n * MSS, options }), bench.now);
  return seqs(bench);
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
const cwnd = (bench: Bench) => bench.connection.status().cwnd / MSS;

/** Grows the window in slow start by acknowledging every segment; ends with `flight` segments out from `n` on. */
function grow(bench: Bench, acks: number): { una: number; next: number } {
  let next = bulk(bench).at(-1)! + 1;
  for (let n = 1; n <= acks; n++) next = (ack(bench, n).at(-1) ?? next - 1) + 1;
  return { una: acks, next };
}

describe('slow start and congestion avoidance (RFC 5681 section 3.1)', () => {
  test.each([
    [500, 4],
    [1095, 4],
    [1096, 3],
    [1460, 3],
  ])('RFC5681-3.1-IW, RFC5681-3.1-HS: with an MSS of %i the first flight is %i segments', (mss, count) => {
    const bench = new Bench().reach('ESTABLISHED', 'active', { mss });
    bench.connection.write(new Uint8Array(60_000), bench.now);
    expect(bench.take()).toHaveLength(count);
  });

  test('ten where RFC 6928 is asked for', () => {
    expect(bulk(sender({ initialWindow: 10 }))).toEqual(range(0, 10));
  });

  test('RFC5681-3.1-LSYN: one after a lost SYN', () => {
    const bench = new Bench();
    bench.connect();
    bench.pass(1000);
    bench.say('SYN ACK', { ack: 1, options: { mss: MSS } });
    bench.sent();
    expect(bulk(bench)).toEqual([0]);
  });

  test('RFC5681-3.1-SS, MUST-19: each ACK of new data releases one segment more', () => {
    const bench = sender();
    expect(bulk(bench)).toEqual(range(0, 4));
    expect(ack(bench, 1)).toEqual([4, 5]);
    expect(ack(bench, 2)).toEqual([6, 7]);
    // A delayed ACK of two adds one segment, not two.
    expect(ack(bench, 4)).toEqual([8, 9, 10]);
    expect(cwnd(bench)).toBe(7);
  });

  test('RFC5681-3.1-SS: splitting an ACK gains nothing', () => {
    const bench = sender();
    bulk(bench);
    for (let i = 1; i <= 10; i++) ack(bench, i / 10);
    expect(cwnd(bench)).toBe(5);
  });

  test('RFC5681-3.1-CA: above ssthresh one segment a round trip', () => {
    const bench = sender();
    const { next } = grow(bench, 12);
    bench.now += 1000;
    bench.tcp.advance(bench.now);
    seqs(bench);
    let una = next;
    let end = ack(bench, next).at(-1)! + 1;
    const windows: number[] = [];
    for (let round = 0; round < 10; round++) {
      const out = end;
      while (una < out) end = (ack(bench, ++una).at(-1) ?? end - 1) + 1;
      windows.push(Math.floor(cwnd(bench)));
    }
    // Slow start to the threshold of 8, half of what was out, then one more each time.
    expect(windows).toEqual([4, 8, 9, 10, 11, 12, 13, 14, 15, 16]);
  });

  test('a window that is not used does not grow', () => {
    const bench = sender();
    for (let i = 0; i < 50; i++) {
      bench.write('x');
      bench.say('ACK');
    }
    expect(cwnd(bench)).toBeLessThanOrEqual(4);
  });

  test('RFC5681-4.1: after idling longer than the RTO the window starts small again', () => {
    const bench = sender();
    const { next } = grow(bench, 30);
    bench.tcp.segmentArrives(bench.segment('ACK', { ack: 1 + next * MSS }), bench.now);
    let last = bench.take().length;
    while (last > 0) {
      bench.say('ACK');
      last = bench.peerAck;
      if (bench.connection.unacknowledged === 0) break;
    }
    expect(cwnd(bench)).toBeGreaterThan(20);
    bench.now += 5000;
    bench.connection.write(new Uint8Array(50_000), bench.now);
    expect(bench.take()).toHaveLength(4);
  });

  test("RFC5681-2b, RFC7323-2.4b: nothing leaves beyond the peer's window", () => {
    const bench = new Bench();
    bench.peerWindow = 2500;
    bench.reach('ESTABLISHED', 'active', { mss: MSS });
    expect(bulk(bench)).toEqual([0, 1]);
  });
});

describe('timeout', () => {
  test('RFC5681-3.1-LW, RFC5681-3.1-SST: one segment, and slow start up to half of what was out', () => {
    const bench = sender();
    const { una, next } = grow(bench, 12);
    bench.now += 1000;
    bench.tcp.advance(bench.now);
    expect(seqs(bench)).toEqual([una]);
    expect(bench.connection.status()).toMatchObject({ cwnd: MSS, ssthresh: ((next - una) / 2) * MSS });
    // Go back: what was out is sent again, two for each ACK.
    expect(ack(bench, una + 1)).toEqual([una + 1, una + 2]);
    expect(ack(bench, una + 2)).toEqual([una + 3, una + 4]);
  });

  test('RFC5681-3.1-SST2: a second timeout of the same segment leaves ssthresh', () => {
    const bench = sender();
    grow(bench, 12);
    bench.pass(1000);
    const { ssthresh } = bench.connection.status();
    bench.pass(2000);
    expect(bench.connection.status()).toMatchObject({ ssthresh, cwnd: MSS });
  });

  test('RFC6582-4: duplicates caused by going back start no fast retransmit', () => {
    const bench = sender();
    const { una } = grow(bench, 12);
    bench.pass(1000);
    expect(ack(bench, una + 1)).toHaveLength(2);
    for (let i = 0; i < 5; i++) expect(ack(bench, una + 1)).toEqual([]);
  });

  test('an ACK of everything ends it', () => {
    const bench = sender();
    const { next } = grow(bench, 12);
    bench.pass(1000);
    expect(ack(bench, next)).toEqual([next, next + 1]);
    expect(bench.connection.status().recovery).toBe('open');
  });
});

describe('fast retransmit and recovery without SACK (RFC 5681 section 3.2, RFC 6582)', () => {
  test('RFC5681-3.2-FR, RFC3042-2a, RFC3042-2b: two duplicates release new segments, the third the lost one', () => {
    const bench = sender();
    const { una, next } = grow(bench, 12);
    const before = cwnd(bench);
    expect(ack(bench, una)).toEqual([next]);
    expect(ack(bench, una)).toEqual([next + 1]);
    expect(cwnd(bench)).toBe(before);
    expect(ack(bench, una)).toEqual([una]);
  });

  test('RFC5681-3.2-s2, RFC5681-3.2-s4: ssthresh is half of what was out, each duplicate inflates by one', () => {
    const bench = sender();
    const { una, next } = grow(bench, 12);
    for (let i = 0; i < 3; i++) ack(bench, una);
    const out = next - una;
    expect(bench.connection.status()).toMatchObject({ ssthresh: (out / 2) * MSS, cwnd: (out / 2 + 3) * MSS });
    const sent: number[] = [];
    for (let i = 0; i < out - 3; i++) sent.push(...ack(bench, una));
    // Out are out + 2 of limited transmit; the inflated window reaches out/2 + out.
    expect(sent).toEqual(range(next + 2, next + 2 + out / 2 - 2));
  });

  test('RFC5681-3.2-s6, RFC6582-3full: the full ACK deflates, without a burst', () => {
    const bench = sender();
    const { una, next } = grow(bench, 12);
    for (let i = 0; i < 3; i++) ack(bench, una);
    expect(ack(bench, next + 2)).toHaveLength(2);
    expect(bench.connection.status().recovery).toBe('open');
    expect(cwnd(bench)).toBeLessThanOrEqual((next - una) / 2);
  });

  test('RFC6582-3part: a partial ACK resends the next hole at once and stays in recovery', () => {
    const bench = sender();
    const { una } = grow(bench, 12);
    for (let i = 0; i < 3; i++) ack(bench, una);
    expect(ack(bench, una + 3)[0]).toBe(una + 3);
    expect(bench.connection.status().recovery).toBe('fast-recovery');
    expect(ack(bench, una + 5)[0]).toBe(una + 5);
  });

  test('RFC6582-3tmr: only the first partial ACK restarts the timer', () => {
    const bench = sender();
    const { una } = grow(bench, 12);
    for (let i = 0; i < 3; i++) ack(bench, una);
    bench.pass(300);
    ack(bench, una + 1);
    bench.pass(300);
    ack(bench, una + 2);
    expect(bench.pass(699)).toEqual([]);
    expect(bench.pass(1)).toHaveLength(1);
  });

  test('RFC6582-2: duplicates during recovery start no second one', () => {
    const bench = sender();
    const { una } = grow(bench, 12);
    for (let i = 0; i < 3; i++) ack(bench, una);
    const { ssthresh } = bench.connection.status();
    ack(bench, una + 3);
    for (let i = 0; i < 4; i++) ack(bench, una + 3);
    expect(bench.connection.status()).toMatchObject({ ssthresh, recovery: 'fast-recovery' });
  });

  test('RFC5681-4.3: losing the retransmission lowers the window again', () => {
    const bench = sender();
    const { una } = grow(bench, 12);
    for (let i = 0; i < 3; i++) ack(bench, una);
    const { ssthresh } = bench.connection.status();
    bench.pass(1000);
    expect(bench.connection.status()).toMatchObject({ cwnd: MSS, ssthresh: ssthresh / 2 });
  });

  test.each([
    ['that change the window', { window: 9999 }],
    ['that carry data', { payload: 'x' }],
  ])('RFC5681-2: three equal ACKs %s are no duplicates', (_what, say) => {
    const bench = sender();
    const { una } = grow(bench, 12);
    const lines: string[] = [];
    for (let i = 0; i < 3; i++) {
      const varied = 'window' in say ? { window: 9999 + i } : say;
      lines.push(...bench.say('ACK', { ack: 1 + una * MSS, ...varied }));
    }
    expect(lines.filter((line) => line.includes(`Seq=${1 + una * MSS} `))).toEqual([]);
    expect(bench.connection.status().recovery).toBe('open');
  });

  test('RFC5681-2: equal ACKs with nothing outstanding are none', () => {
    const bench = sender();
    for (let i = 0; i < 5; i++) expect(bench.say('ACK')).toEqual([]);
    expect(bench.connection.status().recovery).toBe('open');
  });
});

describe('recovery with SACK (RFC 6675)', () => {
  const recovering = () => {
    const bench = sender({}, true);
    return { bench, ...grow(bench, 12) };
  };

  test('RFC2018-5.1, RFC3042-2a: one SACK releases one new segment and starts no recovery', () => {
    const { bench, una, next } = recovering();
    expect(ack(bench, una, [una + 1, una + 2])).toEqual([next]);
    expect(bench.connection.status().recovery).toBe('open');
  });

  test('RFC3042-2c: duplicates without news release nothing', () => {
    const { bench, una, next } = recovering();
    expect(ack(bench, una, [una + 1, una + 2])).toEqual([next]);
    expect(ack(bench, una, [una + 1, una + 2])).toEqual([]);
    expect(ack(bench, una)).toEqual([]);
  });

  test('RFC2018-5a: only the holes are sent again, the lost one first', () => {
    const { bench, una, next } = recovering();
    ack(bench, una, [una + 1, una + 2]);
    ack(bench, una, [una + 1, una + 3]);
    const sent = ack(bench, una, [una + 1, una + 4]);
    expect(sent[0]).toBe(una);
    // A second hole, above what the first three reported.
    const more: number[] = [];
    for (let i = 6; i < 16; i++) more.push(...ack(bench, una, [una + 5, una + i, una + 1, una + 4]));
    expect(more).toContain(una + 4);
    expect(more.filter((n) => n < next && n !== una + 4)).toEqual([]);
  });

  test('RFC2018-5.1: the window is halved', () => {
    const { bench, una, next } = recovering();
    ack(bench, una, [una + 1, una + 4]);
    expect(bench.connection.status()).toMatchObject({
      recovery: 'fast-recovery',
      cwnd: ((next - una) / 2) * MSS,
      ssthresh: ((next - una) / 2) * MSS,
    });
  });

  test('the end of recovery is the ACK of all that was out', () => {
    const { bench, una, next } = recovering();
    ack(bench, una, [una + 1, una + 4]);
    ack(bench, next - 1);
    expect(bench.connection.status().recovery).toBe('fast-recovery');
    ack(bench, next);
    expect(bench.connection.status().recovery).toBe('open');
  });

  test('RFC2018-5b, RFC2018-5c, RFC2018-8: after a timeout the left edge goes again even if SACKed', () => {
    const { bench, una, next } = recovering();
    ack(bench, una, [una + 1, next]);
    bench.now += 1000;
    bench.tcp.advance(bench.now);
    expect(seqs(bench)).toEqual([una]);
    expect(ack(bench, una + 1)).toEqual([una + 1, una + 2]);
  });

  test('SACK blocks that cannot be are ignored', () => {
    const { bench, una, next } = recovering();
    const before = bench.connection.status();
    ack(bench, una, [una + 5, una + 2]);
    ack(bench, una, [next + 1, next + 5]);
    ack(bench, una, [una - 3, una - 1]);
    ack(bench, una, [una + 3, una + 3]);
    expect(bench.connection.status()).toMatchObject({ cwnd: before.cwnd, recovery: 'open' });
  });
});
