import { expect, test } from '@jest/globals';
import { ladderSvg } from '../../reports/ladder-svg.js';
import { describe as described, timeSequenceSvg } from '../../reports/time-sequence-svg.js';
import { timeSequence, timeSequences } from '../../reports/time-sequence.js';
import { packetColour } from '../../reports/wire/colours.js';
import { infoColumn } from '../../reports/wire/info.js';
import { bulkTransfer, echoSession, packetRows } from '../support/sample-packets.js';
import { kernelResetResult, missingAckResult, sampleResult } from '../support/sample-results.js';

const labels = (svg: string): string[] =>
  [...svg.matchAll(/role="listitem"[^>]*aria-label="([^"]*)"/g)].map(([, text]) => text!);

test('every rung says itself in words, and the offending one what was expected', () => {
  expect(labels(ladderSvg(kernelResetResult())).slice(1, 4)).toMatchInlineSnapshot(`
    [
      "Packet 2, 0.125 ms, server to client: [SYN, ACK] Seq=0 Ack=1 Win=65535 Len=0 MSS=1460",
      "Packet 3, 0.250 ms, client to server: [RST] Seq=1 Win=0 Len=0; ✗ unexpected; expected: [ACK] Seq=1 Ack=1 Len=0",
      "Packet 4, 0.375 ms, client to server: [ACK] Seq=1 Ack=1 Win=65535 Len=0",
    ]
  `);
  expect(labels(ladderSvg(missingAckResult())).at(-1)).toMatchInlineSnapshot(
    `"Missing packet from the server: [ACK] Seq=1 Ack=15 Len=0"`,
  );
});

test('one rung can be reached by the tab key: the offending one, else the first', () => {
  const reachable = (svg: string): string[] =>
    [...svg.matchAll(/tabindex="0"\s+data-row="([^"]*)"/g)].map(([, row]) => row!);
  expect(reachable(ladderSvg(kernelResetResult()))).toEqual(['packet 3']);
  expect(reachable(ladderSvg(sampleResult()))).toEqual(['packet 1']);
  expect(reachable(ladderSvg(missingAckResult()))).toEqual(['gap']);
});

test('every field is in the title of a rung', () => {
  const svg = ladderSvg({ packets: echoSession().slice(3, 4), marks: [] });
  expect(/<title>([^<]*)<\/title/.exec(svg)![1]).toMatchInlineSnapshot(`
    "frame.number: 4
    frame.time_relative: 0.375 ms
    frame.len: 68 octets
    ip.src: 10.0.0.1
    ip.dst: 10.0.0.2
    tcp.srcport: 12345
    tcp.dstport: 8080
    tcp.flags: PSH, ACK
    tcp.seq: 1 (relative)
    tcp.seq_raw: 1000001 (0xf4241)
    tcp.ack: 1 (relative)
    tcp.ack_raw: 500001 (0x7a121)
    tcp.len: 14 octets
    tcp.window_size: 65535 octets
    tcp.window_size_value: 65535 (0xffff)
    tcp.payload: &quot;Hello, Server!&quot;"
  `);
});

test('a long ladder is cut around what is wrong', () => {
  const packets = bulkTransfer(500);
  const failure = { step: 3, kind: 'unexpected' as const, expected: '[ACK]', frame: 400 };
  const shown = labels(ladderSvg({ packets, marks: [], failure }, { maxRows: 20 }));
  expect(shown).toHaveLength(21);
  expect(shown.some((label) => label.startsWith('Packet 400,'))).toBe(true);
});

test('a file of its own carries its style, a page’s does not', () => {
  expect(ladderSvg(sampleResult(), { standalone: true })).toContain('prefers-color-scheme');
  expect(ladderSvg(sampleResult())).not.toContain('<style');
});

test('a time-sequence graph has segments, retransmissions, ACKs, window and SACK', () => {
  const [graph, ...more] = timeSequences(bulkTransfer(200));
  expect(more).toEqual([]);
  expect(described(graph!)).toMatchInlineSnapshot(
    `"Time-sequence graph, data from the client: 202 segments, 289600 octets in 0.040 s, 2 retransmitted, 106 ACKs, 10 SACK blocks"`,
  );
  const svg = timeSequenceSvg(graph!);
  for (const name of ['seg', 'again', 'acks', 'wins', 'sacks']) {
    expect(svg).toMatch(new RegExp(`class="${name}"\\s+d="M`));
  }
  expect(timeSequences(echoSession())).toEqual([]);
});

test('sequence numbers go on where they wrap', () => {
  const top = 2 ** 32;
  const packets = packetRows([
    { from: 'client', flags: 'ACK', seq: top - 2000, ack: 1, len: 1500 },
    { from: 'client', flags: 'ACK', seq: top - 500, ack: 1, len: 1500 },
    { from: 'client', flags: 'ACK', seq: 1000, ack: 1, len: 1500 },
    { from: 'server', flags: 'ACK', seq: 1, ack: 2500 },
  ]);
  const graph = timeSequence(packets, 'client');
  const start = graph.segments[0]!.from;
  expect(graph.segments.map(({ from, to }) => [from - start, to - start])).toEqual([
    [0, 1500],
    [1500, 3000],
    [3000, 4500],
  ]);
  expect(graph.segments.some(({ again }) => again)).toBe(false);
  expect(graph.acks[0]!.seq - start).toBe(4500);
});

test('the Info column and the colours are Wireshark’s', () => {
  const [again, reset, http, fin, plain] = packetRows([
    { from: 'client', flags: 'PSH, ACK', seq: 1, ack: 1, len: 5, analysis: ['fast_retransmission'] },
    { from: 'server', flags: 'RST', seq: 1 },
    { from: 'client', flags: 'ACK', seq: 1, ack: 1, dstPort: 80 },
    { from: 'client', flags: 'FIN, ACK', seq: 1, ack: 1 },
    { from: 'client', flags: 'ACK', seq: 1, ack: 1, analysis: ['window_update'] },
  ]);
  expect(infoColumn(again!)).toBe(
    '[TCP Fast Retransmission] 12345 → 8080 [PSH, ACK] Seq=1 Ack=1 Win=65535 Len=5',
  );
  expect([again, reset, http, fin, plain].map((packet) => packetColour(packet!))).toEqual([
    'bad-tcp',
    'rst',
    'http',
    'syn-fin',
    'tcp',
  ]);
});
