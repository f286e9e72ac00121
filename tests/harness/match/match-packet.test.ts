import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { matchPacket } from '../../../harness/match/match-packet.js';
import { inValue } from '../../../harness/match/match-value.js';
import { neededFields, neededFilters } from '../../../harness/match/needed.js';
import { verdictFor } from '../../../harness/match/verdict-for.js';
import { client, expecting, packets, pattern, scripted, server } from './build.js';
import type { PacketText } from './build.js';

function differing(line: string, text: PacketText, more = ''): string[] {
  const [packet] = packets([text]);
  const item = `- ${text.from}: "${line}"${more === '' ? '' : `\n  ${more}`}`;
  return matchPacket(pattern(item), packet!, {}).map(({ field }) => field);
}

const SYN = client('[SYN] Seq=0 Win=64240 Len=0 MSS=1460 WS=128 SACK_PERM TSval=7 TSecr=0', {
  analysis: ['retransmission'],
  fields: {
    'ip.hdr_len': ['20'],
    'tcp.analysis.rto': ['0.250000'],
    'frame.marked': ['False'],
    'dns.a': ['0x10', 'x'],
  },
});
const SACK = server('[ACK] Seq=1 Ack=1 Win=100 Len=0 SLE=11 SRE=21 SLE=31 SRE=41');

describe('every field of a pattern is judged, and nothing else', () => {
  test.each<[string, string[], PacketText, string?]>([
    ['[SYN]', [], SYN],
    ['Seq=0', [], SYN],
    ['[SYN, ACK] Seq=0', ['Flags'], SYN],
    ['[SYN, PSH]', ['Flags'], SYN],
    ['[SYN, ?ACK, ?PSH]', [], SYN],
    ['MSS=1460 WS=128 SACK_PERM TSval=7 TSecr=0', [], SYN],
    [
      'MSS=1461 WS=64 SACK_PERM=absent TSval=absent TSecr=1',
      ['MSS', 'WS', 'SACK_PERM', 'TSval', 'TSecr'],
      SYN,
    ],
    ['MSS=present WS=any Urg=0 TTL=64', [], SYN],
    ['MSS=any SACK_PERM', ['SACK_PERM'], SACK],
    ['MSS=536|1460 Win=>64000 Len=<1', [], SYN],
    ['Win=1..64239', ['Win'], SYN],
    ['Win!=64240', ['Win'], SYN],
    ['MSS!=536', ['MSS'], SACK],
    ['SLE=11 SRE=21 SLE=31 SRE=41', [], SACK],
    ['SLE=31', ['SLE'], SACK],
    ['SLE=11 SLE=31 SLE=51', ['SLE'], SACK],
    ['[TCP Retransmission] [SYN]', [], SYN],
    ['[TCP Dup ACK 1#1] [SYN]', ['tcp.analysis.duplicate_ack'], SYN],
    ['12345 → 8080 [SYN]', [], SYN],
    ['12345 → 8081 [SYN]', ['tcp.dstport'], SYN],
    ['[SYN]', [], SYN, 'frame.marked: 0'],
    ['[SYN]', [], SYN, 'tcp.analysis.rto: present'],
    ['[SYN]', ['tcp.analysis.rto'], SYN, 'tcp.analysis.rto: absent'],
    ['[SYN]', [], SYN, 'dns.a: 16'],
    ['[SYN]', [], SYN, 'dns.a: X'],
    ['[SYN]', ['dns.a'], SYN, 'dns.a: y'],
    ['[SYN]', ['http.host'], SYN, 'http.host: present'],
    ['[SYN]', [], SYN, 'tcp.flags.syn: true'],
    ['[SYN]', ['tcp.flags.syn'], SYN, 'tcp.flags.syn: 0'],
    ['[SYN]', [], SYN, 'tcp.options.wscale.shift: 7'],
    ['[SYN]', ['payload'], SYN, 'payload: x'],
    ['[SYN]', [], SYN, 'payload: ""'],
    ['Ack=0', [], SYN],
    ['Ack=absent', ['Ack'], SACK],
  ])('%s differs in %j', (...row) => {
    const [line, expected, text, more] = row;
    expect(differing(line, text, typeof more === 'string' ? more : '')).toEqual(expected);
  });
});

describe('sequence numbers', () => {
  const number = fc.integer({ min: 0, max: 2 ** 32 - 1 });
  const literal = (value: number) => ({ kind: 'number', value }) as const;
  const wrap = (value: number) => ((value % 2 ** 32) + 2 ** 32) % 2 ** 32;

  test('are in a range across the wrap as they are in one without', () => {
    fc.assert(
      fc.property(
        number,
        fc.integer({ min: 0, max: 1000 }),
        fc.integer({ min: -2000, max: 2000 }),
        (from, length, offset) => {
          const spec = { kind: 'range', from: literal(from), to: literal(from + length) } as const;
          expect(inValue(spec, wrap(from + offset), {}, true)).toBe(offset >= 0 && offset <= length);
        },
      ),
    );
  });

  test('compare as distances, up to half the space', () => {
    fc.assert(
      fc.property(number, fc.integer({ min: -(2 ** 31) + 1, max: 2 ** 31 - 1 }), (base, distance) => {
        const holds = (op: '<' | '<=' | '>' | '>=' | '!=') =>
          inValue({ kind: 'compare', op, value: literal(base) }, wrap(base + distance), {}, true);
        expect([holds('<'), holds('<='), holds('>'), holds('>='), holds('!=')]).toEqual([
          distance < 0,
          distance <= 0,
          distance > 0,
          distance >= 0,
          distance !== 0,
        ]);
      }),
    );
  });

  test('are equal modulo 2^32; lengths are not', () => {
    const spec = { kind: 'equals', value: literal(-1) } as const;
    expect(inValue(spec, 2 ** 32 - 1, {}, true)).toBe(true);
    expect(inValue(spec, 2 ** 32 - 1, {}, false)).toBe(false);
  });
});

test('the dissector is asked for what the packets do not carry anyway, in every corner of a case', () => {
  const observed = expecting(
    `- client: "[SYN] Seq=0 ip.hdr_len=20"
  let: { rto: tcp.analysis.rto }
- any-order:
    - one-of:
        a: { server: "[ACK]", frame.len: 60 }
        b: { server: "[ACK]", tcp.options.mss_val: 1460 }
    - server: "[ACK]"
      analysis: retransmission
- client: "[ACK]"
  ip.frag_offset: 0
  count: 1`,
    'families: [ipv4]\nnever:\n  - tcp.flags.reset == 1\n  - tcp.flags.reset == 1\n  - client: "[ACK] ip.len=40"',
  );
  const script = scripted(
    'id: s\ntitle: s\niut: server\nstart: ESTABLISHED\nsteps:\n  - expect: "[ACK] frame.len=60 tcp.nxtseq=5"\n',
  );
  expect(neededFields([observed, script])).toEqual([
    'frame.len',
    'ip.frag_offset',
    'ip.hdr_len',
    'ip.len',
    'tcp.analysis.rto',
    'tcp.nxtseq',
  ]);
  expect(neededFilters(observed)).toEqual(['tcp.flags.reset == 1']);
});

test('a MUST broken fails, a SHOULD is not strict, a MAY cannot be broken', () => {
  const levels = ['MUST', 'SHOULD', 'MAY'] as const;
  expect(levels.map((level) => verdictFor({ verdict: 'fail' }, level))).toEqual([
    'fail',
    'non-strict',
    'pass',
  ]);
  for (const verdict of ['pass', 'inconclusive'] as const) {
    expect(levels.map((level) => verdictFor({ verdict }, level))).toEqual([verdict, verdict, verdict]);
  }
});
