import { expect, test } from '@jest/globals';
import { ladderText } from '../../reports/ladder.js';
import { kernelResetResult, missingAckResult, sampleResult } from '../support/sample-results.js';
import { bulkTransfer, packetRows } from '../support/sample-packets.js';

test('an offending packet is drawn double, with what should have stood there', () => {
  expect(ladderText(kernelResetResult(), { width: 90 })).toMatchInlineSnapshot(`
    "           client                                                                   server
               10.0.0.1:12345                                                    10.0.0.2:8080
      1 0.000  │── [SYN] Seq=0 Win=65535 Len=0 MSS=1460 ────────────────────────────────────▶│
      2 0.125  │◀───────────────────────── [SYN, ACK] Seq=0 Ack=1 Win=65535 Len=0 MSS=1460 ──│
    ✗ 3 0.250  │══ [RST] Seq=1 Win=0 Len=0 ═════════════════════════════════════════════════▶│
               │   ^ unexpected                                                              │
               │   expected: [ACK] Seq=1 Ack=1 Len=0                                         │
      4 0.375  │── [ACK] Seq=1 Ack=1 Win=65535 Len=0 ───────────────────────────────────────▶│
      5 0.500  │── [PSH, ACK] Seq=1 Ack=1 Win=65535 Len=14 "Hello, Server!" ────────────────▶│
      6 0.625  │◀───────────────────────────────────────────────── [RST] Seq=1 Win=0 Len=0 ──│
      7 0.750  │◀───────────────────────────────────────────────── [RST] Seq=1 Win=0 Len=0 ──│"
  `);
});

test('a narrow terminal gets arrows and wrapped lines', () => {
  expect(ladderText(kernelResetResult(), { width: 44 })).toMatchInlineSnapshot(`
    "→ client 10.0.0.1:12345  ← server
    10.0.0.2:8080
      1 0.000  → [SYN] Seq=0 Win=65535 Len=0
                 MSS=1460
      2 0.125  ← [SYN, ACK] Seq=0 Ack=1
                 Win=65535 Len=0
                 MSS=1460
    ✗ 3 0.250  → [RST] Seq=1 Win=0 Len=0
                 ^ unexpected
                 expected: [ACK] Seq=1 Ack=1
                 Len=0
      4 0.375  → [ACK] Seq=1 Ack=1 Win=65535
                 Len=0
      5 0.500  → [PSH, ACK] Seq=1 Ack=1
                 Win=65535 Len=14
                 "Hello, Server!"
      6 0.625  ← [RST] Seq=1 Win=0 Len=0
      7 0.750  ← [RST] Seq=1 Win=0 Len=0"
  `);
});

test('a packet that never came is a gap on the side that owed it', () => {
  expect(ladderText(missingAckResult(), { width: 90 })).toMatchInlineSnapshot(`
    "           client                                                                   server
               10.0.0.1:12345                                                    10.0.0.2:8080
      1 0.000  │── [SYN] Seq=0 Win=65535 Len=0 MSS=1460 ────────────────────────────────────▶│
      2 0.125  │◀───────────────────────── [SYN, ACK] Seq=0 Ack=1 Win=65535 Len=0 MSS=1460 ──│
      3 0.250  │── [ACK] Seq=1 Ack=1 Win=65535 Len=0 ───────────────────────────────────────▶│
      4 0.375  │── [PSH, ACK] Seq=1 Ack=1 Win=65535 Len=14 "Hello, Server!" ────────────────▶│
    ✗          │◀╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌ [ACK] Seq=1 Ack=15 Len=0 ╌╌│
               │   ^ missing: never came                                                     │"
  `);
});

test('a long conversation is cut to the packets around the offending one', () => {
  const packets = bulkTransfer(60);
  const bad = packets[40]!.frame;
  const failure = { step: 41, kind: 'never' as const, expected: 'tcp.analysis.retransmission', frame: bad };
  const text = ladderText({ packets, marks: [], failure }, { width: 100, window: { before: 3, after: 2 } });
  expect(text).toMatchInlineSnapshot(`
    "            client                                                                            server
                10.0.0.1:12345                                                             10.0.0.2:8080
                ⋮ 37 more packets
      38 5.800  │── [ACK] Seq=33305 Ack=1 Win=65535 Len=1448 ─────────────────────────────────────────▶│
      39 5.950  │◀────────────────────────────────────────── [ACK] Seq=1 Ack=34753 Win=2000000 Len=0 ──│
      40 6.000  │── [ACK] Seq=34753 Ack=1 Win=65535 Len=1448 ─────────────────────────────────────────▶│
    ✗ 41 6.200  │══ [ACK] Seq=36201 Ack=1 Win=65535 Len=1448 ═════════════════════════════════════════▶│
                │   ^ the offending packet                                                             │
      42 6.350  │◀────────────────────────────────────────── [ACK] Seq=1 Ack=37649 Win=2000000 Len=0 ──│
      43 6.400  │── [ACK] Seq=37649 Ack=1 Win=65535 Len=1448 ─────────────────────────────────────────▶│
                ⋮ 55 more packets"
  `);
});

test('options that do not fit the arrow stand below it, lost packets end half-way', () => {
  const packets = packetRows([
    { from: 'client', flags: 'SYN', seq: 0, options: 'MSS=1460 SACK_PERM TSval=3000000001 TSecr=0 WS=128' },
    { from: 'client', flags: 'SYN', seq: 0, analysis: ['retransmission'], lost: true },
  ]);
  expect(ladderText({ packets, marks: [] }, { width: 80 })).toMatchInlineSnapshot(`
    "           client                                                         server
               10.0.0.1:12345                                          10.0.0.2:8080
      1 0.000  │── [SYN] Seq=0 Win=65535 Len=0 ───────────────────────────────────▶│
               │   MSS=1460 SACK_PERM TSval=3000000001 TSecr=0 WS=128              │
      2 0.125  │── [SYN] Seq=0 Win=65535 Len=0 ─────────────────╳                  │
               │   Wireshark: TCP Retransmission                                   │
               │   lost on the way                                                 │"
  `);
});

test('other frames stand between the packets', () => {
  const result = sampleResult({
    packets: sampleResult().packets.slice(0, 2),
    otherFrames: [
      {
        frame: 7,
        timeMs: 0.05,
        protocol: 'ICMP',
        info: 'Destination unreachable (Port unreachable)',
        src: '10.0.0.2',
        dst: '10.0.0.1',
      },
    ],
  });
  expect(ladderText(result, { width: 80 })).toMatchInlineSnapshot(`
    "           client                                                         server
               10.0.0.1:12345                                          10.0.0.2:8080
      1 0.000  │── [SYN] Seq=0 Win=65535 Len=0 MSS=1460 ──────────────────────────▶│
      7 0.050  │·· ICMP: Destination unreachable (Port unreachable)                │
      2 0.125  │◀─────────────── [SYN, ACK] Seq=0 Ack=1 Win=65535 Len=0 MSS=1460 ──│"
  `);
});

test('no line is wider than asked', () => {
  for (const width of [30, 40, 60, 76, 80, 120, 200]) {
    for (const result of [
      kernelResetResult(),
      missingAckResult(),
      sampleResult({ packets: bulkTransfer(50) }),
    ]) {
      const widest = Math.max(
        ...ladderText(result, { width })
          .split('\n')
          .map((line) => line.length),
      );
      expect(widest).toBeLessThanOrEqual(width);
    }
  }
});

test('nothing without packets', () => {
  expect(ladderText({ packets: [], marks: [] })).toBe('no packets');
});

test('what was owed by the other end is said so', () => {
  const result = kernelResetResult();
  const failure = { ...result.failure!, expected: '[ACK] Seq=1', from: 'server' as const };
  expect(ladderText({ ...result, failure })).toContain('expected from the server: [ACK] Seq=1');
});
