import { describe, expect, test } from '@jest/globals';
import { Bench } from './bench.js';

describe('sending (RFC 9293 section 3.8.5)', () => {
  test('MUST-30, MUST-62: URG until it is past, the pointer names the octet behind the urgent data', () => {
    const bench = new Bench().reach('ESTABLISHED');
    bench.connection.write(new Uint8Array(5), bench.now, { urgent: true });
    expect(bench.take()).toMatchObject([{ flags: 0x38, urgent: 5 }]);
    bench.say('ACK');
    bench.connection.write(new Uint8Array(5), bench.now);
    expect(bench.take()).toMatchObject([{ flags: 0x18, urgent: 0 }]);
  });

  test('MUST-31: urgent data of any length; every segment of it points to the same end', () => {
    const bench = new Bench({ connection: { initialWindow: 10 } }).reach('ESTABLISHED');
    bench.connection.write(new Uint8Array(4000), bench.now, { urgent: true });
    const segments = bench.take();
    const base = segments[0]!.seq;
    expect(segments.map((segment) => ((segment.seq - base) >>> 0) + segment.urgent)).toEqual([
      4000, 4000, 4000,
    ]);
  });

  test('a pointer too far ahead for the field is sent as far as it goes', () => {
    const bench = new Bench({ connection: { sendBuffer: 200_000 } }).reach('ESTABLISHED');
    bench.connection.write(new Uint8Array(150_000), bench.now, { urgent: true });
    expect(bench.take()[0]).toMatchObject({ urgent: 65_535 });
  });

  test('a closed window does not keep the news back', () => {
    const bench = new Bench();
    bench.peerWindow = 0;
    bench.reach('ESTABLISHED');
    bench.connection.write(new Uint8Array(3), bench.now, { urgent: true });
    expect(bench.take()).toMatchObject([{ flags: 0x30, urgent: 3 }]);
  });
});

describe('receiving', () => {
  test('MUST-32: told when there is urgent data and whenever the pointer advances, not otherwise', () => {
    const bench = new Bench().reach('ESTABLISHED');
    const urgent = () => bench.told.filter((what) => what === 'urgent').length;
    bench.say('URG ACK', { payload: 'abc', urgent: 10 });
    expect(urgent()).toBe(1);
    bench.say('URG ACK', { payload: 'def', urgent: 7 });
    expect(urgent()).toBe(1);
    bench.say('URG ACK', { payload: 'ghi', urgent: 9 });
    expect(urgent()).toBe(2);
    bench.say('URG ACK', { payload: 'j', urgent: 0 });
    expect(urgent()).toBe(2);
  });

  test('MUST-31, MUST-33: how much is left can be asked, reads stop at the end of it', () => {
    const bench = new Bench().reach('ESTABLISHED');
    bench.say('URG ACK', { payload: 'urgentplain', urgent: 6 });
    expect(bench.connection.urgentOctets).toBe(6);
    expect(bench.connection.read(4, bench.now)).toHaveLength(4);
    expect(bench.connection.urgentOctets).toBe(2);
    expect(bench.readText()).toBe('nt');
    expect(bench.connection.urgentOctets).toBe(0);
    expect(bench.readText()).toBe('plain');
  });

  test('the pointer may run ahead of the data by segments', () => {
    const bench = new Bench().reach('ESTABLISHED');
    bench.say('URG ACK', { payload: 10, urgent: 60_000 });
    expect(bench.connection.urgentOctets).toBe(60_000);
    bench.say('ACK', { payload: 1000 });
    expect(bench.readText()).toHaveLength(1010);
    expect(bench.connection.urgentOctets).toBe(58_990);
  });

  test('a pointer behind what was read, or after the FIN, says nothing', () => {
    const bench = new Bench().reach('ESTABLISHED');
    bench.say('ACK', { payload: 10 });
    bench.readText();
    bench.say('URG ACK', { seq: 8, payload: 'ijk', urgent: 2 });
    expect(bench.told).not.toContain('urgent');
    const closed = new Bench().reach('CLOSE-WAIT');
    closed.say('URG ACK', { urgent: 5 });
    expect(closed.told).not.toContain('urgent');
  });
});
