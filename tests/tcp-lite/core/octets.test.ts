import { describe, expect, test } from '@jest/globals';
import { IpPacket } from '../../../tcp-lite/wire/ip-packet.js';
import { decodeIpv4 } from '../../../tcp-lite/wire/ipv4.js';
import { decodeSegment, encodedLength, encodeSegment } from '../../../tcp-lite/wire/tcp.js';
import { complement, sum16 } from '../../../tcp-lite/wire/checksum.js';
import { Bench, PEER } from './bench.js';

/** A SYN of the peer with these octets as options and these as IP options, checksums right. */
function syn(bench: Bench, options: number[], ipOptions: number[] = []): Uint8Array {
  const segment = bench.segment('SYN', { options: {} });
  const plain = new Uint8Array(encodedLength(segment));
  encodeSegment(segment, plain, 0);
  const octets = Uint8Array.from([...plain.subarray(0, 20), ...ipOptions, ...plain.subarray(20), ...options]);
  const tcp = 20 + ipOptions.length;
  octets[0] = 0x40 | (tcp / 4);
  octets[2] = octets.length >> 8;
  octets[3] = octets.length & 255;
  octets.set([0, 0], 10);
  const ipSum = complement(sum16(octets, 0, tcp));
  octets.set([ipSum >> 8, ipSum & 255], 10);
  octets[tcp + 12] = ((20 + options.length) / 4) << 4;
  octets.set([0, 0], tcp + 16);
  const length = octets.length - tcp;
  const sum = complement(sum16(octets, 12, 20) + 6 + length + sum16(octets, tcp, octets.length));
  octets.set([sum >> 8, sum & 255], tcp + 16);
  return octets;
}

/** Through the codecs into the core; the MSS of the connection that comes of it, or why the octets were dropped. */
function mssAfter(options: number[], ipOptions: number[] = []): number | string {
  const bench = new Bench();
  const octets = syn(bench, options, ipOptions);
  const packet = new IpPacket();
  const dropped = decodeIpv4(octets, 0, octets.length, packet);
  if (dropped !== undefined) return dropped;
  const segment = decodeSegment(octets, packet);
  if (typeof segment === 'string') return segment;
  bench.tcp.segmentArrives(segment, bench.now);
  bench.sent();
  bench.say('ACK');
  return bench.connection.status().sndMss;
}

describe('octets through codecs and core', () => {
  test.each([
    ['MUST-4: MSS, then end of options', [2, 4, 3, 232, 0, 0, 0, 0], 1000],
    ['MUST-4, MUST-64: MSS behind no-operations, at an odd place', [1, 2, 4, 3, 232, 1, 1, 0], 1000],
    ['MUST-6: MSS behind options that nobody knows', [253, 4, 1, 2, 200, 2, 2, 4, 3, 232, 1, 0], 1000],
    ['MUST-4: none at all', [], 536],
    ['MUST-7: a length of 0', [253, 0, 2, 4, 3, 232, 0, 0], 536],
    ['MUST-7: a length of 1', [253, 1, 2, 4, 3, 232, 0, 0], 536],
    ['MUST-7: a length past the header', [2, 4, 3, 232, 253, 40, 0, 0], 1000],
    ['MUST-7: an MSS of the wrong length', [2, 3, 3, 1, 1, 1, 1, 0], 536],
  ])('%s', (_what, options, mss) => {
    expect(mssAfter(options)).toBe(mss);
  });

  test('MUST-50: IP options that TCP does not understand are ignored', () => {
    expect(mssAfter([2, 4, 3, 232], [0x94, 4, 0, 0])).toBe(1000);
    expect(mssAfter([2, 4, 3, 232], [1, 1, 1, 0])).toBe(1000);
  });

  test('MUST-68, MUST-69: options of every segment sent have lengths, and only no-operations pad', () => {
    const bench = new Bench({ connection: { timestamps: true, sack: true, windowScale: true } });
    bench.reach('ESTABLISHED', 'passive', {
      mss: 1000,
      sackPermitted: true,
      windowScale: 2,
      tsVal: 5,
      tsEcr: 0,
    });
    bench.tcp.connect({ remoteAddress: PEER, remotePort: 1 }, bench.now);
    bench.tcp.segmentArrives(bench.segment('ACK', { seq: 9, payload: 4 }), bench.now);
    bench.connection.write(new Uint8Array(10), bench.now);
    const kinds = new Set<number>();
    for (const segment of bench.take()) {
      const octets = new Uint8Array(encodedLength(segment));
      encodeSegment(segment, octets, 0);
      const end = 20 + (octets[32]! >> 4) * 4;
      let at = 40;
      while (at < end) {
        kinds.add(octets[at]!);
        if (octets[at] === 0) expect([...octets.subarray(at, end)].every((octet) => octet === 0)).toBe(true);
        at += octets[at]! <= 1 ? 1 : octets[at + 1]!;
      }
      expect(at).toBe(end);
    }
    expect([...kinds].sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 8]);
  });
});
