import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { loadCases } from '../../../harness/case/load.js';
import type { ObservedCase } from '../../../harness/case/model.js';
import type { Packet } from '../../../harness/dissect/packet.js';
import { matchConversation } from '../../../harness/match/conversation.js';
import { recordCase } from '../../../harness/record/record-case.js';
import { playCleanSession } from '../../support/clean-session.js';
import { Talk } from '../../support/talk.js';

const roleOf = (packet: Packet): 'client' | 'server' => (packet.ip.src.endsWith('1') ? 'client' : 'server');

function record(packets: readonly Packet[]): string {
  return recordCase(packets, { file: 'captures/My Session.pcapng', stream: 0, roleOf });
}

let loaded: { text: string; testCase: ObservedCase } | undefined;

function verdict(text: string, packets: readonly Packet[]): string {
  if (loaded?.text !== text) {
    const { cases, errors } = loadCases('recorded.yaml', text);
    expect(errors.map(String)).toEqual([]);
    loaded = { text, testCase: cases[0] as ObservedCase };
  }
  return matchConversation(loaded.testCase, packets, { roleOf, filterHits: new Map() }).verdict;
}

const session = (): Packet[] =>
  new Talk({ clientPort: 12_345, serverPort: 8080 })
    .handshake({ mss: 1460, windowScale: 7, sackPermitted: true })
    .client('PSH,ACK', { payload: 'Hello, "Server"!\r\n' })
    .server('ACK')
    .wait(2500)
    .server('PSH,ACK', { payload: 'x'.repeat(500) })
    .client('ACK')
    .server('PSH,ACK', { len: 900 })
    .client('ACK')
    .server('ACK', { payload: '\u0000\u0001\u0002' })
    .client('ACK')
    .client('ACK')
    .client('ACK')
    .close().packets;

test('a loose case is passed by the next such session, with other windows and stamps', () => {
  const options = { file: 'session.pcapng', stream: 0, roleOf };
  const next = session().map((packet) => ({
    ...packet,
    tcp: {
      ...packet.tcp,
      window: 4096,
      windowRaw: 4096,
      options: { ...packet.tcp.options, timestamp: { value: 7, echoReply: 9 } },
    },
  }));
  const text = recordCase(session(), { ...options, loose: true });
  expect(text).toContain('  - client: "[ACK] Seq=1 Ack=1 Len=18"\n');
  expect([text, record(session())].map((one) => verdict(one, next))).toEqual(['pass', 'fail']);
  expect(verdict(text, next.toSpliced(4, 1))).toBe('fail');
});

test('reads like the packet list', () => {
  expect(record(session())).toMatchInlineSnapshot(`
    "# Recorded from captures/My Session.pcapng, TCP stream 0: client 10.0.0.1:12345, server 10.0.0.2:8080.
    # Judge a capture by it: tcpspec check CAPTURE --expect THIS-FILE
    id: recorded-my-session-0
    title: "A session of 17 packets carries 18 octets to the server and 1403 back and is closed"
    purpose: "The conversation goes packet by packet as it was recorded"
    tags: [recorded]
    families: [ipv4]
    server: { port: 8080 }
    expect:
      - client: "[SYN] Seq=0 Win=65535 Len=0 MSS=1460 SACK_PERM WS=128"
      - server: "[SYN, ACK] Seq=0 Ack=1 Win=65535 Len=0 MSS=1460 SACK_PERM WS=128"
      - client: "[ACK] Seq=1 Ack=1 Win=8388480 Len=0"
      - client: "[PSH, ACK] Seq=1 Ack=1 Win=8388480 Len=18"
        payload: "Hello, \\"Server\\"!\\r\\n"
      - server: "[ACK] Seq=1 Ack=19 Win=8388480 Len=0"
      - server: "[PSH, ACK] Seq=1 Ack=19 Win=8388480 Len=500"
        payload: { repeat: { text: "x", times: 500 } }
        after: 2000ms
        within: 3752ms
      - client: "[ACK] Seq=19 Ack=501 Win=8388480 Len=0"
      - server: "[PSH, ACK] Seq=501 Ack=19 Win=8388480 Len=900"
        payload: { repeat: { hex: "00", times: 900 } }
      - client: "[ACK] Seq=19 Ack=1401 Win=8388480 Len=0"
      - server: "[ACK] Seq=1401 Ack=19 Win=8388480 Len=3"
        payload: { hex: "00 01 02" }
      - client: "[ACK] Seq=19 Ack=1404 Win=8388480 Len=0"
        times: 3
      - client: "[FIN, ACK] Seq=19 Ack=1404 Win=8388480 Len=0"
      - server: "[ACK] Seq=1404 Ack=20 Win=8388480 Len=0"
      - server: "[FIN, ACK] Seq=1404 Ack=20 Win=8388480 Len=0"
      - client: "[ACK] Seq=20 Ack=1405 Win=8388480 Len=0"
      # How many packets push, which a line judges only where it says so:
      - client: "tcp.flags.push=1"
        count: 1
      - server: "tcp.flags.push=1"
        count: 2
    "
  `);
});

test('passes on what it was recorded from', () => {
  expect(verdict(record(session()), session())).toBe('pass');
});

describe('fails when', () => {
  const packets = session();
  const text = record(packets);
  const changes: [string, (packet: Packet) => void][] = [
    ['a sequence number', (packet) => (packet.tcp.seq += 1)],
    ['a flag', (packet) => (packet.tcp.flags ^= 0x008)],
    ['the window', (packet) => (packet.tcp.window += 1)],
    ['the length', (packet) => (packet.tcp.len += 1)],
  ];
  test.each(changes)('%s of any packet changes', (_, change) => {
    packets.forEach((_packet, index) => {
      const changed = session();
      change(changed[index] as Packet);
      expect([index, verdict(text, changed)]).toEqual([index, 'fail']);
    });
  });

  test('a packet is missing, added or swapped', () => {
    packets.forEach((_packet, index) => {
      expect(verdict(text, packets.toSpliced(index, 1))).toBe('fail');
      expect(verdict(text, packets.toSpliced(index, 0, packets[index] as Packet))).toBe('fail');
    });
    expect(verdict(text, packets.toSpliced(3, 2, packets[4] as Packet, packets[3] as Packet))).toBe('fail');
  });

  test('an octet of a recorded payload changes', () => {
    const changed = session();
    const [data] = changed.filter((packet) => packet.tcp.len > 0);
    if (data !== undefined) data.tcp.payload[3] = 0x21;
    expect(verdict(text, changed)).toBe('fail');
  });

  test('an option changes', () => {
    const changed = session();
    (changed[0] as Packet).tcp.options.mss = 1360;
    expect(verdict(text, changed)).toBe('fail');
  });

  test('a long silence is cut short', () => {
    const changed = session();
    changed.slice(5).forEach((packet) => (packet.time -= 2));
    expect(verdict(text, changed)).toBe('fail');
  });
});

test('any session can be recorded and passes', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 2 ** 32 - 1 }),
      fc.array(
        fc.record({
          from: fc.constantFrom('client' as const, 'server' as const),
          octets: fc.integer({ min: 1, max: 3000 }),
        }),
        { maxLength: 4 },
      ),
      fc.constantFrom('client' as const, 'server' as const, 'simultaneous' as const, 'none' as const),
      fc.boolean(),
      (isn, messages, close, v6) => {
        const packets = playCleanSession({
          ...{
            family: v6 ? 6 : 4,
            clientPort: 40_000,
            serverPort: 80,
            clientIsn: isn,
            serverIsn: 2 ** 32 - 9,
          },
          ...{
            toClient: 5,
            toServer: 9,
            mss: 536,
            windowScale: true,
            sack: true,
            timestamps: true,
            window: 65_536,
          },
          ...{
            ackEvery: 2,
            delayedAck: 40,
            messages: messages.map((message) => ({ ...message, think: 3, pipelined: false })),
          },
          ...{
            keepAlives: undefined,
            close,
            afterFin: 10,
            ids: 'counting',
            ttl: [64, 64],
            stream: 0,
            start: 1,
          },
        });
        expect(verdict(record(packets), packets)).toBe('pass');
      },
    ),
    { numRuns: 60 },
  );
});

test('a hostile file name and payload stay text', () => {
  const packets = new Talk()
    .handshake()
    .client('PSH,ACK', { payload: '"\n  - evil: *x &y ${z} `w`' }).packets;
  const text = recordCase(packets, { file: 'a\n"b: #c.pcap', stream: 3, roleOf });
  expect(verdict(text, packets)).toBe('pass');
  expect(text.split('\n')[0]).toBe(
    '# Recorded from a?"b: #c.pcap, TCP stream 3: client 10.0.0.1:40000, server 10.0.0.2:80.',
  );
});
