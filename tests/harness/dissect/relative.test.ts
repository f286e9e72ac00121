import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ACK, FIN, PSH, RST, SYN, type Packet } from '../../../harness/dissect/packet.js';
import {
  RelativeNumbers,
  assignRelativeNumbers,
  relativeSackBlocks,
} from '../../../harness/dissect/relative.js';
import { packet } from '../../support/packets.js';

const CLIENT = 4_294_967_290;
const SERVER = 500_000;

const c = (seq: number, ack: number | undefined, flags = 0, len = 0): Packet =>
  numbered('a', seq, ack, flags, len);
const s = (seq: number, ack: number | undefined, flags = 0, len = 0): Packet =>
  numbered('b', seq, ack, flags, len);

/** Raw numbers given modulo 2^32; an acknowledgment sets the flag. */
function numbered(from: 'a' | 'b', seq: number, ack: number | undefined, flags: number, len: number): Packet {
  const ackFlag = ack === undefined ? 0 : ACK;
  return packet(from, { seqRaw: seq >>> 0, ackRaw: (ack ?? 0) >>> 0, flags: flags | ackFlag, len });
}

/** `seq/ack` of each packet once assigned. */
function shown(packets: Packet[]): string[] {
  assignRelativeNumbers(packets);
  return packets.map(({ tcp }) => `${tcp.seq}/${tcp.ack}`);
}

const handshake = (client = CLIENT, server = SERVER): Packet[] => [
  c(client, undefined, SYN),
  s(server, client + 1, SYN),
  c(client + 1, server + 1),
];

describe('one connection', () => {
  test('counts from both ISNs, over the wrap', () => {
    const packets = [
      ...handshake(),
      c(CLIENT + 1, SERVER + 1, PSH, 14),
      s(SERVER + 1, CLIENT + 15),
      s(SERVER + 1, CLIENT + 15, FIN),
      c(CLIENT + 15, SERVER + 2, FIN),
      s(SERVER + 2, CLIENT + 16),
    ];
    expect(shown(packets)).toEqual(['0/0', '0/1', '1/1', '1/1', '1/15', '1/15', '15/2', '2/16']);
  });

  test('a repeated SYN keeps its ISN', () => {
    const packets = [c(CLIENT, undefined, SYN), ...handshake()];
    expect(shown(packets)).toEqual(['0/0', '0/0', '0/1', '1/1']);
  });

  test('simultaneous open', () => {
    const packets = [
      c(CLIENT, undefined, SYN),
      s(SERVER, undefined, SYN),
      c(CLIENT, SERVER + 1, SYN),
      s(SERVER, CLIENT + 1, SYN),
      c(CLIENT + 1, SERVER + 1),
    ];
    expect(shown(packets)).toEqual(['0/0', '0/0', '0/1', '0/1', '1/1']);
  });

  test('a SYN with data, all of it acknowledged', () => {
    const packets = [c(CLIENT, undefined, SYN, 5), s(SERVER, CLIENT + 6, SYN), c(CLIENT + 6, SERVER + 1)];
    expect(shown(packets)).toEqual(['0/0', '0/6', '6/1']);
  });

  test('the acknowledgment field means nothing without its flag', () => {
    const stray = packet('a', { seqRaw: 7, ackRaw: 99, flags: SYN });
    expect(shown([stray])).toEqual(['0/0']);
  });

  test('SACK edges are counted as the data is', () => {
    const last = s(SERVER + 1, CLIENT + 1);
    last.tcp.options.sackBlocks = [{ left: (CLIENT + 101) >>> 0, right: (CLIENT + 201) >>> 0 }];
    shown([...handshake(), last]);
    expect(relativeSackBlocks(last)).toEqual([[101, 201]]);
  });
});

describe('refused', () => {
  test('the reset of a side without an ISN shows its number as it is', () => {
    const packets = [c(CLIENT, undefined, SYN), s(0, CLIENT + 1, RST)];
    expect(shown(packets)).toEqual(['0/0', '0/1']);
  });

  test('and does not stand for an ISN later', () => {
    const packets = [c(CLIENT, undefined, SYN), s(0, CLIENT + 1, RST), ...handshake()];
    expect(shown(packets)).toEqual(['0/0', '0/1', '0/0', '0/1', '1/1']);
  });

  test('a SYN,ACK that acknowledges something else is reset with that number', () => {
    const packets = [c(CLIENT, undefined, SYN), s(SERVER, CLIENT + 50, SYN), c(CLIENT + 50, undefined, RST)];
    expect(shown(packets)).toEqual(['0/0', '0/50', '50/0']);
  });
});

describe('without a SYN in the capture', () => {
  test('the first octet seen is number 1', () => {
    const packets = [c(70_000, 90_000, PSH, 10), s(90_000, 70_010)];
    expect(shown(packets)).toEqual(['1/1', '1/11']);
  });

  test('the SYN,ACK still tells the ISN of the client', () => {
    const packets = [
      s(SERVER, CLIENT + 1, SYN),
      c(CLIENT + 1, SERVER + 1),
      c(CLIENT + 1, SERVER + 1, PSH, 3),
    ];
    expect(shown(packets)).toEqual(['0/1', '1/1', '1/1']);
  });

  test('the client alone', () => {
    const packets = [c(CLIENT, undefined, SYN), c(CLIENT + 1, SERVER + 1), c(CLIENT + 1, SERVER + 1, PSH, 3)];
    expect(shown(packets)).toEqual(['0/0', '1/1', '1/1']);
  });
});

describe('one pair of addresses and ports again', () => {
  const close = [c(CLIENT + 1, SERVER + 1, FIN), s(SERVER + 1, CLIENT + 2, FIN), c(CLIENT + 2, SERVER + 2)];

  test('a new ISN begins a new connection', () => {
    const packets = [...handshake(), ...close, ...handshake(77, 88), c(78, 89, PSH, 5)];
    expect(shown(packets).slice(6)).toEqual(['0/0', '0/1', '1/1', '1/1']);
  });

  test('also with an ISN close to where the last one ended', () => {
    const packets = [...handshake(), ...close, ...handshake(CLIENT + 100, SERVER + 100)];
    expect(shown(packets).slice(6)).toEqual(['0/0', '0/1', '1/1']);
  });

  test('also where the client has one ISN for all and the server has not', () => {
    const packets = [...handshake(), ...close, ...handshake(CLIENT, 9)];
    expect(shown(packets).slice(6)).toEqual(['0/0', '0/1', '1/1']);
  });

  test('also where the end of the last one was not captured', () => {
    const packets = [...handshake(), ...handshake(77, 88), c(78, 89, PSH, 5)];
    expect(shown(packets).slice(3)).toEqual(['0/0', '0/1', '1/1', '1/1']);
  });

  test('also where the new ISN happens to lie in the window of the last one', () => {
    const packets = [...handshake(), ...handshake(CLIENT + 1000, 88), c(CLIENT + 1001, 89, PSH, 5)];
    expect(shown(packets).slice(3)).toEqual(['0/0', '0/1', '1/1', '1/1']);
  });

  test('a late segment of the last connection is counted as the last one counted', () => {
    const packets = [...handshake(), ...close, ...handshake(2 ** 31, 88), c(CLIENT + 1, SERVER + 1, FIN)];
    expect(shown(packets).at(-1)).toBe('1/1');
  });
});

describe('segments that do not belong', () => {
  test('a SYN in the window of a live connection and its challenge ACK', () => {
    const packets = [...handshake(), c(CLIENT + 1, undefined, SYN), s(SERVER + 1, CLIENT + 1)];
    expect(shown(packets).slice(3)).toEqual(['1/0', '1/1']);
  });

  test('a reset in the window that draws a challenge ACK, and then a SYN there', () => {
    const packets = [
      ...handshake(),
      c(CLIENT + 2, undefined, RST),
      s(SERVER + 1, CLIENT + 1),
      c(CLIENT + 1, undefined, SYN),
      s(SERVER + 1, CLIENT + 1),
    ];
    expect(shown(packets).slice(3)).toEqual(['2/0', '1/1', '1/0', '1/1']);
  });

  test('half-open after a crash (RFC 9293, figure 9)', () => {
    const packets = [
      ...handshake(99, 299),
      c(400, undefined, SYN),
      s(300, 100),
      c(100, undefined, RST),
      c(400, undefined, SYN),
      s(900, 401, SYN),
      c(401, 901),
    ];
    expect(shown(packets).slice(3)).toEqual(['0/0', '1/1', '1/0', '0/0', '0/1', '1/1']);
  });

  test('a SYN refused in TIME-WAIT is answered with the numbers of the old connection', () => {
    const packets = [
      ...handshake(99, 299),
      c(100, 300, FIN),
      s(300, 101, FIN),
      c(101, 301),
      s(50, undefined, SYN),
      c(101, 301),
    ];
    expect(shown(packets).at(-1)).toBe('2/2');
  });

  test('an ACK to a listening port and its reset do not stand for the connection that follows', () => {
    const packets = [c(CLIENT, 777, 0), s(777, undefined, RST), ...handshake()];
    expect(shown(packets)).toEqual(['1/1', '1/0', '0/0', '0/1', '1/1']);
  });
});

test('two capture points with different numbers do not mix', () => {
  const near = handshake(1000, 2000);
  const far = handshake(1000, 7_000_000).map((p) => ({ ...p, interfaceId: 1 }));
  const mixed = near.flatMap((p, i) => [p, far[i] as Packet]);
  expect(shown(mixed)).toEqual(['0/0', '0/0', '0/1', '0/1', '1/1', '1/1']);
});

test('any ISNs show the same numbers', () => {
  const isn = fc.integer({ min: 0, max: 2 ** 32 - 1 });
  fc.assert(
    fc.property(isn, isn, (client, server) => {
      const packets = [
        ...handshake(client, server),
        c(client + 1, server + 1, PSH, 1460),
        c(client + 1461, server + 1, PSH, 1460),
        s(server + 1, client + 2921, PSH, 7),
        c(client + 2921, server + 8, FIN),
      ];
      expect(shown(packets)).toEqual(['0/0', '0/1', '1/1', '1/1', '1461/1', '1/2921', '2921/8']);
    }),
  );
});

test('forgets the longest idle conversations only', () => {
  const numbers = new RelativeNumbers(4);
  const of = (port: number, seqRaw: number, flags: number): Packet =>
    packet('a', { seqRaw, flags, srcPort: port });
  for (let port = 1; port <= 7; port++) numbers.assign(of(port, 1000, SYN));
  const recent = of(6, 1011, ACK);
  const forgotten = of(1, 1011, ACK);
  numbers.assign(recent);
  for (let port = 20; port <= 30; port++) numbers.assign(of(port, 1000, SYN));
  numbers.assign(forgotten);
  expect([recent.tcp.seq, forgotten.tcp.seq]).toEqual([11, 1]);
});
