import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Dissector, type Dissection } from '../../../harness/dissect/dissector.js';
import { flagNames, type OtherFrame, type Packet } from '../../../harness/dissect/packet.js';
import { oddFrames } from '../../support/odd-frames.js';
import {
  LINKTYPE_NULL,
  LINKTYPE_RAW,
  LINKTYPE_SLL,
  everyMillisecond,
  ipTcp,
  pcapFile,
  pcapngFile,
  tcpFrame,
} from '../../support/pcap-builder.js';

const folder = mkdtempSync(join(tmpdir(), 'tcpspec-dissect-'));
const dissectors: Dissector[] = [];

beforeAll(async () => {
  dissectors.push(
    await Dissector.start({ backend: 'sharkd', processes: 1, recycleAfter: 20 }),
    await Dissector.start({ backend: 'tshark' }),
  );
}, 60_000);

afterAll(async () => {
  await Promise.all(dissectors.map((dissector) => dissector.close()));
  rmSync(folder, { recursive: true });
});

function stored(name: string, octets: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, octets);
  return path;
}

const odd = (): string => stored('odd.pcapng', pcapngFile(everyMillisecond(oddFrames())));

/** The same by both programs, which must agree on every field. */
async function dissect(...args: Parameters<Dissector['dissect']>): Promise<Dissection> {
  const [bySharkd, byTshark] = await Promise.all(dissectors.map((dissector) => dissector.dissect(...args)));
  expect(bySharkd).toEqual(byTshark);
  return bySharkd!;
}

/** The failure, which both must report alike. */
async function failure(...args: Parameters<Dissector['dissect']>): Promise<Error & { remedy?: string }> {
  const errors = await Promise.all(
    dissectors.map((dissector) =>
      dissector.dissect(...args).then(
        () => new Error('no failure'),
        (error: Error) => error,
      ),
    ),
  );
  expect(errors[0]).toEqual(errors[1]);
  return errors[0]!;
}

const row = ({ frame, ip, tcp }: Packet): string =>
  `${frame} ${ip.src}:${tcp.srcPort} [${flagNames(tcp.flags)}] Seq=${tcp.seq} Ack=${tcp.ack} Win=${tcp.window}` +
  ` Len=${tcp.payload.length}/${tcp.len} ${tcp.checksumStatus}${tcp.analysis.map((flag) => ` ${flag}`).join('')}`;
const otherRow = ({ frame, src, dst, protocol, info }: OtherFrame): string =>
  `${frame} ${src} > ${dst} ${protocol} ${info}`;

describe('one of everything', () => {
  test('packets', async () => {
    const { packets } = await dissect(odd());
    expect(packets.map(row).join('\n')).toMatchInlineSnapshot(`
      "1 10.0.0.1:12345 [SYN] Seq=0 Ack=0 Win=65535 Len=0/0 good
      2 10.0.0.2:8080 [SYN, ACK] Seq=0 Ack=1 Win=65535 Len=0/0 good
      3 10.0.0.1:12345 [ACK] Seq=1 Ack=1 Win=8388480 Len=0/0 good
      4 10.0.0.1:12345 [PSH, ACK] Seq=1 Ack=1 Win=8388480 Len=29/29 good
      5 10.0.0.2:8080 [PSH, ACK] Seq=1 Ack=30 Win=8388480 Len=1460/1460 good
      6 10.0.0.2:8080 [PSH, ACK] Seq=1 Ack=30 Win=8388480 Len=1460/1460 good retransmission
      7 10.0.0.1:12345 [ACK] Seq=30 Ack=1461 Win=8388480 Len=0/0 good
      12 fd00::1:12345 [SYN] Seq=0 Ack=0 Win=65535 Len=3/3 good
      13 10.0.0.1:1 [ACK] Seq=1 Ack=1 Win=65535 Len=104/104 good
      14 10.0.0.1:2 [ACK] Seq=1 Ack=1 Win=65535 Len=0/0 bad window_update
      20 10.0.0.1:7 [PSH, ACK] Seq=1 Ack=1 Win=65535 Len=80/80 good
      21 10.0.0.1:8 [ACK] Seq=1 Ack=1 Win=65535 Len=60/60 good
      22 fd00::1:8 [ACK] Seq=1 Ack=1 Win=65535 Len=60/60 good
      23 10.0.0.1:9 [FIN, SYN, RST, PSH, ACK, URG, ECE, CWR, AE, Reserved] Seq=0 Ack=1 Win=0 Len=0/0 good
      24 10.0.0.1:10 [<None>] Seq=1 Ack=0 Win=65535 Len=0/0 good window_update
      26 10.0.0.1:11 [SYN] Seq=0 Ack=0 Win=65535 Len=0/0 good
      27 10.0.0.1:12 [ACK] Seq=1 Ack=1 Win=65535 Len=1/1 good"
    `);
  }, 30_000);

  test('other frames', async () => {
    const { others } = await dissect(odd());
    expect(others.map(otherRow).join('\n')).toMatchInlineSnapshot(`
      "8 02:00:00:00:00:01 > 02:00:00:00:00:02 ARP Who has 10.0.0.9? Tell 10.0.0.1
      9 10.0.0.9 > 10.0.0.1 ICMP Destination unreachable (Fragmentation needed)
      10 10.0.0.9 > 10.0.0.1 ICMP Destination unreachable (Port unreachable)
      11 fd00::9 > fd00::1 ICMPv6 Packet Too Big
      15 10.0.0.1 > 10.0.0.2 TCP 3 → 8080[Malformed Packet]
      16 10.0.0.1 > 10.0.0.2 TCP 4 → 8080[Malformed Packet]
      17 10.0.0.1 > 10.0.0.2 TCP 5 → 8080 [ACK] Seq=1 Ack=1 Win=65535, bogus TCP header length (8, must be at least 20)
      18 10.0.0.1 > 10.0.0.2 TCP 6 → 8080 [ACK] Seq=0 Ack=0 Win=65535[Malformed Packet]
      19 10.0.0.1 > 10.0.0.2 IPv4 Fragmented IP protocol (proto=TCP 6, off=0, ID=0009) [Reassembled in #20]
      25 02:00:00:00:00:01 > 02:00:00:00:00:02 0x88b5 Local Experimental Ethertype 1"
    `);
  }, 30_000);

  test('ICMP errors tell of what they quote', async () => {
    const { others } = await dissect(odd());
    const quoted = { src: '10.0.0.1', dst: '10.0.0.2', srcPort: 12345, dstPort: 8080 };
    expect(others.map(({ icmp }) => icmp).filter(Boolean)).toEqual([
      { version: 4, type: 3, code: 4, mtu: 1400, quoted },
      { version: 4, type: 3, code: 3, quoted },
      { version: 6, type: 2, code: 0, mtu: 1280, quoted: { ...quoted, src: 'fd00::1', dst: 'fd00::2' } },
    ]);
  }, 30_000);

  test('headers of IP', async () => {
    const { packets } = await dissect(odd());
    const ip = (frame: number): unknown => packets.find((packet) => packet.frame === frame)?.ip;
    const four = {
      version: 4,
      src: '10.0.0.1',
      dst: '10.0.0.2',
      ttl: 64,
      dscp: 0,
      ecn: 0,
      id: 0,
      dontFragment: false,
    };
    expect(ip(1)).toEqual({ ...four, id: 0x1234, dontFragment: true });
    expect(ip(2)).toEqual({ ...four, src: '10.0.0.2', dst: '10.0.0.1', dscp: 46, ecn: 1 });
    expect(ip(12)).toEqual({ version: 6, src: 'fd00::1', dst: 'fd00::2', ttl: 64, dscp: 10, ecn: 2 });
    expect(ip(21)).toEqual(four);
    expect(ip(22)).toEqual({ version: 6, src: 'fd00::1', dst: 'fd00::2', ttl: 64, dscp: 0, ecn: 0 });
  }, 30_000);

  test('options, all forty octets of them', async () => {
    const { packets } = await dissect(odd());
    const options = (frame: number): unknown => packets.find((packet) => packet.frame === frame)?.tcp.options;
    expect(options(1)).toEqual({
      kinds: [2, 4, 8, 1, 3],
      mss: 1460,
      sackPermitted: true,
      timestamp: { value: 1, echoReply: 0 },
      windowScale: 7,
    });
    expect(options(7)).toEqual({
      kinds: [1, 1, 5, 1, 1, 1, 1],
      sackBlocks: [0, 1, 2, 3].map((i) => ({ left: 505_000 + i * 1000, right: 505_500 + i * 1000 })),
    });
    expect(options(24)).toEqual({ kinds: [2, 1, 254, 3, 1, 1, 8] });
    expect(options(26)).toEqual({ kinds: [34, 30, 1, 1] });
  }, 30_000);

  test('payload is whole, whatever carries it', async () => {
    const { packets } = await dissect(odd());
    const payload = (frame: number): number[] => [
      ...(packets.find((packet) => packet.frame === frame)?.tcp.payload ?? []),
    ];
    const ascending = (length: number): number[] => Array.from({ length }, (_, i) => i & 0xff);
    expect(String.fromCharCode(...payload(4))).toBe('GET / HTTP/1.1\r\nHost: a,b\r\n\r\n');
    expect(payload(5)).toEqual(ascending(1460));
    expect(payload(13)).toEqual(ascending(104));
    expect(payload(20)).toEqual(ascending(80));
    expect(payload(21)).toEqual(ascending(60));
    expect(payload(22)).toEqual(ascending(60));
    expect(payload(27)).toEqual([0x78]);
  }, 30_000);

  test('any other field, as numbers and whole', async () => {
    const fields = [
      'tcp.options.mss_val',
      'tcp.flags',
      'tcp.flags.syn',
      'tcp.checksum.status',
      'ip.checksum.status',
      'ip.dsfield.dscp',
      'tcp.option_kind',
      'tcp.options',
      'tcp.payload',
      'tcp.analysis.flags',
      'tcp.port',
      'ip.id',
      'ip.proto',
      'http',
      'http.host',
      'http.request.uri',
      'frame.time_delta',
      'tcp.window_size_scalefactor',
      'udp.port',
    ];
    const { packets } = await dissect(odd(), { fields });
    const of = (frame: number): Record<string, string[]> =>
      packets.find((packet) => packet.frame === frame)!.fields;
    expect(of(1)).toEqual({
      'tcp.options.mss_val': ['1460'],
      'tcp.flags': ['0x2'],
      'tcp.flags.syn': ['1'],
      'tcp.checksum.status': ['1'],
      'ip.checksum.status': ['1'],
      'ip.dsfield.dscp': ['0'],
      'tcp.option_kind': ['2', '4', '8', '1', '3'],
      'tcp.options': ['020405b40402080a000000010000000001030307'],
      'tcp.payload': [],
      'tcp.analysis.flags': [],
      'tcp.port': ['12345', '8080'],
      'ip.id': ['0x1234'],
      'ip.proto': ['6'],
      http: [],
      'http.host': [],
      'http.request.uri': [],
      'frame.time_delta': ['0.000000000'],
      'tcp.window_size_scalefactor': [],
      'udp.port': [],
    });
    expect(of(2)['ip.dsfield.dscp']).toEqual(['46']);
    expect([of(4)['http'], of(4)['http.host']]).toEqual([['1'], ['a,b']]);
    expect(of(5)['tcp.payload']![0]).toHaveLength(2920);
    expect(of(6)['tcp.analysis.flags']).toEqual(['1']);
    expect(of(14)['tcp.checksum.status']).toEqual(['0']);
  }, 60_000);

  test('display filters select frames of every kind', async () => {
    const { filterHits } = await dissect(odd(), {
      filters: ['icmp || icmpv6', 'tcp.len > 1000', 'tcp.flags.push == 1 && udp'],
    });
    expect([...filterHits].map(([filter, hits]) => [filter, [...hits]])).toEqual([
      ['icmp || icmpv6', [9, 10, 11]],
      ['tcp.len > 1000', [5, 6]],
      ['tcp.flags.push == 1 && udp', []],
    ]);
  }, 30_000);
});

describe('link layers and formats', () => {
  const segment = { seq: 1, flags: 2, payload: 'octets that sharkd shows only the beginning of' };
  const sll = (packet: Uint8Array): Uint8Array =>
    Uint8Array.from([0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, 8, 0, ...packet]);
  const files: [string, Uint8Array][] = [
    [
      'Linux cooked',
      pcapngFile(everyMillisecond([sll(ipTcp(segment))]), [{ name: 'any', linkType: LINKTYPE_SLL }]),
    ],
    ['raw IP', pcapngFile(everyMillisecond([ipTcp(segment)]), [{ name: 'tun0', linkType: LINKTYPE_RAW }])],
    [
      'loopback',
      pcapFile(everyMillisecond([Uint8Array.from([2, 0, 0, 0, ...ipTcp(segment)])]), LINKTYPE_NULL),
    ],
    ['pcap', pcapFile(everyMillisecond([tcpFrame(segment)]))],
    ['pcapng by gzip', gzipSync(pcapngFile(everyMillisecond([tcpFrame(segment)])))],
    ['pcap by gzip', gzipSync(pcapFile(everyMillisecond([tcpFrame(segment)])))],
  ];
  test.each(files)(
    '%s',
    async (name, octets) => {
      const { packets, others } = await dissect(stored(`${name}.cap`, octets));
      expect(others).toEqual([]);
      expect(packets.map(row)).toEqual(['1 10.0.0.1:12345 [SYN] Seq=0 Ack=0 Win=65535 Len=46/46 good']);
      expect(new TextDecoder().decode(packets[0]!.tcp.payload)).toBe(segment.payload);
    },
    30_000,
  );

  test('frames that the capture cut short', async () => {
    const frame = tcpFrame(segment);
    const cut = { ...everyMillisecond([frame.subarray(0, 96)])[0]!, originalLength: frame.length };
    const { packets } = await dissect(stored('snapped.pcapng', pcapngFile([cut])));
    expect(packets.map(row)).toEqual(['1 10.0.0.1:12345 [SYN] Seq=0 Ack=0 Win=65535 Len=42/46 unverified']);
  }, 30_000);

  test('several interfaces', async () => {
    const frames = everyMillisecond([tcpFrame({ seq: 1 }), tcpFrame({ seq: 2 })]);
    frames[1]!.interfaceId = 1;
    const { packets } = await dissect(
      stored('two.pcapng', pcapngFile(frames, [{ name: 'near' }, { name: 'far' }])),
    );
    expect(packets.map(({ interfaceId, time }) => [interfaceId, time])).toEqual([
      [0, 1795000000],
      [1, 1795000000.001],
    ]);
  }, 30_000);

  test('a name with anything in it', async () => {
    const path = stored(`a "b" 'c' $(d) \\ é.pcapng`, pcapngFile(everyMillisecond([tcpFrame({})])));
    expect((await dissect(path)).packets).toHaveLength(1);
  }, 30_000);
});

describe('what cannot be had', () => {
  const whole = pcapngFile(everyMillisecond([tcpFrame({ seq: 1 }), tcpFrame({ seq: 2 })]));

  test('the end of a file that is cut short', async () => {
    const { packets, warnings } = await dissect(stored('cut.pcapng', whole.subarray(0, whole.length - 20)));
    expect(packets).toHaveLength(1);
    expect(warnings).toEqual([expect.stringContaining('cut short in the middle of a packet')]);
  }, 30_000);

  test.each([
    ['empty', new Uint8Array(), 'the file is empty'],
    ['a note', new TextEncoder().encode('hello, this is a text'), 'this is not a capture file'],
    [
      'JSON, which tshark would show as a frame',
      new TextEncoder().encode('{"a": 1}'),
      'this is not a capture file',
    ],
    ['a note by gzip', gzipSync('hello'), 'this is not a capture file'],
    ['half a header', whole.subarray(0, 20), 'the capture ends in the middle of a packet'],
  ])(
    '%s',
    async (_, octets, message) => {
      const path = stored('bad.pcapng', octets);
      expect((await failure(path)).message).toBe(`${path}: ${message}`);
    },
    30_000,
  );

  test('a missing file and a directory', async () => {
    expect((await failure('/nonexistent/x')).message).toBe('/nonexistent/x: there is no such file');
    expect((await failure('/tmp')).message).toBe('/tmp: this is a directory');
  }, 30_000);

  test('an unknown field', async () => {
    const error = await failure(odd(), { fields: ['tcp.len', 'tcp.window_sise'] });
    expect(error.message).toBe('Wireshark has no field "tcp.window_sise"');
    expect(error.remedy).toBe('Did you mean "tcp.window_size"?');
  }, 60_000);

  test('a display filter that is none', async () => {
    expect((await failure(odd(), { filters: ['tcp.flags.reset = 1'] })).message).toMatchInlineSnapshot(`
      "not a display filter: tcp.flags.reset = 1
      "=" was unexpected in this context.
          tcp.flags.reset = 1
                          ^"
    `);
    expect((await failure(odd(), { filters: ['tcp', 'tcp.bogus == 1'] })).message).toMatch(
      /^not a display filter: tcp\.bogus == 1\n.*tcp\.bogus/,
    );
    expect((await failure(odd(), { filters: [' '] })).message).toMatch(/It is empty\.$/);
  }, 60_000);
});

describe('a warm sharkd', () => {
  test('keeps nothing of the file before', async () => {
    const syn = stored('syn.pcapng', pcapngFile(everyMillisecond([tcpFrame({ seq: 5, flags: 2 })])));
    const ack = stored('ack.pcapng', pcapngFile(everyMillisecond([tcpFrame({ seq: 5, flags: 0x10 })])));
    const [sharkd] = dissectors;
    const seen: unknown[] = [];
    for (const path of [odd(), syn, ack, syn, odd(), ack]) {
      const { packets, filterHits } = await sharkd!.dissect(path, { filters: ['tcp.flags.syn == 1'] });
      const [first] = packets;
      seen.push([first!.tcp.stream, first!.tcp.analysis, [...filterHits.get('tcp.flags.syn == 1')!]]);
    }
    const ofOdd = [0, [], [1, 2, 12, 23, 26]];
    const ofSyn = [0, [], [1]];
    const ofAck = [0, [], []];
    expect(seen).toEqual([ofOdd, ofSyn, ofAck, ofSyn, ofOdd, ofAck]);
  }, 30_000);

  test('is replaced in time, and when it dies', async () => {
    const path = stored('again.pcapng', pcapngFile(everyMillisecond([tcpFrame({})])));
    const [sharkd] = dissectors;
    const results = await Promise.all(Array.from({ length: 45 }, () => sharkd!.dissect(path)));
    expect(results.map(({ packets }) => packets.length)).toEqual(Array(45).fill(1));
    const children = execFileSync('pgrep', ['-P', String(process.pid), '-x', 'sharkd'], { encoding: 'utf8' });
    for (const pid of children.trim().split('\n')) process.kill(Number(pid), 'SIGKILL');
    expect((await sharkd!.dissect(path)).packets).toHaveLength(1);
  }, 60_000);
});
