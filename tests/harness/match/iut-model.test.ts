import { describe, expect, test } from '@jest/globals';
import { IutModel } from '../../../harness/match/iut-model.js';
import { client, packets, server } from './build.js';
import type { PacketText } from './build.js';

/** The IUT is the server; both sides wrap early. */
const ISN = { client: 0xffff_fff8, server: 0xffff_ff00 };

function model(): IutModel {
  return new IutModel({ testerIsn: ISN.client, version: 4, mtu: 1500 });
}

/** Tells the lines to a model; `taken` is what the case says of the tester's segment. */
function after(lines: readonly (PacketText & { taken?: boolean })[], told = model()): IutModel {
  lines.forEach((line) => {
    const [packet] = packets([line], ISN);
    if (packet === undefined) throw new Error('no packet');
    if (line.from === 'server') told.fromIut(packet);
    else told.fromTester(packet, line.taken);
  });
  return told;
}

function rcvNxt(...lines: (PacketText & { taken?: boolean })[]): number | undefined {
  return after([...HANDSHAKE, ...lines]).names()['RCV.NXT'];
}

const HANDSHAKE = [
  client('[SYN] Seq=0 Win=1000 Len=0 MSS=1000'),
  server('[SYN, ACK] Seq=0 Ack=1 Win=100 Len=0'),
  client('[ACK] Seq=1 Ack=1 Win=1000 Len=0'),
];

test('a reset that answers a wrong ACK before the SYN is acknowledged ends nothing', () => {
  const [syn, synAck, ack] = HANDSHAKE as [PacketText, PacketText, PacketText];
  const data = client('[PSH, ACK] Seq=1 Ack=1 Len=5');
  const answered = (wrong: number) => [
    client(`[ACK] Seq=1 Ack=${wrong} Len=0`),
    server(`[RST] Seq=${wrong} Win=0 Len=0`),
  ];
  for (const wrong of [0, 2]) {
    expect(after([syn, synAck, ...answered(wrong), ack, data]).names()['RCV.NXT']).toBe(6);
  }
  expect(after([syn, synAck, ...answered(1), ack, data]).names()['RCV.NXT']).toBe(1);
});

test('the names after a handshake', () => {
  expect(after(HANDSHAKE).names()).toEqual({
    ISS: 0,
    IRS: 0,
    'SND.UNA': 1,
    'SND.NXT': 1,
    'SND.WND': 1000,
    'RCV.NXT': 1,
    'RCV.WND': 100,
    MSS: 1000,
    'SEG.SEQ': 1,
    'SEG.ACK': 1,
    'SEG.LEN': 0,
  });
});

describe('RCV.NXT is what a receiver after RFC 9293 would have', () => {
  test.each<[string, number, (PacketText & { taken?: boolean })[]]>([
    ['data in order, across the wrap', 21, [client('[ACK] Seq=1 Ack=1 Len=20')]],
    ['a FIN', 22, [client('[FIN, ACK] Seq=1 Ack=1 Len=20')]],
    [
      'nothing after the FIN',
      22,
      [client('[FIN, ACK] Seq=1 Ack=1 Len=20'), client('[ACK] Seq=22 Ack=1 Len=5')],
    ],
    ['a gap', 1, [client('[ACK] Seq=11 Ack=1 Len=10')]],
    [
      'a gap that is filled',
      31,
      [
        client('[ACK] Seq=11 Ack=1 Len=10'),
        client('[ACK] Seq=21 Ack=1 Len=10'),
        client('[ACK] Seq=1 Ack=1 Len=10'),
      ],
    ],
    [
      'a FIN beyond a gap that is filled',
      12,
      [client('[FIN, ACK] Seq=6 Ack=1 Len=5'), client('[ACK] Seq=1 Ack=1 Len=5')],
    ],
    ['an overlap', 16, [client('[ACK] Seq=1 Ack=1 Len=10'), client('[ACK] Seq=6 Ack=1 Len=10')]],
    ['old data', 11, [client('[ACK] Seq=1 Ack=1 Len=10'), client('[ACK] Seq=1 Ack=1 Len=10')]],
    ['what fits into the window only', 101, [client('[ACK] Seq=1 Ack=1 Len=150')]],
    [
      'the last octet of the window',
      101,
      [client('[ACK] Seq=1 Ack=1 Len=99'), client('[ACK] Seq=100 Ack=1 Len=1')],
    ],
    ['nothing right of the window', 1, [client('[ACK] Seq=101 Ack=1 Len=10')]],
    [
      'nothing with a bad checksum',
      1,
      [client('[ACK] Seq=1 Ack=1 Len=10', { tcp: { checksumStatus: 'bad' } })],
    ],
    ['nothing without ACK', 1, [client('[<None>] Seq=1 Len=10')]],
    ['nothing that acknowledges what was not sent', 1, [client('[ACK] Seq=1 Ack=2 Len=10')]],
    ['nothing that acknowledges before the largest window', 1, [client('[ACK] Seq=1 Ack=4294966000 Len=10')]],
    ['an old but tolerable ACK', 11, [client('[ACK] Seq=1 Ack=0 Len=10')]],
    ['no text of a SYN in the connection', 1, [client('[SYN, ACK] Seq=1 Ack=1 Len=10')]],
    ['nothing after an exact reset', 1, [client('[RST] Seq=1 Len=0'), client('[ACK] Seq=1 Ack=1 Len=10')]],
    ['data after an inexact reset', 11, [client('[RST] Seq=2 Len=0'), client('[ACK] Seq=1 Ack=1 Len=10')]],
    [
      'what the case says is taken',
      11,
      [client('[<None>] Seq=1 Len=10', { tcp: { checksumStatus: 'bad' } })].map((line) => ({
        ...line,
        taken: true,
      })),
    ],
    ['nothing that the case says is not taken', 1, [{ ...client('[ACK] Seq=1 Ack=1 Len=10'), taken: false }]],
  ])('%s', (_what, expected, lines) => {
    expect(rcvNxt(...lines)).toBe(expected);
  });

  test('nothing into a window of zero', () => {
    expect(rcvNxt(server('[ACK] Seq=1 Ack=1 Win=0'), client('[ACK] Seq=1 Ack=1 Len=1'))).toBe(1);
  });

  test('nothing with an old timestamp, where timestamps were agreed', () => {
    const stamps = [
      client('[SYN] Seq=0 Len=0 TSval=100 TSecr=0'),
      server('[SYN, ACK] Seq=0 Ack=1 Win=100 Len=0 TSval=5 TSecr=100'),
    ];
    const told = after([...stamps, client('[ACK] Seq=1 Ack=1 Len=10 TSval=99 TSecr=5')]);
    expect(told.names()['RCV.NXT']).toBe(1);
    expect(after([client('[ACK] Seq=1 Ack=1 Len=10 TSval=100 TSecr=5')], told).names()['RCV.NXT']).toBe(11);
    expect(told.names()['MSS']).toBe(536 - 12);
  });
});

test('SND.NXT, SND.UNA and both windows follow the wire, scaled', () => {
  const told = after([
    client('[SYN] Seq=0 Win=1000 Len=0 WS=4'),
    server('[SYN, ACK] Seq=0 Ack=1 Win=100 Len=0 WS=8'),
    client('[ACK] Seq=1 Ack=1 Win=1000 Len=0'),
    server('[PSH, ACK] Seq=1 Ack=1 Win=100 Len=300'),
  ]);
  expect(told.names()).toMatchObject({ 'SND.NXT': 301, 'SND.UNA': 1, 'SND.WND': 4000, 'RCV.WND': 800 });
  after([client('[ACK] Seq=1 Ack=301 Win=10 Len=20')], told);
  expect(told.names()).toMatchObject({ 'SND.UNA': 301, 'SND.WND': 40, 'RCV.NXT': 21, 'RCV.WND': 780 });
  after([server('[FIN, ACK] Seq=301 Ack=21 Win=100 Len=0')], told);
  expect(told.names()).toMatchObject({ 'SND.NXT': 302, 'RCV.WND': 800 });
});

describe('before and after a connection', () => {
  test('numbers of a stray segment are raw, and SEG.LEN counts SYN and FIN', () => {
    const told = after([client('[FIN, ACK] Seq=5 Ack=77 Len=3')], model());
    expect(told.names()).toMatchObject({ 'SEG.SEQ': 5, 'SEG.ACK': (77 + ISN.server) >>> 0, 'SEG.LEN': 4 });
    const [reset] = packets([server('[RST] Seq=77 Win=0 Len=0')], ISN);
    expect(told.view(reset!, 'iut').tcp.seq).toBe(told.names()['SEG.ACK']);
  });

  test('a client takes the SYN,ACK that acknowledges its SYN, no other', () => {
    const sent = server('[SYN] Seq=0 Win=100 Len=0');
    expect(after([sent, client('[SYN, ACK] Seq=0 Ack=2 Len=0')]).names()['RCV.NXT']).toBe(0);
    expect(after([sent, client('[SYN, ACK] Seq=0 Ack=1 Len=0')]).names()).toMatchObject({
      'RCV.NXT': 1,
      'SND.UNA': 1,
    });
    expect(after([sent, client('[SYN] Seq=0 Len=0')]).names()).toMatchObject({ 'RCV.NXT': 1, 'SND.UNA': 0 });
  });

  test('a reset that answers a wrong ACK ends nothing', () => {
    const told = after([
      ...HANDSHAKE.slice(0, 2),
      client('[ACK] Seq=1 Ack=900 Len=0'),
      server('[RST] Seq=900 Win=0 Len=0'),
    ]);
    after([client('[ACK] Seq=1 Ack=1 Len=10')], told);
    expect(told.names()['RCV.NXT']).toBe(11);
  });

  test('a new SYN that is answered begins a new count', () => {
    const told = after([
      ...HANDSHAKE,
      server('[FIN, ACK] Seq=1 Ack=1 Win=100 Len=0'),
      client('[FIN, ACK] Seq=1 Ack=2 Len=0'),
      client('[SYN] Seq=5000 Win=700 Len=0'),
    ]);
    expect(told.names()['RCV.NXT']).toBe(2);
    const [answer] = packets([server('[SYN, ACK] Seq=9000 Ack=5001 Win=100 Len=0')], ISN);
    expect(told.view(answer!, 'iut').tcp).toMatchObject({ seq: 0, ack: 1 });
    told.fromIut(answer!);
    expect(told.names()).toMatchObject({ 'SND.NXT': 1, 'RCV.NXT': 1, 'SND.WND': 700, IRS: 0 });
    expect(told.raw({ seq: 1, ack: 1 })).toEqual({
      seq: (ISN.client + 5001) >>> 0,
      ack: (ISN.server + 9001) >>> 0,
    });
  });
});
