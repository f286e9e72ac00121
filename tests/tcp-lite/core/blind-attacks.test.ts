import { describe, expect, test } from '@jest/globals';
import { Bench } from './bench.js';

const CHALLENGE = ['[ACK] Seq=1 Ack=1 Len=0'];
const established = () => new Bench({ connection: { receiveBuffer: 10_000 } }).reach('ESTABLISHED');

describe('resets (RFC 5961 section 3)', () => {
  test('R9293-U3, RFC5961-3.2b: exactly at RCV.NXT resets, with or without a closed window (MUST-66)', () => {
    const open = established();
    expect(open.say('RST')).toEqual([]);
    expect(open.told).toEqual(['accepted', 'closed: ECONNRESET']);
    const closed = established();
    closed.say('ACK', { payload: 10_000 });
    expect(closed.connection.status().rcvWnd).toBe(0);
    closed.say('RST');
    expect(closed.told.at(-1)).toBe('closed: ECONNRESET');
  });

  test.each([2, 10_000])('R9293-U4, RFC5961-3.2c: at %i, inside the window, draws a challenge ACK', (seq) => {
    const bench = established();
    expect(bench.say('RST', { seq })).toEqual(CHALLENGE);
    expect(bench.connection.state).toBe('ESTABLISHED');
  });

  test('R9293-U5: a challenged reset has no further effect, and the right one then works', () => {
    const bench = established();
    expect(bench.say('RST ACK', { seq: 2, payload: 'xyz' })).toEqual(CHALLENGE);
    expect(bench.connection.readable).toBe(0);
    bench.say('PSH ACK', { payload: 'a' });
    expect(bench.readText()).toBe('a');
    bench.say('RST');
    expect(bench.told.at(-1)).toBe('closed: ECONNRESET');
  });

  test.each([0, 10_001, -5000])('RFC5961-3.2a: at %i, outside the window, is dropped silently', (seq) => {
    const bench = established();
    expect(bench.say('RST', { seq })).toEqual([]);
    expect(bench.connection.state).toBe('ESTABLISHED');
  });
});

describe('SYNs (RFC 5961 section 4)', () => {
  test.each([-7, 0, 1, 5000, 500_000])('R9293-U6, RFC5961-4.2: a SYN at %i draws a challenge ACK', (seq) => {
    const bench = established();
    expect(bench.say('SYN', { seq })).toEqual(CHALLENGE);
  });

  test('R9293-U7: text and FIN on it are not processed', () => {
    const bench = established();
    bench.say('SYN FIN ACK', { seq: 1, payload: 'evil' });
    expect(bench.told).toEqual(['accepted']);
    expect(bench.connection.readable).toBe(0);
    expect(bench.connection.state).toBe('ESTABLISHED');
  });
});

describe('data (RFC 5961 section 5, MAY-12)', () => {
  const withFlight = () => {
    const bench = established();
    bench.peerWindow = 2000;
    bench.say('ACK');
    bench.connection.write(new Uint8Array(1000), bench.now);
    bench.take();
    bench.say('ACK', { ack: 501 });
    return bench;
  };

  test.each([
    [1001, true],
    [501, true],
    // MAX.SND.WND is 65,535, from the SYN.
    [501 - 65_535, true],
    [501 - 65_536, false],
    [1002, false],
  ])('R9293-U8, RFC5961-5.2: SND.UNA 501, SND.NXT 1001: text with ACK %i is taken: %s', (ack, taken) => {
    const bench = withFlight();
    const reply = bench.say('PSH ACK', { ack, payload: 'text' });
    expect(bench.connection.readable).toBe(taken ? 4 : 0);
    expect(reply).toEqual(taken ? [] : ['[ACK] Seq=1001 Ack=1 Len=0']);
  });

  test('a FIN with such an ACK is not taken either', () => {
    const bench = withFlight();
    bench.say('FIN ACK', { ack: 5000 });
    expect(bench.connection.state).toBe('ESTABLISHED');
  });
});

test('RFC5961-7: at most ten challenge ACKs in five seconds, on one connection', () => {
  const bench = established();
  const flood = () =>
    Array.from({ length: 50 }, () => bench.say('RST', { seq: 2 }).length).reduce((a, b) => a + b);
  expect(flood()).toBe(10);
  bench.pass(4999);
  expect(flood()).toBe(0);
  bench.pass(1);
  expect(flood()).toBe(10);
  bench.say('PSH ACK', { payload: 'alive' });
  expect(bench.readText()).toBe('alive');
});
