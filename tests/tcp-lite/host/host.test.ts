import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Connection } from '../../../tcp-lite/core/connection.js';
import { dropsThatHappened } from '../../../tcp-lite/host/counters.js';
import { Host } from '../../../tcp-lite/host/host.js';
import { encodeIcmp, ICMPV4 } from '../../../tcp-lite/wire/icmp.js';
import { encodeSegment } from '../../../tcp-lite/wire/tcp.js';
import type { Segment } from '../../../tcp-lite/wire/segment.js';
import { config, Pair } from './pair.js';

const text = (data: Uint8Array | undefined) => new TextDecoder().decode(data);
const octets = (data: string) => new TextEncoder().encode(data);

describe('two hosts', () => {
  test.each(['10.0.0.2', 'fd00::2'])('find each other, shake hands, echo and close: %s', (remoteAddress) => {
    const pair = new Pair();
    const log: string[] = [];
    pair.b.tcp.listen({ port: 7 }).onConnection = (server) => {
      log.push('accepted');
      server.onReadable = () => server.write(server.read(100, pair.now)!, pair.now);
      server.onEnd = () => server.close(pair.now);
      server.onClosed = (error) => log.push(`server closed ${error?.code ?? ''}`);
    };
    const client = pair.a.tcp.connect({ remoteAddress, remotePort: 7 }, pair.now);
    client.onEstablished = () => client.write(octets('hello'), pair.now);
    client.onReadable = () => {
      log.push(text(client.read(100, pair.now)));
      client.shutdown(pair.now);
    };
    client.onClosed = (error) => log.push(`client closed ${error?.code ?? ''}`);
    pair.pass(500);
    expect(log).toEqual(['accepted', 'hello', 'client closed ', 'server closed ']);
    expect(client.state).toBe('TIME-WAIT');
    expect(dropsThatHappened(pair.a.counters)).toEqual({});
    expect(dropsThatHappened(pair.b.counters)).toEqual({});
    pair.pass(120_000);
    expect(client.state).toBe('CLOSED');
    expect(Math.min(pair.a.nextDeadline(), pair.b.nextDeadline())).toBe(Infinity);
  });

  test('100,000 octets go over', () => {
    const pair = new Pair();
    const sent = new Uint8Array(100_000).map((_, index) => index * 7);
    const received: Uint8Array[] = [];
    pair.b.tcp.listen({ port: 7 }).onConnection = (server) => {
      server.onReadable = () => received.push(server.read(1e6, pair.now)!);
    };
    const client = pair.a.tcp.connect({ remoteAddress: '10.0.0.2', remotePort: 7 }, pair.now);
    client.onEstablished = () => expect(client.write(sent, pair.now)).toBe(sent.length);
    pair.pass(1000);
    expect(Buffer.concat(received).equals(sent)).toBe(true);
  });
});

describe('address resolution', () => {
  const connect = (pair: Pair): Connection =>
    pair.a.tcp.connect({ remoteAddress: '10.0.0.2', remotePort: 7 }, pair.now);
  const arps = (pair: Pair, from: 'a' | 'b') =>
    pair.frames.filter(({ from: who, frame }) => who === from && frame[12] === 8 && frame[13] === 6).length;

  test('asks three times, a second apart, then reports the host unreachable; the connection lives on', () => {
    const pair = new Pair();
    pair.passes = () => false;
    const client = connect(pair);
    const soft: string[] = [];
    client.onSoftError = (error) => soft.push(error.message);
    pair.pass(2999);
    expect(arps(pair, 'a')).toBe(3);
    expect(soft).toEqual([]);
    pair.pass(100);
    expect(soft[0]).toContain('ICMP type 3 code 1');
    expect(client.state).toBe('SYN-SENT');
    expect(pair.a.counters.drops['neighbour-unresolved']).toBeGreaterThan(0);
  });

  test('a lost answer is asked for again, and the SYN that waited goes out once', () => {
    const pair = new Pair();
    let lost = 0;
    pair.passes = (from, frame) => !(from === 'b' && frame[13] === 6 && lost++ === 0);
    const client = connect(pair);
    pair.b.tcp.listen({ port: 7 });
    pair.pass(900);
    expect(client.state).toBe('SYN-SENT');
    pair.pass(200);
    expect(client.state).toBe('ESTABLISHED');
  });

  test('a host that shares a kernel address neither answers ARP nor echo, but asks and learns', () => {
    const pair = new Pair({ answerNeighbours: false });
    pair.b.tcp.listen({ port: 7 });
    expect(connect(pair)).toBeDefined();
    pair.pass(10);
    expect([arps(pair, 'a'), arps(pair, 'b')]).toEqual([1, 1]);
    const back = pair.b.tcp.connect({ remoteAddress: '10.0.0.1', remotePort: 9 }, pair.now);
    let refused: string | undefined;
    back.onClosed = (error) => (refused = error?.code);
    pair.pass(10);
    expect(refused).toBe('ECONNREFUSED');
    expect(arps(pair, 'b')).toBe(1);
  });

  test('the passive side needs no question: it has heard from the peer', () => {
    const pair = new Pair();
    pair.b.tcp.listen({ port: 7 });
    expect(connect(pair)).toBeDefined();
    pair.pass(10);
    expect(arps(pair, 'b')).toBe(1);
  });

  test('an old entry is asked again of the one who had it, while frames go on', () => {
    const pair = new Pair();
    pair.b.tcp.listen({ port: 7 });
    const client = connect(pair);
    pair.pass(31_000);
    const before = pair.frames.length;
    client.write(octets('x'), pair.now);
    pair.pass(100);
    const later = pair.frames.slice(before).filter(({ from }) => from === 'a');
    expect(later[0]!.frame.subarray(0, 14)).toEqual(
      Uint8Array.from([2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 6]),
    );
    expect(later.length).toBe(2);
  });

  test('with a prefix length and no gateway there is no way beyond the link', () => {
    const pair = new Pair();
    pair.a.tcp.connect({ remoteAddress: '192.0.2.1', remotePort: 7 }, pair.now);
    expect(pair.a.counters.drops['no-route']).toBe(1);
    const routed = new Pair({ gateways: ['10.0.0.2'] });
    routed.a.tcp.connect({ remoteAddress: '192.0.2.1', remotePort: 7 }, routed.now);
    routed.pass(10);
    expect(routed.b.counters.drops['ip-not-for-us']).toBe(1);
  });
});

describe('what a host refuses', () => {
  const syn = (changes: Partial<Segment>): Segment => ({
    ...{ version: 4, src: '10.0.0.1', dst: '10.0.0.2', srcPort: 1, dstPort: 7, seq: 1, ack: 0, flags: 2 },
    ...{ window: 1000, urgent: 0, options: {}, payload: new Uint8Array(0), ttl: 64, dscp: 0, ecn: 0 },
    dontFragment: true,
    ...changes,
  });
  const deliver = (pair: Pair, segment: Segment, mac = [2, 0, 0, 0, 0, 2]) => {
    const frame = new Uint8Array(200);
    frame.set([...mac, 2, 0, 0, 0, 0, 1, ...(segment.version === 4 ? [8, 0] : [0x86, 0xdd])]);
    pair.b.receive(frame.subarray(0, 14 + encodeSegment(segment, frame, 14)), pair.now);
  };

  test.each([
    [{ dst: '10.0.0.255' }, 'tcp-not-unicast', [255, 255, 255, 255, 255, 255]],
    [{ dst: '255.255.255.255' }, 'tcp-not-unicast', [255, 255, 255, 255, 255, 255]],
    [{ dst: '224.0.0.1' }, 'tcp-not-unicast', [1, 0, 0x5e, 0, 0, 1]],
    [{ dst: '10.0.0.2' }, 'tcp-not-unicast', [255, 255, 255, 255, 255, 255]],
    [{ dst: '10.0.0.255' }, 'ip-not-for-us', [2, 0, 0, 0, 0, 2]],
    [{ dst: '10.0.0.2' }, 'ethernet-not-for-us', [2, 0, 0, 0, 0, 9]],
    [{ src: '10.0.0.255' }, 'ip-invalid-source', undefined],
    [{ src: '255.255.255.255' }, 'ip-invalid-source', undefined],
    [{ src: '224.0.0.1' }, 'ip-invalid-source', undefined],
    [{ src: '127.0.0.1' }, 'ip-invalid-source', undefined],
    [{ src: '0.0.0.0' }, 'ip-invalid-source', undefined],
    [{ src: '10.0.0.2' }, 'ip-invalid-source', undefined],
    [{ version: 6, src: '::', dst: 'fd00::2' }, 'ip-invalid-source', undefined],
    [{ version: 6, src: '::1', dst: 'fd00::2' }, 'ip-invalid-source', undefined],
    [{ version: 6, src: 'ff02::1', dst: 'fd00::2' }, 'ip-invalid-source', undefined],
  ] as const)('a SYN %j is dropped in silence (MUST-57, MUST-63): %s', (changes, reason, mac) => {
    const pair = new Pair();
    pair.b.tcp.listen({ port: 7 });
    deliver(pair, syn(changes), mac as number[] | undefined);
    expect(dropsThatHappened(pair.b.counters)).toEqual({ [reason]: 1 });
    expect(pair.frames).toEqual([]);
  });

  test('an ICMP error reaches the connection that it quotes, and no other', () => {
    const pair = new Pair();
    const first = pair.a.tcp.connect({ remoteAddress: '10.0.0.2', remotePort: 7, localPort: 100 }, pair.now);
    const second = pair.a.tcp.connect({ remoteAddress: '10.0.0.2', remotePort: 7, localPort: 200 }, pair.now);
    pair.passes = (_, frame) => frame[23] !== 6;
    pair.settle();
    const quoted = pair.frames.find(({ frame }) => frame[23] === 6 && frame[35] === 200)!;
    const frame = new Uint8Array(200);
    frame.set(quoted.frame.subarray(0, 14));
    frame.set(quoted.frame.subarray(6, 12), 0);
    const message = {
      ...{ version: 4 as const, src: '10.0.0.2', dst: '10.0.0.1', rest: 0 },
      ...{ type: ICMPV4.unreachable, code: 3, body: quoted.frame.subarray(14, 14 + 28) },
    };
    pair.a.receive(frame.subarray(0, 14 + encodeIcmp(message, frame, 14)), pair.now);
    expect([first.state, second.state]).toEqual(['SYN-SENT', 'CLOSED']);
    expect(second.error?.code).toBe('ECONNREFUSED');
  });

  test('echo requests are answered, octet by octet', () => {
    const pair = new Pair();
    const frame = new Uint8Array(200);
    frame.set([2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0]);
    const message = {
      ...{ version: 4 as const, src: '10.0.0.1', dst: '10.0.0.2', rest: 0x12345678 },
      ...{ type: ICMPV4.echoRequest, code: 0, body: octets('ping') },
    };
    pair.b.receive(frame.subarray(0, 14 + encodeIcmp(message, frame, 14)), pair.now);
    const reply = pair.frames.at(-1)!.frame;
    expect([reply[34], Buffer.from(reply.subarray(38)).toString('latin1')]).toEqual([0, '\x124Vxping']);
  });
});

test('no frame makes a host throw: random ones, and real ones changed', () => {
  const pair = new Pair();
  pair.b.tcp.listen({ port: 7 });
  const client = pair.a.tcp.connect({ remoteAddress: 'fd00::2', remotePort: 7 }, pair.now);
  pair.a.tcp.connect({ remoteAddress: '10.0.0.2', remotePort: 7 }, pair.now);
  pair.pass(10);
  client.write(octets('hello'), pair.now);
  pair.pass(10);
  const real = pair.frames.map(({ frame }) => frame);
  const host = new Host(config(2), {
    mtu: 1500,
    reserve: (length) => new Uint8Array(length),
    commit: () => undefined,
  });
  host.tcp.listen({ port: 7 });
  const header = fc
    .constantFrom([8, 0, 0x45], [8, 6, 0], [0x86, 0xdd, 0x60])
    .map((end) => [...[2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1], ...end]);
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array({ maxLength: 120 }),
        fc
          .tuple(header, fc.uint8Array({ maxLength: 120 }))
          .map(([start, rest]) => Uint8Array.from([...start, ...rest])),
        fc
          .tuple(
            fc.constantFrom(...real),
            fc.array(fc.tuple(fc.nat({ max: 120 }), fc.nat({ max: 255 })), { maxLength: 4 }),
          )
          .map(([frame, changes]) => {
            const changed = frame.slice();
            for (const [at, value] of changes) changed[at % changed.length] = value;
            return changed;
          }),
      ),
      (frame) => host.receive(frame, 2000),
    ),
    { numRuns: 3000 },
  );
  expect(host.counters.framesIn).toBe(3000);
});
