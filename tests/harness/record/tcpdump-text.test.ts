import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { tcpdumpLine } from '../../../harness/cli/packet-views.js';
import { printLine } from '../../../harness/case/print-line.js';
import { parseTcpdumpText } from '../../../harness/record/tcpdump-text.js';
import { Talk } from '../../support/talk.js';

const lines = (text: string): string[] =>
  parseTcpdumpText(text).packets.map((packet) => `${packet.tcp.srcPort} ${printLine(packet)}`);

const SESSION = [
  '1 [SYN] Seq=0 Win=64240 Len=0 MSS=1460 SACK_PERM TSval=10 TSecr=0 WS=128',
  '80 [SYN, ACK] Seq=0 Ack=1 Win=65160 Len=0 MSS=1460 SACK_PERM TSval=20 TSecr=10 WS=128',
  '1 [ACK] Seq=1 Ack=1 Win=64256 Len=0 TSval=11 TSecr=20',
  '1 [PSH, ACK] Seq=1 Ack=1 Win=64256 Len=14 TSval=11 TSecr=20',
  '80 [ACK] Seq=1 Ack=15 Win=65152 Len=0 TSval=21 TSecr=11',
];

test('relative numbers', () => {
  expect(
    lines(`
12:00:00.000000 IP 10.0.0.1.1 > 10.0.0.2.80: Flags [S], seq 4294967290, win 64240, options [mss 1460,sackOK,TS val 10 ecr 0,nop,wscale 7], length 0
12:00:00.001000 IP 10.0.0.2.80 > 10.0.0.1.1: Flags [S.], seq 500, ack 4294967291, win 65160, options [mss 1460,sackOK,TS val 20 ecr 10,nop,wscale 7], length 0
12:00:00.002000 IP 10.0.0.1.1 > 10.0.0.2.80: Flags [.], ack 1, win 502, options [nop,nop,TS val 11 ecr 20], length 0
12:00:00.003000 IP 10.0.0.1.1 > 10.0.0.2.80: Flags [P.], seq 1:15, ack 1, win 502, options [nop,nop,TS val 11 ecr 20], length 14: HTTP
12:00:00.004000 IP 10.0.0.2.80 > 10.0.0.1.1: Flags [.], ack 15, win 509, options [nop,nop,TS val 21 ecr 11], length 0`),
  ).toEqual(SESSION);
});

test('absolute numbers, epoch stamps, IPv6, an interface in front', () => {
  expect(
    lines(`
1700000000.000000 eth0  Out IP6 fd00::1.1 > fd00::2.80: Flags [S], seq 4294967290, win 64240, options [mss 1460,sackOK,TS val 10 ecr 0,nop,wscale 7], length 0
1700000000.001000 eth0  In  IP6 fd00::2.80 > fd00::1.1: Flags [S.], seq 500, ack 4294967291, win 65160, options [mss 1460,sackOK,TS val 20 ecr 10,nop,wscale 7], length 0
1700000000.002000 eth0  Out IP6 fd00::1.1 > fd00::2.80: Flags [.], ack 501, win 502, options [nop,nop,TS val 11 ecr 20], length 0
1700000000.003000 eth0  Out IP6 fd00::1.1 > fd00::2.80: Flags [P.], seq 4294967291:9, ack 501, win 502, options [nop,nop,TS val 11 ecr 20], length 14
1700000000.004000 eth0  In  IP6 fd00::2.80 > fd00::1.1: Flags [.], ack 9, win 509, options [nop,nop,TS val 21 ecr 11], length 0`),
  ).toEqual(SESSION);
});

test('verbose, with the IP header on its own line', () => {
  const { packets } = parseTcpdumpText(`
2026-11-21 13:33:02.849727 IP (tos 0x0, ttl 57, id 4711, offset 0, flags [DF], proto TCP (6), length 60)
    10.0.0.1.1 > 10.0.0.2.80: Flags [S], cksum 0x1234 (incorrect -> 0x5678), seq 7, win 64240, length 0`);
  expect(packets[0]).toMatchObject({
    time: Date.UTC(2026, 10, 21, 13, 33, 2) / 1000 + 0.849727,
    ip: { ttl: 57, id: 4711, dontFragment: true },
    tcp: { seqRaw: 7, checksum: 0x1234, checksumStatus: 'bad' },
  });
});

test('the form of tcpdump before 4.0', () => {
  expect(
    lines(`
12:00:00.000000 10.0.0.1.1 > 10.0.0.2.80: S 4294967290:4294967290(0) win 64240 <mss 1460,sackOK,timestamp 10 0,nop,wscale 7>
12:00:00.001000 10.0.0.2.80 > 10.0.0.1.1: S 500:500(0) ack 4294967291 win 65160 <mss 1460,sackOK,timestamp 20 10,nop,wscale 7>
12:00:00.002000 10.0.0.1.1 > 10.0.0.2.80: . ack 1 win 502 <nop,nop,timestamp 11 20>
12:00:00.003000 10.0.0.1.1 > 10.0.0.2.80: P 1:15(14) ack 1 win 502 <nop,nop,timestamp 11 20>
12:00:00.004000 10.0.0.2.80 > 10.0.0.1.1: . ack 15 win 509 <nop,nop,timestamp 21 11>`),
  ).toEqual(SESSION);
});

test('a refusal, and the payload of a hex dump', () => {
  const { packets, withPayload } = parseTcpdumpText(`
12:00:00.000000 IP 10.0.0.1.1 > 10.0.0.2.81: Flags [S], seq 1000, win 64240, length 0
12:00:00.000100 IP 10.0.0.2.81 > 10.0.0.1.1: Flags [R.], seq 0, ack 1001, win 0, length 0
12:00:01.000000 IP 10.0.0.1.2 > 10.0.0.2.80: Flags [P.], seq 5:7, ack 9, win 10, length 2
\t0x0000:  4500 002a 0001 4000 4006 26cb 0a00 0001  E..*..@.@.&.....
\t0x0010:  0a00 0002 0002 0050 0000 0005 0000 0009  .......P........
\t0x0020:  5018 000a 0000 0000 6869                 P.......hi`);
  expect(packets.map((packet) => printLine(packet))).toEqual([
    '[SYN] Seq=0 Win=64240 Len=0',
    '[RST, ACK] Seq=0 Ack=1 Win=0 Len=0',
    '[PSH, ACK] Seq=1 Ack=1 Win=10 Len=2',
  ]);
  expect(withPayload).toBe(true);
  expect(Buffer.from(packets[2]?.tcp.payload ?? []).toString()).toBe('hi');
});

test('times go on over midnight, and from packet to packet with -ttt', () => {
  const at = (stamp: string): string =>
    `${stamp} IP 10.0.0.1.1 > 10.0.0.2.80: Flags [S], seq 1, win 1, length 0`;
  const times = (...stamps: string[]): number[] =>
    parseTcpdumpText(stamps.map(at).join('\n')).packets.map((packet) => packet.time);
  expect(times('23:59:59.500000', '00:00:00.500000')).toEqual([86_399.5, 86_400.5]);
  expect(times(' 00:00:00.000000', ' 00:00:01.000000', ' 00:00:00.500000')).toEqual([0, 1, 1.5]);
});

describe('what cannot be read', () => {
  const packet = (from: string): string =>
    `12:00:00.000000 IP ${from} > 10.0.0.2.80: Flags [S], seq 1, win 1, length 0`;
  test.each([
    [packet('myhost.1'), 'line 1: "myhost" is no IP address: tcpdump prints addresses with -n'],
    [packet('10.0.0.1.frobnicate'), 'line 1: "frobnicate" is no port number: tcpdump prints numbers with -n'],
    [packet('10.0.0.1.1').replace('[S]', '[SX]'), 'line 1: unknown TCP flag "X" in [SX]'],
  ])('%s', (text, message) => {
    expect(() => parseTcpdumpText(text)).toThrow(message);
  });

  test('any text either gives packets or a clear error', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string(), fc.constant(packet('10.0.0.1.1'))), { maxLength: 6 }),
        (parts) => {
          try {
            parseTcpdumpText(parts.join('\n'));
          } catch (error) {
            expect((error as Error).name).toBe('TcpdumpTextError');
          }
        },
      ),
    );
  });
});

test('reads back the lines that analyze prints', () => {
  const talk = new Talk({ clientIsn: 2 ** 32 - 5 })
    .handshake({ mss: 1460, windowScale: 7, sackPermitted: true })
    .client('PSH,ACK', { len: 100 })
    .server('ACK', { options: { sackBlocks: [{ left: 200, right: 300 }] } })
    .close();
  const seen = new Set<number>();
  const text = talk.packets.map((packet) => {
    const first = !seen.has(packet.tcp.srcPort);
    seen.add(packet.tcp.srcPort);
    return tcpdumpLine(packet, first);
  });
  const { packets } = parseTcpdumpText(text.join('\n'));
  expect(packets.map((packet) => printLine(packet))).toEqual(talk.packets.map((packet) => printLine(packet)));
});
