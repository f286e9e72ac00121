import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { loadCases } from '../../../harness/case/load.js';
import { printLine } from '../../../harness/case/print-line.js';
import { ACK, PSH, SYN } from '../../../harness/dissect/packet.js';
import type { Packet, TcpHeader, TcpOptions } from '../../../harness/dissect/packet.js';
import { matchPacket } from '../../../harness/match/match-packet.js';

function packet(tcp: Partial<TcpHeader>): Packet {
  return {
    frame: 1,
    time: 0,
    interfaceId: 0,
    ip: { version: 4, src: '10.0.0.1', dst: '10.0.0.2', ttl: 64, dscp: 0, ecn: 0 },
    fields: {},
    tcp: {
      stream: 0,
      srcPort: 12345,
      dstPort: 8080,
      seqRaw: 1000000,
      ackRaw: 0,
      seq: 0,
      ack: 0,
      flags: SYN,
      len: 0,
      headerLen: 20,
      windowRaw: 65535,
      window: 65535,
      urgentPointer: 0,
      checksum: 0,
      checksumStatus: 'good',
      options: { kinds: [] },
      payload: new Uint8Array(),
      analysis: [],
      ...tcp,
    },
  };
}

describe("prints as Wireshark's Info column", () => {
  test('a SYN with options in the order of the header', () => {
    const options: TcpOptions = {
      kinds: [2, 4, 8, 1, 3],
      mss: 1460,
      sackPermitted: true,
      timestamp: { value: 4294967295, echoReply: 0 },
      windowScale: 7,
    };
    expect(printLine(packet({ options, window: 64240 }), { ports: true })).toBe(
      '12345 → 8080 [SYN] Seq=0 Win=64240 Len=0 MSS=1460 SACK_PERM TSval=4294967295 TSecr=0 WS=128',
    );
  });

  test('a duplicate acknowledgement with SACK blocks relative to the ISN of the data', () => {
    const options = { kinds: [1, 1, 5], sackBlocks: [{ left: 500, right: 2 }] };
    const tcp = {
      flags: ACK,
      seq: 1,
      ack: 11,
      ackRaw: 10,
      window: 502,
      options,
      analysis: ['duplicate_ack'],
    };
    expect(printLine(packet(tcp), { analysis: true })).toBe(
      '[TCP Dup ACK] [ACK] Seq=1 Ack=11 Win=502 Len=0 SLE=501 SRE=3',
    );
  });

  test('no flags, an urgent pointer', () => {
    expect(printLine(packet({ flags: 0, urgentPointer: 3 }))).toBe('[<None>] Seq=0 Win=65535 Urg=3 Len=0');
  });

  test('a pattern as it was written', () => {
    const { cases } = loadCases('f', 'id: x\ntitle: X\nexpect: [client: { flags: SYN, Seq: 0..5 }]');
    const [item] = cases[0]?.kind === 'observed' ? cases[0].expect : [];
    expect(item?.kind === 'packet' && printLine(item.pattern)).toBe('[SYN] Seq=0..5');
  });
});

const uint = (bits: number) => fc.nat(2 ** bits - 1);
const sequence = fc.oneof(uint(32), fc.constantFrom(0, 1, 2 ** 31, 2 ** 32 - 1));

const anyTcp: fc.Arbitrary<Partial<TcpHeader>> = fc
  .record({
    srcPort: uint(16),
    dstPort: uint(16),
    seq: sequence,
    ack: sequence,
    ackRaw: sequence,
    flags: uint(12),
    len: uint(16),
    window: fc.nat(65535 * 2 ** 14),
    urgentPointer: uint(16),
    analysis: fc.subarray(['retransmission', 'duplicate_ack', 'zero_window', 'keep_alive', 'window_update']),
    options: fc.record(
      {
        kinds: fc.shuffledSubarray([2, 3, 4, 5, 8]),
        mss: uint(16),
        windowScale: fc.nat(14),
        sackPermitted: fc.constant(true),
        sackBlocks: fc.array(fc.record({ left: sequence, right: sequence }), { maxLength: 4 }),
        timestamp: fc.record({ value: sequence, echoReply: sequence }),
      },
      { requiredKeys: ['kinds'] },
    ),
  })
  // Without the ACK flag the field says nothing; a dissection gives 0.
  .map((tcp) => (tcp.flags & ACK ? tcp : { ...tcp, ack: 0 }));

test('what is printed of a packet is a pattern that matches it, and no packet that differs in a printed field', () => {
  fc.assert(
    fc.property(
      anyTcp,
      fc.constantFrom<keyof TcpHeader>('seq', 'len', 'window', 'srcPort', 'flags'),
      (tcp, changed) => {
        const original = packet(tcp);
        const line = printLine(original, { ports: true, analysis: true });
        const { cases, errors } = loadCases(
          'f',
          `id: x\ntitle: X\nexpect: [client: ${JSON.stringify(line)}]`,
        );
        expect(errors.map(String)).toEqual([]);
        const [item] = cases[0]?.kind === 'observed' ? cases[0].expect : [];
        if (item?.kind !== 'packet') throw new Error('not a packet');
        expect(matchPacket(item.pattern, original, {})).toEqual([]);
        const value = original.tcp[changed] as number;
        const other = changed === 'flags' ? value ^ SYN : value === 0 ? 1 : value - 1;
        expect(matchPacket(item.pattern, packet({ ...tcp, [changed]: other }), {})).toHaveLength(1);
      },
    ),
  );
});

test('PSH is judged where it is printed', () => {
  const read = (flags: number) => {
    const text = `id: x\ntitle: X\nexpect: [client: "${printLine(packet({ flags }))}"]`;
    const [testCase] = loadCases('f', text).cases;
    const [item] = testCase?.kind === 'observed' ? testCase.expect : [];
    return item?.kind === 'packet' ? item.pattern.flags : undefined;
  };
  expect(read(PSH | ACK)).toEqual({ set: PSH | ACK, ignore: 0 });
  expect(read(ACK)).toEqual({ set: ACK, ignore: PSH });
});
