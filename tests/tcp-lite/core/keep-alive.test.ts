import { describe, expect, test } from '@jest/globals';
import { Bench } from './bench.js';

const SHORT = { keepAlive: { idleMs: 1000, intervalMs: 100, count: 3 } };

describe('keep-alive (RFC 9293 section 3.8.4)', () => {
  test('MUST-25: off unless asked for', () => {
    const bench = new Bench().reach('ESTABLISHED');
    expect(bench.pass(100_000_000)).toEqual([]);
  });

  test('MUST-28, MAY-5, SHLD-12: two hours by default, then an empty probe below SND.NXT', () => {
    const bench = new Bench({ connection: { keepAlive: true } }).reach('ESTABLISHED');
    expect(bench.pass(7_199_999)).toEqual([]);
    expect(bench.pass(1)).toEqual(['1 ms: [ACK] Seq=0 Ack=1 Len=0']);
    bench.say('ACK');
    expect(bench.pass(7_199_999)).toEqual([]);
  });

  test('MUST-24, MUST-27: switched for each connection, with its own interval', () => {
    const bench = new Bench().reach('ESTABLISHED');
    bench.connection.setOption('keepAlive', { idleMs: 5000 }, bench.now);
    expect(bench.pass(5000)).toHaveLength(1);
    bench.say('ACK');
    bench.connection.setOption('keepAlive', false, bench.now);
    expect(bench.pass(1_000_000)).toEqual([]);
  });

  test('MUST-25: its times alone do not switch it on, nor off', () => {
    const times = { idleMs: 5000, enable: false };
    const bench = new Bench().reach('ESTABLISHED');
    bench.connection.setOption('keepAlive', times, bench.now);
    expect(bench.pass(100_000_000)).toEqual([]);
    bench.connection.setOption('keepAlive', true, bench.now);
    expect(bench.pass(4999)).toEqual([]);
    bench.connection.setOption('keepAlive', { ...times, idleMs: 9000 }, bench.now);
    expect(bench.pass(8999)).toEqual([]);
    expect(bench.pass(1)).toHaveLength(1);
  });

  test('MAY-6: with one garbage octet where so configured', () => {
    const bench = new Bench({ connection: { keepAlive: { idleMs: 1000, octet: true } } }).reach(
      'ESTABLISHED',
    );
    expect(bench.pass(1000)).toEqual(['1000 ms: [ACK] Seq=0 Ack=1 Len=1']);
  });

  test('MUST-26: what comes in, or is outstanding, puts it off', () => {
    const bench = new Bench({ connection: SHORT }).reach('ESTABLISHED');
    for (let i = 0; i < 5; i++) {
      bench.pass(900);
      bench.say('ACK');
    }
    expect(bench.pass(999)).toEqual([]);
    bench.write('x');
    const lines = bench.pass(10_000);
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.every((line) => line.includes('Seq=1 '))).toBe(true);
  });

  test('MUST-29: one unanswered probe ends nothing, several do, with a reset', () => {
    const bench = new Bench({ connection: SHORT }).reach('ESTABLISHED');
    bench.pass(1050);
    bench.say('ACK');
    bench.pass(1000);
    expect(bench.connection.state).toBe('ESTABLISHED');
    expect(bench.pass(300).at(-1)).toMatch(/\[RST, ACK\]/);
    expect(bench.told.at(-1)).toBe('closed: ETIMEDOUT');
  });

  test('MUST-29: a count of one is taken as two', () => {
    const bench = new Bench({ connection: { keepAlive: { idleMs: 1000, intervalMs: 100, count: 1 } } });
    bench.reach('ESTABLISHED');
    expect(bench.pass(1150)).toHaveLength(2);
    expect(bench.connection.state).toBe('ESTABLISHED');
  });

  test("a peer's keep-alive is answered", () => {
    const bench = new Bench().reach('ESTABLISHED');
    expect(bench.say('ACK', { seq: 0 })).toEqual(['[ACK] Seq=1 Ack=1 Len=0']);
    expect(bench.say('ACK', { seq: 0, payload: 1 })).toEqual(['[ACK] Seq=1 Ack=1 Len=0']);
  });
});
