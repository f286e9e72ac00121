import { describe, expect, test } from '@jest/globals';
import { Bench, ISS, LOCAL, PEER } from './bench.js';

describe('passive open', () => {
  test('three segments, and the application gets its connection with the last', () => {
    const bench = new Bench();
    expect(bench.say('SYN')).toEqual(['[SYN, ACK] Seq=0 Ack=1 Len=0']);
    expect(bench.told).toEqual([]);
    expect(bench.say('ACK')).toEqual([]);
    expect(bench.told).toEqual(['accepted']);
    expect(bench.connection.state).toBe('ESTABLISHED');
    expect(bench.connection.remoteAddress).toBe(PEER);
  });

  test('R9293-L15: text and FIN on the SYN wait for the handshake', () => {
    const bench = new Bench();
    expect(bench.say('SYN', { payload: 'early' })).toEqual(['[SYN, ACK] Seq=0 Ack=1 Len=0']);
    expect(bench.told).toEqual([]);
    bench.say('ACK', { seq: 6 });
    expect(bench.told).toEqual(['accepted', 'readable']);
    expect(bench.readText()).toBe('early');
    expect(bench.pass(500)).toEqual(['40 ms: [ACK] Seq=1 Ack=6 Len=0']);
  });

  test('MUST-11, R9293-3.10.7.4: a reset in SYN-RECEIVED leaves the listener usable and tells nobody', () => {
    const bench = new Bench().reach('SYN-RECEIVED');
    expect(bench.say('RST', { seq: 1 })).toEqual([]);
    expect(bench.tcp.connectionCount).toBe(0);
    expect(bench.told).toEqual([]);
    bench.peerNext = 0;
    expect(bench.say('SYN')).toEqual(['[SYN, ACK] Seq=0 Ack=1 Len=0']);
  });

  test('the SYN,ACK is repeated, doubling, for three minutes, and then forgotten silently (MUST-22, MUST-23)', () => {
    const bench = new Bench().reach('SYN-RECEIVED');
    const lines = bench.pass(400_000);
    expect(lines.map((line) => parseInt(line))).toEqual([1000, 3000, 7000, 15_000, 31_000, 63_000, 123_000]);
    expect(bench.tcp.connectionCount).toBe(0);
    expect(bench.told).toEqual([]);
  });

  test('a full backlog drops the SYN; established or failed connections make room', () => {
    const bench = new Bench();
    const listener = bench.tcp.listen({ port: 81, backlog: 2 });
    for (const srcPort of [1, 2, 3]) bench.say('SYN', { dstPort: 81, srcPort, seq: 0 });
    expect(bench.tcp.counters.backlogDrops).toBe(1);
    expect(bench.say('RST', { dstPort: 81, srcPort: 1, seq: 1 })).toEqual([]);
    expect(bench.say('SYN', { dstPort: 81, srcPort: 3, seq: 0 })).toHaveLength(1);
    bench.say('ACK', { dstPort: 81, srcPort: 2, seq: 1, ack: 1 });
    // Established, but nobody has accepted it.
    expect(listener.full).toBe(true);
    expect(listener.accept()?.remotePort).toBe(2);
    expect(listener.accept()).toBeUndefined();
    expect(listener.full).toBe(false);
  });

  test('MUST-41, MUST-42: listening and closing listeners leaves connections and half-open ones alone', () => {
    const bench = new Bench().reach('ESTABLISHED');
    const before = bench.connection.status();
    const other = bench.tcp.listen({ port: 80, address: '10.0.0.9' });
    other.close();
    expect(() => bench.tcp.listen({ port: 80 })).toThrow('port 80 has a listener');
    expect(bench.connection.status()).toEqual(before);
    bench.tcp.connect({ remoteAddress: PEER, remotePort: 9, localPort: 7000 }, bench.now);
    bench.tcp.listen({ port: 7000 });
    bench.sent();
    expect(bench.say('SYN', { dstPort: 7000, seq: 0 })).toEqual(['[SYN, ACK] Seq=0 Ack=1 Len=0']);
  });

  test('MUST-43: a listener bound to one address takes only that', () => {
    const bench = new Bench();
    bench.tcp.listen({ port: 81, address: '10.0.0.7' });
    expect(bench.say('SYN', { dstPort: 81 })).toEqual(['[RST, ACK] Seq=3 Ack=1 Len=0']);
    expect(bench.say('SYN', { dstPort: 81, seq: 0, dst: '10.0.0.7' })).toEqual([
      '[SYN, ACK] Seq=0 Ack=1 Len=0',
    ]);
  });

  test('closing a listener resets half-open connections, established ones live on', () => {
    const bench = new Bench().reach('ESTABLISHED');
    bench.say('SYN', { srcPort: 6000, seq: 0 });
    bench.listener.close();
    expect(bench.sent()).toEqual(['[RST, ACK] Seq=1 Ack=1 Len=0']);
    expect(bench.connection.state).toBe('ESTABLISHED');
  });
});

describe('active open', () => {
  test('three segments; data written before rides behind the handshake (R9293-U1)', () => {
    const bench = new Bench();
    bench.connect();
    expect(bench.sent()).toEqual(['[SYN] Seq=0 Len=0']);
    expect(bench.write('early')).toEqual([]);
    expect(bench.say('SYN ACK')).toEqual(['[PSH, ACK] Seq=1 Ack=1 Len=5']);
    expect(bench.told).toEqual(['established']);
  });

  test('MUST-10: crossing SYNs make one connection, the SYN,ACK keeps its number', () => {
    const bench = new Bench();
    bench.connect();
    bench.sent();
    expect(bench.say('SYN')).toEqual(['[SYN, ACK] Seq=0 Ack=1 Len=0']);
    expect(bench.connection.state).toBe('SYN-RECEIVED');
    expect(bench.say('SYN ACK', { seq: 0, ack: 1 })).toEqual([]);
    expect(bench.connection.state).toBe('ESTABLISHED');
    expect(bench.told).toEqual(['established']);
    expect(bench.write('x')).toEqual(['[PSH, ACK] Seq=1 Ack=1 Len=1']);
  });

  test('MUST-11: a reset after crossing SYNs is reported as refusal', () => {
    const bench = new Bench().reach('SYN-RECEIVED', 'active');
    bench.say('RST', { seq: 1 });
    expect(bench.told).toEqual(['closed: ECONNREFUSED']);
  });

  test('RFC5961-3.2d: in SYN-SENT only a reset that acknowledges the SYN counts', () => {
    const bench = new Bench().reach('SYN-SENT', 'active');
    bench.say('RST');
    bench.say('RST ACK', { ack: 0 });
    bench.say('RST ACK', { ack: 2 });
    expect(bench.connection.state).toBe('SYN-SENT');
    expect(bench.say('RST ACK', { seq: 77, ack: 1 })).toEqual([]);
    expect(bench.told).toEqual(['closed: ECONNREFUSED']);
  });

  test('RFC6298-2.1, MUST-22, R9293-U10, MUST-23, SHLD-9: SYN after 1, 3, 7 s ... for three minutes, a warning, then ETIMEDOUT', () => {
    const bench = new Bench();
    bench.connect();
    bench.sent();
    const lines = bench.pass(179_999);
    expect(lines.map((line) => parseInt(line))).toEqual([1000, 3000, 7000, 15_000, 31_000, 63_000, 123_000]);
    expect(bench.told).toEqual(['soft: no acknowledgment after 3 retransmissions']);
    bench.pass(1);
    expect(bench.told.slice(1)).toEqual(['closed: ETIMEDOUT']);
    expect(bench.tcp.nextDeadline()).toBe(Infinity);
  });

  test('MUST-21: a user timeout of its own ends the attempt sooner', () => {
    const bench = new Bench();
    bench.connect({ userTimeoutMs: 2500 });
    bench.pass(2499);
    expect(bench.told).toEqual([]);
    bench.pass(1);
    expect(bench.told).toEqual(['closed: ETIMEDOUT']);
  });

  test('R9293-L11: closing in SYN-SENT is silent; a late SYN,ACK draws a reset', () => {
    const bench = new Bench().reach('SYN-SENT', 'active');
    bench.listener.close();
    bench.connection.close(bench.now);
    expect(bench.sent()).toEqual([]);
    expect(bench.told).toEqual(['closed']);
    expect(bench.say('SYN ACK', { ack: 1 })).toEqual(['[RST] Seq=1 Len=0']);
  });

  test('closing in SYN-RECEIVED sends the FIN at once where nothing is queued (R9293-3.10.4)', () => {
    const bench = new Bench().reach('SYN-RECEIVED', 'active');
    bench.connection.shutdown(bench.now);
    expect(bench.connection.state).toBe('FIN-WAIT-1');
    expect(bench.sent()).toEqual(['[FIN, ACK] Seq=1 Ack=1 Len=0']);
    bench.say('ACK', { ack: 2 });
    expect(bench.connection.state).toBe('FIN-WAIT-2');
  });

  test.each([
    ['255.255.255.255', 'EINVAL'],
    ['10.0.0.255', 'EINVAL'],
    ['224.0.0.1', 'EINVAL'],
    ['239.255.255.255', 'EINVAL'],
    ['0.0.0.0', 'EINVAL'],
    ['ff02::1', 'EINVAL'],
    ['::', 'EINVAL'],
    ['no address', 'EINVAL'],
  ])('MUST-46: connecting to %s is refused with %s, and nothing is sent', (remoteAddress, code) => {
    const bench = new Bench();
    const attempt = () => bench.tcp.connect({ remoteAddress, remotePort: 80 }, bench.now);
    expect(attempt).toThrow(expect.objectContaining({ code }));
    expect(bench.sent()).toEqual([]);
  });

  test('MUST-43, MUST-44, MUST-45: the source is the one asked for, else the route decides, and it stays', () => {
    const bench = new Bench();
    bench.tcp.connect({ remoteAddress: PEER, remotePort: 1, localAddress: '10.0.0.77' }, bench.now);
    bench.tcp.connect({ remoteAddress: PEER, remotePort: 2 }, bench.now);
    const first = bench.take();
    expect(first.map((segment) => segment.src)).toEqual(['10.0.0.77', LOCAL]);
    const later = bench.passing(10_000).map((each) => each.segment);
    expect(later).toHaveLength(6);
    for (const { src, dstPort } of later) {
      expect(first.find((segment) => segment.dstPort === dstPort)?.src).toBe(src);
    }
  });

  test('ephemeral ports differ, and a pair of sockets is used once', () => {
    const bench = new Bench({ config: { ephemeralPorts: [50_000, 50_001] } });
    const connect = () => bench.tcp.connect({ remoteAddress: PEER, remotePort: 1 }, bench.now);
    expect(new Set([connect().localPort, connect().localPort])).toEqual(new Set([50_000, 50_001]));
    expect(connect).toThrow('every ephemeral port has a connection to 10.0.0.2:1');
    const again = () =>
      bench.tcp.connect({ remoteAddress: PEER, remotePort: 1, localPort: 50_000 }, bench.now);
    expect(again).toThrow(expect.objectContaining({ code: 'EADDRINUSE' }));
  });
});

describe('what no connection answers for', () => {
  test('R9293-L3: resets are numbered from the ACK, else they acknowledge all of SEG.LEN', () => {
    const bench = new Bench().reach('CLOSED');
    expect(bench.say('ACK', { seq: 5, ack: 1234 })).toEqual(['[RST] Seq=1234 Len=0']);
    bench.tcp.segmentArrives(bench.segment('SYN FIN', { seq: 5, payload: 'abc' }), bench.now);
    const ack = bench.segment('', { seq: 10 }).seq;
    expect(bench.take()).toMatchObject([{ seq: 0, flags: 0x14, ack }]);
  });

  test('R9293-L4: a reset never draws one', () => {
    for (const state of ['CLOSED', 'LISTEN'] as const) {
      const bench = new Bench().reach(state);
      expect([
        bench.say('RST'),
        bench.say('RST ACK'),
        bench.say('RST SYN'),
        bench.say('RST FIN ACK'),
      ]).toEqual([...[[], [], [], []]]);
    }
  });

  test('RFC7323-5.2a: the reset for a segment with a timestamp carries it back', () => {
    const bench = new Bench().reach('CLOSED');
    bench.tcp.segmentArrives(bench.segment('ACK', { options: { tsVal: 77, tsEcr: 3 } }), bench.now);
    expect(bench.take()[0]?.options).toEqual({ tsVal: 0, tsEcr: 77 });
  });

  test.each(['224.0.0.1', '255.255.255.255', '10.0.0.255', '127.0.0.1', '0.0.0.0', LOCAL])(
    'MUST-63: a SYN from %s is ignored',
    (src) => {
      const bench = new Bench();
      expect(bench.say('SYN', { src })).toEqual([]);
      expect(bench.tcp.counters.badAddresses).toBe(1);
    },
  );

  test.each(['224.0.0.1', '255.255.255.255', '10.0.0.255'])('MUST-57: a SYN to %s is ignored', (dst) => {
    const bench = new Bench();
    expect(bench.say('SYN', { dst })).toEqual([]);
    expect(bench.say('ACK', { dst })).toEqual([]);
  });
});

describe('options of the handshake', () => {
  const all = { mss: 1000, sackPermitted: true, windowScale: 7, tsVal: 99, tsEcr: 0 };
  const on = { timestamps: true, sack: true, windowScale: true };

  test('MUST-14, SHLD-5, MAY-3, RFC7323-3.2f: the SYN offers all of them', () => {
    const bench = new Bench({ connection: on });
    bench.connect();
    expect(bench.take()[0]?.options).toEqual({
      mss: 1460,
      sackPermitted: true,
      windowScale: 3,
      tsVal: expect.any(Number),
      tsEcr: 0,
    });
  });

  test('each can be left out', () => {
    const bench = new Bench({ connection: { mssOption: false } });
    bench.connect();
    expect(bench.take()).toMatchObject([{ options: {}, window: 65_535, flags: 2 }]);
  });

  test('RFC7323-2.2d, RFC7323-3.2a, RFC2018-4a: the SYN,ACK answers only what was offered', () => {
    const bench = new Bench({ connection: on });
    bench.tcp.segmentArrives(bench.segment('SYN', { options: {} }), bench.now);
    expect(bench.take()[0]?.options).toEqual({ mss: 1460 });
    bench.tcp.segmentArrives(bench.segment('SYN', { options: all, srcPort: 2, seq: 0 }), bench.now);
    expect(bench.take()[0]?.options).toMatchObject({ sackPermitted: true, windowScale: 3, tsEcr: 99 });
  });

  test('MUST-67, MUST-16, SHLD-6: the MSS offered fits the link, less 40 octets for IPv4 and 60 for IPv6', () => {
    const mssOf = (version: 4 | 6, mtu: number) => {
      const bench = new Bench({ version, mtu });
      bench.connect();
      return bench.take()[0]?.options.mss;
    };
    expect([mssOf(4, 1500), mssOf(6, 1500), mssOf(4, 576), mssOf(6, 1280)]).toEqual([1460, 1440, 536, 1220]);
  });

  test.each([
    [4, {}, 536],
    [6, {}, 1220],
    [4, { mss: 700 }, 700],
    [4, { mss: 9000 }, 1460],
    [4, { mss: 0 }, 536],
    [4, { mss: 1 }, 48],
    [6, { mss: 9000 }, 1440],
  ] as const)(
    'MUST-14, MUST-15, MUST-16: IPv%i with %j sends at most %i octets',
    (version, options, most) => {
      const bench = new Bench({ version });
      bench.say('SYN', { options });
      bench.say('ACK');
      bench.connection.write(new Uint8Array(20_000), bench.now);
      expect(Math.max(...bench.take().map((segment) => segment.payload.length))).toBe(most);
    },
  );

  test('MUST-16: timestamps and SACK blocks come out of the segment, not on top', () => {
    const bench = new Bench({ connection: on }).reach('ESTABLISHED', 'passive', all);
    bench.connection.write(new Uint8Array(5000), bench.now);
    expect(bench.take()[0]?.payload.length).toBe(988);
    bench.say('ACK', { seq: 500, payload: 10, ack: 1 });
    bench.tcp.segmentArrives(bench.segment('ACK', { ack: 1 + 988 }), bench.now);
    const sent = bench.take().find((segment) => segment.payload.length > 0);
    expect(sent?.options.sack).toHaveLength(2);
    expect(sent?.payload.length).toBe(988 - 12);
  });

  test('MUST-65, RFC2018-2: MSS, window scale and SACK-permitted appear in SYN segments only', () => {
    const bench = new Bench({ connection: on }).reach('ESTABLISHED', 'active', all);
    bench.connection.write(new Uint8Array(5000), bench.now);
    bench.tcp.segmentArrives(bench.segment('ACK', { seq: 500, payload: 10 }), bench.now);
    bench.connection.shutdown(bench.now);
    const segments = [...bench.take(), ...bench.passing(5000).map((each) => each.segment)];
    bench.connection.abort(bench.now);
    segments.push(...bench.take());
    expect(segments.length).toBeGreaterThan(6);
    for (const { options } of segments) {
      expect([options.mss, options.windowScale, options.sackPermitted]).toEqual([
        undefined,
        undefined,
        undefined,
      ]);
    }
  });

  test('MUST-5, RFC7323-2.2b, RFC7323-3.2e: options that were not negotiated, or belong to SYNs, change nothing', () => {
    const bench = new Bench().reach('ESTABLISHED');
    const options = { mss: 100, windowScale: 9, sackPermitted: true, sack: [5, 9], tsVal: 1, tsEcr: 2 };
    const before = bench.connection.status();
    bench.say('PSH ACK', { payload: 'abc', options });
    expect(bench.readText()).toBe('abc');
    expect(bench.connection.status()).toMatchObject({ sndMss: before.sndMss, sndWnd: before.sndWnd });
  });
});

describe('initial sequence numbers', () => {
  const issOf = (bench: Bench, remotePort: number, localPort: number) => {
    bench.tcp.connect({ remoteAddress: PEER, remotePort, localPort }, bench.now).abort(bench.now);
    return bench.take()[0]!.seq;
  };
  const clocked = () => new Bench({ connection: { isn: undefined } });

  test('MUST-8, RFC6528-3a, RFC6528-3c: for the same sockets they advance 250,000 a second', () => {
    const bench = clocked();
    const first = issOf(bench, 1, 2);
    bench.now += 2000;
    expect((issOf(bench, 1, 2) - first) >>> 0).toBe(500_000);
  });

  test('MUST-9, SHLD-1, RFC6528-3b: neighbours and other keys tell nothing of each other', () => {
    const bench = clocked();
    const deltas = new Set<number>();
    for (let port = 10; port < 60; port++)
      deltas.add((issOf(bench, 1, port) - issOf(bench, 1, port + 1)) >>> 0);
    expect(deltas.size).toBe(50);
    const other = new Bench({ config: { secret: 'another key' }, connection: { isn: undefined } });
    expect(issOf(other, 1, 10)).not.toBe(issOf(bench, 1, 10));
  });

  test('one can be fixed', () => {
    const bench = new Bench();
    bench.connect();
    expect(bench.take()[0]?.seq).toBe(ISS);
  });
});
