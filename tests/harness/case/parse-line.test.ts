import { describe, expect, test } from '@jest/globals';

import { LINE_FIELDS } from '../../../harness/case/fields.js';
import { parseLine } from '../../../harness/case/parse-line.js';
import { ACK, AE, CWR, ECE, FIN, PSH, RST, SYN, URG } from '../../../harness/dissect/packet.js';

function flagsOf(text: string): [set: number, ignore: number] | undefined {
  const { flags, problems } = parseLine(text);
  expect(problems).toEqual([]);
  return flags === undefined ? undefined : [flags.set, flags.ignore];
}

function fieldsOf(text: string): Record<string, unknown> {
  const { fields, problems } = parseLine(text);
  expect(problems).toEqual([]);
  return Object.fromEntries(fields.map(({ name, value }) => [name, value]));
}

const number = (value: number) => ({ kind: 'number', value });
const equals = (value: number) => ({ kind: 'equals', value: number(value) });

describe('flags', () => {
  test.each<[string, number, number]>([
    ['[SYN]', SYN, PSH],
    ['[SYN, ACK]', SYN | ACK, PSH],
    ['[ACK,SYN]', SYN | ACK, PSH],
    ['[PSH, ACK]', PSH | ACK, 0],
    ['[ACK, !PSH]', ACK, 0],
    ['[ACK, ?PSH]', ACK, PSH],
    ['[SYN, ?ECE, ?CWR]', SYN, ECE | CWR | PSH],
    ['[FIN, PSH, ACK, URG]', FIN | PSH | ACK | URG, 0],
    ['[SYN, ECE, CWR, AE]', SYN | ECE | CWR | AE, PSH],
    ['[NS]', AE, PSH],
    ['[SYN, Reserved]', SYN, PSH | 0xe00],
    ['[<None>]', 0, PSH],
    ['[none]', 0, PSH],
    ['[syn]', SYN, PSH],
    ['[S]', SYN, PSH],
    ['[S.]', SYN | ACK, PSH],
    ['[.]', ACK, PSH],
    ['[P.]', PSH | ACK, 0],
    ['[F.]', FIN | ACK, PSH],
    ['[FP.]', FIN | PSH | ACK, 0],
    ['[R]', RST, PSH],
    ['[R.]', RST | ACK, PSH],
    ['[SEW]', SYN | ECE | CWR, PSH],
    ['[S.E]', SYN | ACK | ECE, PSH],
    ['[P.U]', PSH | ACK | URG, 0],
  ])('%s', (text, set, ignore) => {
    expect(flagsOf(text)).toEqual([set, ignore]);
  });

  test.each([
    ['[AKC]', 1, 'unknown flag `AKC`', 'did you mean `ACK`?'],
    ['[SYN, SYN]', 6, 'the flag `SYN` a second time', undefined],
    ['[]', 1, 'no flag', 'write [<None>] for no flag at all'],
    ['[SYN', 0, '"[" without "]"', undefined],
    ['[SYN] [ACK]', 6, 'a second pair of flags `[ACK]`', undefined],
  ])('%s is refused at %d', (text, index, found, remedy) => {
    const [problem] = parseLine(text).problems;
    expect([problem?.index, problem?.found, problem?.remedy]).toEqual([index, found, remedy]);
  });
});

describe('fields', () => {
  test("reads a line as it stands in Wireshark's Info column", () => {
    const line = parseLine(
      '12345 → 8080 [SYN] Seq=0 Win=64240 Len=0 MSS=1460 SACK_PERM TSval=4294967295 TSecr=0 WS=128',
    );
    expect(line.problems).toEqual([]);
    expect(line.fields.map(({ text, index }) => [index, text])).toEqual([
      [0, '12345'],
      [8, '8080'],
      [19, 'Seq=0'],
      [25, 'Win=64240'],
      [35, 'Len=0'],
      [41, 'MSS=1460'],
      [50, 'SACK_PERM'],
      [60, 'TSval=4294967295'],
      [77, 'TSecr=0'],
      [85, 'WS=128'],
    ]);
  });

  test('ports in every spelling that Wireshark has used', () => {
    const ports = { 'tcp.srcport': equals(1), 'tcp.dstport': equals(65535) };
    for (const arrow of [' → ', ' -> ', ' > ', '→', '->'])
      expect(fieldsOf(`1${arrow}65535 [SYN]`)).toEqual(ports);
  });

  test('values', () => {
    expect(
      fieldsOf(
        'Seq=0x10 Ack=1..10 Win>=1000 Len=!=0 MSS=536|1220 WS=any TSval=present TSecr=absent Urg=$x + 14',
      ),
    ).toEqual({
      Seq: equals(16),
      Ack: { kind: 'range', from: number(1), to: number(10) },
      Win: { kind: 'compare', op: '>=', value: number(1000) },
      Len: { kind: 'compare', op: '!=', value: number(0) },
      MSS: { kind: 'either', values: [equals(536), equals(1220)] },
      WS: { kind: 'any' },
      TSval: { kind: 'present' },
      TSecr: { kind: 'absent' },
      Urg: {
        kind: 'equals',
        value: { kind: 'binary', op: '+', left: { kind: 'variable', name: 'x' }, right: number(14) },
      },
    });
  });

  test('a range between names is not taken for a longer name', () => {
    const una = { kind: 'rfc', name: 'SND.UNA' };
    const nxt = { kind: 'rfc', name: 'SND.NXT' };
    expect(fieldsOf('Ack=SND.UNA..SND.NXT')).toEqual({ Ack: { kind: 'range', from: una, to: nxt } });
  });

  test('SACK blocks repeat, in order', () => {
    const { fields, problems } = parseLine('[ACK] SLE=1 SRE=2 SLE=5 SRE=6');
    expect(problems).toEqual([]);
    expect(fields.map(({ name }) => name)).toEqual(['SLE', 'SRE', 'SLE', 'SRE']);
  });

  test('SACK_PERM with and without a value', () => {
    expect(fieldsOf('SACK_PERM')).toEqual({ SACK_PERM: { kind: 'present' } });
    expect(fieldsOf('SACK_PERM=1')).toEqual({ SACK_PERM: { kind: 'present' } });
    expect(fieldsOf('SACK_PERM=absent')).toEqual({ SACK_PERM: { kind: 'absent' } });
  });

  test('TCP Fast Open as Wireshark shows it', () => {
    expect(fieldsOf('[SYN] TFO=R')).toEqual({ 'tcp.options.tfo.request': { kind: 'present' } });
    expect(fieldsOf('[SYN] TFO=C Len=0')).toEqual({
      'tcp.options.tfo.cookie': { kind: 'present' },
      Len: equals(0),
    });
  });

  test('a tshark name that says the same is judged under the key', () => {
    expect(fieldsOf('tcp.options.mss_val=1460 tcp.window_size_value=5 ip.src=10.0.0.1')).toEqual({
      MSS: equals(1460),
      'tcp.window_size_value': equals(5),
      'ip.src': { kind: 'text', text: '10.0.0.1' },
    });
    for (const { key, tshark } of LINE_FIELDS) {
      if (tshark !== undefined) expect(Object.keys(fieldsOf(`${tshark}=1`))).toEqual([key]);
    }
  });
});

describe("Wireshark's notes", () => {
  test.each([
    ['[TCP Retransmission] [SYN]', 'tcp.analysis.retransmission'],
    ['[TCP Fast Retransmission] [ACK]', 'tcp.analysis.fast_retransmission'],
    ['[TCP Dup ACK 4#1] [ACK]', 'tcp.analysis.duplicate_ack'],
    ['[TCP Keep-Alive] [ACK]', 'tcp.analysis.keep_alive'],
    ['[TCP Keep-Alive ACK] [ACK]', 'tcp.analysis.keep_alive_ack'],
    ['[TCP ZeroWindowProbe] [ACK]', 'tcp.analysis.zero_window_probe'],
    ['[TCP Port numbers reused] [SYN]', 'tcp.analysis.reused_ports'],
    ['[tcp out-of-order] [ACK]', 'tcp.analysis.out_of_order'],
  ])('%s', (text, name) => {
    expect(fieldsOf(text)).toEqual({ [name]: { kind: 'present' } });
  });

  test('what depends on the capture or on reassembly says nothing about TCP', () => {
    expect(fieldsOf('[TCP segment of a reassembled PDU] [ACK]')).toEqual({});
    expect(fieldsOf('[TCP PDU reassembled in 12] [ACK]')).toEqual({});
    expect(fieldsOf('[ACK] [Packet size limited during capture]')).toEqual({});
  });

  test('an unknown one is refused', () => {
    const [problem] = parseLine('[TCP Retransmision] [SYN]').problems;
    expect(problem?.found).toBe('unknown note of Wireshark `[TCP Retransmision]`');
    expect(problem?.remedy).toBe('did you mean `[TCP Retransmission]`?');
  });
});

test('goes on after a problem, so that one line tells all of its own', () => {
  const { problems, fields } = parseLine('[SYN, AKC] Sqe=0 Win=65x Len=0 ACK Len=1 99999 → 1');
  expect(problems.map(({ index, length, found }) => [index, length, found])).toEqual([
    [6, 3, 'unknown flag `AKC`'],
    [11, 3, 'unknown key `Sqe`'],
    [21, 3, '`65x` is not a number'],
    [31, 3, 'unknown key `ACK`'],
    [35, 3, '`Len` a second time'],
    [41, 5, 'the port 99999'],
    [47, 1, '`→`'],
    [49, 1, '`1`'],
  ]);
  expect(fields.map(({ name }) => name)).toEqual(['Len']);
});
