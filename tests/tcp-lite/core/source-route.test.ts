import { describe, expect, test } from '@jest/globals';
import { Bench } from './bench.js';

const THERE = ['192.0.2.1', '192.0.2.2'];
const BACK = ['192.0.2.2', '192.0.2.1'];
const routes = (bench: Bench) => bench.take().map((segment) => segment.sourceRoute);

describe('source routes (RFC 9293 section 3.9.2.1)', () => {
  test('MUST-51, MUST-52: an active open names one, and no received one takes its place', () => {
    const bench = new Bench();
    bench.connect({ sourceRoute: THERE });
    expect(routes(bench)).toEqual([THERE]);
    bench.tcp.segmentArrives(bench.segment('SYN ACK', { ack: 1, sourceRoute: ['198.51.100.9'] }), bench.now);
    expect(routes(bench)).toEqual([THERE]);
    bench.say('ACK', { sourceRoute: ['198.51.100.9'] });
    bench.connection.write(new Uint8Array(1), bench.now);
    expect(routes(bench)).toEqual([THERE]);
    expect(() => bench.connect({ sourceRoute: ['fd00::1'] })).toThrow('sourceRoute names fd00::1');
    expect(() => bench.connect({ sourceRoute: [] })).toThrow('1 to 9 gateways');
  });

  test('MUST-53: a passive one answers along the route that the SYN came, for good', () => {
    const bench = new Bench();
    bench.tcp.segmentArrives(bench.segment('SYN', { sourceRoute: THERE, options: { mss: 1460 } }), bench.now);
    expect(routes(bench)).toEqual([BACK]);
    bench.say('ACK');
    bench.connection.write(new Uint8Array(5000), bench.now);
    const segments = bench.take();
    expect(segments.map((segment) => segment.sourceRoute)).toEqual([BACK, BACK, BACK]);
    // The option takes 12 octets of each packet.
    expect(segments[0]?.payload.length).toBe(1448);
  });

  test('SHLD-24: a later route replaces an earlier one', () => {
    const bench = new Bench();
    bench.tcp.segmentArrives(bench.segment('SYN', { sourceRoute: THERE }), bench.now);
    bench.take();
    bench.say('ACK', { sourceRoute: ['198.51.100.9'] });
    bench.connection.write(new Uint8Array(1), bench.now);
    expect(routes(bench)).toEqual([['198.51.100.9']]);
  });
});
