import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { canonicalValues, readSelection } from '../../../harness/dissect/field-values.js';
import { AT, BASE_FIELDS, layersOf, numberOf, toPacket } from '../../../harness/dissect/raw-frame.js';
import { readTree } from '../../../harness/dissect/sharkd-tree.js';
import { readTcpOptions } from '../../../harness/dissect/tcp-options.js';

describe('values in one spelling', () => {
  test.each([
    ['', 'FT_UINT8', []],
    ['12345,8080', 'FT_UINT16', ['12345', '8080']],
    ['0x0018', 'FT_UINT16', ['0x18']],
    ['0x000', 'FT_UINT16', ['0x0']],
    ['0x00AB (171)', 'FT_UINT16', ['0xab']],
    ['-5', 'FT_INT32', ['-5']],
    ['Set,Not set', 'FT_BOOLEAN', ['1', '0']],
    ['True', 'FT_BOOLEAN', ['1']],
    ['1', 'FT_BOOLEAN', ['1']],
    ['✓', 'FT_NONE', ['1']],
    ['Hypertext Transfer Protocol', 'FT_PROTOCOL', ['1']],
    ['61:62', 'FT_BYTES', ['6162']],
    ['fd00::1', 'FT_IPv6', ['fd00::1']],
    ['0.001', 'FT_RELATIVE_TIME', ['0.001']],
    ['Nov 18, 2026 11:06:40', 'FT_ABSOLUTE_TIME', ['Nov 18, 2026 11:06:40']],
  ])('%s of %s', (text, type, values) => {
    expect(canonicalValues(text, type)).toEqual(values);
  });

  test.each([
    ['Maximum segment size', 'FT_UINT8'],
    ['Yes', 'FT_BOOLEAN'],
    ['616161…', 'FT_BYTES'],
    ['one, or two', 'FT_STRING'],
    ['beginning…', 'FT_STRING'],
  ])('%s of %s does not tell', (text, type) => {
    expect(canonicalValues(text, type)).toBeUndefined();
  });

  test('a separator that no value has lets texts have commas', () => {
    expect(canonicalValues('one, or two\x1fthree', 'FT_STRING', '\x1f')).toEqual(['one, or two', 'three']);
  });
});

describe('the tree of a frame', () => {
  test('is read as display filters', () => {
    expect(readSelection('ip.ttl == 64')).toEqual({ name: 'ip.ttl', value: '64' });
    expect(readSelection('http.host == "a \\"b\\" == \\x41\\n"')).toEqual({
      name: 'http.host',
      value: 'a "b" == A\n',
    });
    expect(readSelection('tcp.analysis')).toEqual({ name: 'tcp.analysis', value: undefined });
  });

  test('gives every occurrence in order', () => {
    const tree = [
      { f: 'ip', n: [{ f: 'ip.src == 10.0.0.9' }] },
      { f: 'icmp', n: [{ n: [{ f: 'ip.src == 10.0.0.1' }] }] },
    ];
    expect([...readTree(tree)]).toEqual([
      ['ip', ['1']],
      ['ip.src', ['10.0.0.9', '10.0.0.1']],
      ['icmp', ['1']],
    ]);
  });
});

describe('layers', () => {
  test.each([
    ['eth:ethertype:ip:tcp:http', { tcp: true, version: 4, ip: 0, linkLength: 14 }],
    [
      'eth:ethertype:vlan:ethertype:vlan:ethertype:ipv6:tcp',
      { tcp: true, version: 6, ip: 0, linkLength: 22 },
    ],
    ['sll:ethertype:ip:tcp', { tcp: true, version: 4, ip: 0, linkLength: undefined }],
    ['raw:ip:tcp', { tcp: true, version: 4, ip: 0, linkLength: undefined }],
    ['eth:ethertype:ip:ip:tcp', { tcp: true, version: 4, ip: 1, linkLength: undefined }],
    ['eth:ethertype:ip:ipv6:tcp', { tcp: true, version: 6, ip: 0, linkLength: undefined }],
    [
      'eth:ethertype:ip:udp:vxlan:eth:ethertype:ip:tcp',
      { tcp: true, version: 4, ip: 1, linkLength: undefined },
    ],
    ['eth:ethertype:ip:icmp:ip:tcp', { tcp: false, icmp: 4, version: 4, ip: 0 }],
    ['eth:ethertype:ipv6:icmpv6:ipv6:tcp', { tcp: false, icmp: 6, version: 6, ip: 0 }],
    ['eth:ethertype:ip:ipv6:udp', { tcp: false, version: 4, ip: 0 }],
    ['eth:ethertype:arp', { tcp: false, version: undefined }],
    ['', { tcp: false, version: undefined }],
  ])('%s', (protocols, layers) => {
    expect(layersOf(protocols)).toMatchObject(layers);
  });
});

describe('a frame', () => {
  const whole: Record<string, string> = {
    'frame.time_epoch': '1795000000.123456789',
    'frame.protocols': 'eth:ethertype:ip:tcp',
    'ip.src': '10.0.0.1',
    'ip.dst': '10.0.0.2',
    'ip.ttl': '64',
    'ip.dsfield': '0x00',
    'ip.id': '0x0001',
    'ip.flags.df': '1',
    'tcp.stream': '3',
    'tcp.srcport': '1',
    'tcp.dstport': '2',
    'tcp.seq_raw': '4294967295',
    'tcp.ack_raw': '0',
    'tcp.flags': '0x0002',
    'tcp.len': '0',
    'tcp.hdr_len': '20',
    'tcp.window_size_value': '1',
    'tcp.checksum': '0xffff',
  };
  const rowOf = (values: Record<string, string>): string[] => BASE_FIELDS.map((field) => values[field] ?? '');

  test('is a packet when its header is whole, whatever else is missing', () => {
    const packet = toPacket(7, rowOf(whole));
    expect(packet).toMatchObject({
      frame: 7,
      interfaceId: 0,
      tcp: { seqRaw: 4294967295, window: 1, urgentPointer: 0 },
    });
    expect(packet?.tcp.checksumStatus).toBe('unverified');
  });

  test.each([
    ['1', '0x1234', 'good'],
    ['Good', '0x1234', 'good'],
    ['0', '0x1234', 'bad'],
    ['Bad', '0x1234', 'bad'],
    ['2', '0x1234', 'unverified'],
    // Zero has two spellings in ones' complement, and Wireshark takes one of them for wrong.
    ['0', '0xffff', 'unverified'],
    ['1', '0xffff', 'good'],
  ])('checksum status %s of %s is %s', (status, checksum, verdict) => {
    const row = rowOf({ ...whole, 'tcp.checksum': checksum, 'tcp.checksum.status': status });
    expect(toPacket(7, row)?.tcp.checksumStatus).toBe(verdict);
  });

  test.each([
    'tcp.srcport',
    'tcp.seq_raw',
    'tcp.ack_raw',
    'tcp.flags',
    'tcp.len',
    'tcp.hdr_len',
    'tcp.checksum',
  ])('is none without %s', (field) => {
    expect(toPacket(7, rowOf({ ...whole, [field]: '' }))).toBeUndefined();
  });

  test('in a tunnel has the addresses of the inner header', () => {
    const inner = {
      ...whole,
      'frame.protocols': 'eth:ethertype:ip:ip:tcp',
      'ip.src': '192.0.2.1\x1f10.0.0.7',
    };
    expect(toPacket(1, rowOf(inner))?.ip.src).toBe('10.0.0.7');
  });

  test('of any values is read or refused', () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { maxLength: BASE_FIELDS.length }), (values) => {
        values[AT['frame.protocols']] = 'eth:ethertype:ip:tcp';
        toPacket(1, values);
      }),
    );
  });

  test('numbers', () => {
    expect(['12', '0x1f', '0x1234 (4660)', '', 'Set'].map(numberOf)).toEqual([12, 31, 4660, NaN, NaN]);
  });
});

describe('TCP options', () => {
  const read = (...octets: number[]): unknown => readTcpOptions(Uint8Array.from(octets));

  test('with the right lengths have values', () => {
    expect(read(2, 4, 5, 0xb4, 1, 3, 3, 7, 4, 2, 8, 10, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 9)).toEqual({
      kinds: [2, 1, 3, 4, 8],
      mss: 1460,
      windowScale: 7,
      sackPermitted: true,
      timestamp: { value: 4294967295, echoReply: 9 },
    });
    expect(read(5, 10, 0xff, 0, 0, 0, 0, 0, 0, 5)).toEqual({
      kinds: [5],
      sackBlocks: [{ left: 0xff000000, right: 5 }],
    });
  });

  test('that the capture holds in part say how much is missing', () => {
    const begin = Uint8Array.of(2, 4, 5, 0xb4);
    expect(readTcpOptions(begin, 20)).toEqual({ kinds: [2], mss: 1460, cut: 16 });
    expect(readTcpOptions(begin, 4)).toEqual({ kinds: [2], mss: 1460 });
  });

  test('with wrong lengths only have their kind', () => {
    expect(read(2, 3, 1, 3, 2, 4, 3, 0, 5, 2)).toEqual({ kinds: [2, 3, 4, 5] });
  });

  test('end at an end mark and at a length that cannot be', () => {
    expect(read(1, 0, 2, 4, 5, 0xb4)).toEqual({ kinds: [1, 0] });
    expect(read(8, 0, 1)).toEqual({ kinds: [8] });
    expect(read(8, 1, 1)).toEqual({ kinds: [8] });
    expect(read(1, 8, 11, 0)).toEqual({ kinds: [1, 8] });
    expect(read(254)).toEqual({ kinds: [254] });
  });

  test('of any octets are read', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (octets) => readTcpOptions(octets).kinds.length <= 40),
    );
  });
});
