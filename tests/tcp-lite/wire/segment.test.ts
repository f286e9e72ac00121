import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { IpPacket } from '../../../tcp-lite/wire/ip-packet.js';
import { decodeIpv4 } from '../../../tcp-lite/wire/ipv4.js';
import { decodeIpv6 } from '../../../tcp-lite/wire/ipv6.js';
import type { Segment } from '../../../tcp-lite/wire/segment.js';
import { decodeSegment, encodedLength, encodeSegment } from '../../../tcp-lite/wire/tcp.js';
import { segments } from './arbitraries.js';

function decode(bytes: Uint8Array, start = 0, end = bytes.length): Segment | string {
  const packet = new IpPacket();
  const read = bytes[start]! >>> 4 === 6 ? decodeIpv6 : decodeIpv4;
  return read(bytes, start, end, packet) ?? decodeSegment(bytes, packet);
}

function encode(segment: Segment): Uint8Array {
  const bytes = new Uint8Array(encodedLength(segment));
  expect(encodeSegment(segment, bytes, 0)).toBe(bytes.length);
  return bytes;
}

describe('segments', () => {
  test('what is written is read back, at any place in a buffer with anything around it', () => {
    fc.assert(
      fc.property(segments(), fc.nat({ max: 40 }), fc.nat({ max: 20 }), (segment, before, after) => {
        const buffer = new Uint8Array(before + encodedLength(segment) + after).fill(0xa5);
        const length = encodeSegment(segment, buffer, before);
        const read = decode(buffer, before, buffer.length) as Segment;
        expect({ ...read, payload: Uint8Array.from(read.payload) }).toEqual(segment);
        expect(buffer.subarray(before + length).every((octet) => octet === 0xa5)).toBe(true);
      }),
    );
  });

  test('what was read is written back octet by octet', () => {
    fc.assert(
      fc.property(segments(), (segment) => {
        const bytes = encode(segment);
        expect(encode(decode(bytes) as Segment)).toEqual(bytes);
      }),
    );
  });

  test('one changed bit anywhere in a TCP segment is found by the checksum', () => {
    fc.assert(
      fc.property(segments(60), fc.nat(), (segment, position) => {
        const bytes = encode(segment);
        const start = segment.version === 4 ? 20 : 40;
        const bit = position % ((bytes.length - start) * 8);
        bytes[start + (bit >>> 3)]! ^= 1 << (bit & 7);
        expect(typeof decode(bytes)).toBe('string');
      }),
    );
  });

  test('IPv4 options are skipped and Ethernet padding is no payload', () => {
    const bytes = encode(sample);
    const withOption = new Uint8Array(bytes.length + 8 + 6);
    withOption.set(bytes.subarray(0, 20));
    withOption.set([0x94, 4, 0, 0, 1, 1, 1, 0], 20);
    withOption.set(bytes.subarray(20), 28);
    withOption[0] = 0x47;
    withOption[3]! += 8;
    withOption.set([0, 0], 10);
    let sum = 0;
    for (let i = 0; i < 28; i += 2) sum += withOption[i]! * 256 + withOption[i + 1]!;
    sum = ~((sum & 0xffff) + (sum >>> 16)) & 0xffff;
    withOption.set([sum >>> 8, sum & 255], 10);
    expect((decode(withOption) as Segment).payload.length).toBe(sample.payload.length);
  });

  test('a source route names the first gateway as destination; a completed one is read in the order of travel', () => {
    const gateways = ['10.0.0.7', '10.0.1.7', '10.0.2.7'];
    const bytes = encode({ ...sample, sourceRoute: gateways });
    expect(Buffer.from(bytes.subarray(12, 36)).toString('hex')).toBe(
      '0a0000010a000007830f040a0001070a0002070a00000200',
    );
    expect(decode(bytes)).toBe('ipv4-source-route');
    // The last gateway has passed it on: all addresses recorded, the pointer behind them.
    bytes.set([10, 0, 0, 2], 16);
    bytes.set([...[16, 10, 0, 0, 7], ...[10, 0, 1, 7], ...[10, 0, 2, 7]], 22);
    bytes.set([0, 0], 10);
    let sum = 0;
    for (let i = 0; i < 36; i += 2) sum += bytes[i]! * 256 + bytes[i + 1]!;
    sum = ~((sum & 0xffff) + (sum >>> 16)) & 0xffff;
    bytes.set([sum >>> 8, sum & 255], 10);
    expect(decode(bytes)).toMatchObject({ src: '10.0.0.1', dst: '10.0.0.2', sourceRoute: gateways });
  });

  test('the layout is the one that Wireshark shows for Linux', () => {
    const options = { mss: 1460, sackPermitted: true, tsVal: 1, tsEcr: 2, windowScale: 7 };
    const bytes = encode({ ...sample, options, payload: new Uint8Array(0) });
    expect(Buffer.from(bytes.subarray(40)).toString('hex')).toBe('020405b40402080a000000010000000201030307');
    const sack = encode({ ...sample, options: { tsVal: 1, tsEcr: 2, sack: [1, 2, 3, 4, 5, 6, 7, 8] } });
    expect(Buffer.from(sack.subarray(40, 80)).toString('hex')).toBe(
      '0101080a00000001000000020101051a000000010000000200000003000000040000000500000006',
    );
  });

  test('IPv6 extension headers are walked, unknown options as their type asks', () => {
    const plain = encode({ ...sample, version: 6, src: 'fd00::1', dst: 'fd00::2', dontFragment: true });
    const wrap = (type: number, header: number[]) => {
      const bytes = new Uint8Array(plain.length + header.length);
      bytes.set(plain.subarray(0, 40));
      bytes.set(header, 40);
      bytes.set(plain.subarray(40), 40 + header.length);
      bytes[6] = type;
      bytes[5]! += header.length;
      return decode(bytes);
    };
    const payload = Buffer.from('Hello');
    expect(wrap(0, [6, 0, 1, 4, 0, 0, 0, 0])).toMatchObject({ payload });
    expect(wrap(60, [6, 0, 0x3e, 4, 0, 0, 0, 0])).toMatchObject({ payload });
    expect(wrap(60, [6, 0, 0x80, 4, 0, 0, 0, 0])).toBe('ipv6-refused-option');
    expect(wrap(44, [6, 0, 0, 0, 1, 2, 3, 4])).toMatchObject({ payload });
    expect(wrap(43, [6, 0, 0, 0, 0, 0, 0, 0])).toMatchObject({ payload });
    expect(wrap(43, [6, 0, 0, 1, 0, 0, 0, 0])).toBe('ipv6-refused-option');
    expect(wrap(0, [6, 9, 1, 4, 0, 0, 0, 0])).toBe('ipv6-malformed');
  });
});

const sample: Segment = {
  version: 4,
  src: '10.0.0.1',
  dst: '10.0.0.2',
  srcPort: 12345,
  dstPort: 8080,
  seq: 0xfffffff0,
  ack: 500000,
  flags: 0x18,
  window: 65535,
  urgent: 0,
  options: {},
  payload: new TextEncoder().encode('Hello'),
  ttl: 64,
  dscp: 0,
  ecn: 0,
  dontFragment: true,
};
