import { describe, expect, test } from '@jest/globals';
import { ACK, type Packet, RST, SYN } from '../../../harness/dissect/packet.js';
import { alwaysBroken } from '../../../harness/run/always.js';
import { packet } from '../../support/packets.js';

const isFromIut = ({ ip }: Packet) => ip.src !== '10.0.0.1';
const syn = packet('a', { seqRaw: 1, flags: SYN }, { frame: 1 });
const answer = (tcp: Partial<Packet['tcp']>) =>
  packet('b', { seqRaw: 9, flags: SYN | ACK, ...tcp }, { frame: 2 });

describe('checksum', () => {
  test('a right one is right, and one that nobody could verify says nothing', () => {
    expect(alwaysBroken([syn, answer({})], isFromIut)).toBeUndefined();
    expect(alwaysBroken([syn, answer({ checksumStatus: 'unverified' })], isFromIut)).toBeUndefined();
  });

  test('a wrong one is wrong in every case', () => {
    expect(alwaysBroken([syn, answer({ checksumStatus: 'bad' })], isFromIut)).toEqual({
      frame: 2,
      expected: 'every segment with a right checksum (MUST-2)',
      actual: expect.stringMatching(/^packet 2, \[SYN, ACK\]/) as unknown as string,
    });
  });

  test('the tester may send wrong ones', () => {
    const wrong = packet('a', { seqRaw: 1, flags: SYN, checksumStatus: 'bad' });
    expect(alwaysBroken([wrong, answer({})], isFromIut)).toBeUndefined();
  });
});

describe('port', () => {
  test('an answer comes from the port that was asked', () => {
    expect(alwaysBroken([syn, answer({ srcPort: 8081 })], isFromIut)).toMatchObject({
      frame: 2,
      expected: 'every segment from the port that it answers for',
    });
  });

  test('from any that was asked, and a reset too', () => {
    const other = packet('a', { seqRaw: 1, flags: SYN, dstPort: 0 });
    expect(alwaysBroken([syn, other, answer({ srcPort: 0, flags: RST | ACK })], isFromIut)).toBeUndefined();
  });

  test('a SYN may come from anywhere', () => {
    const open = packet('b', { seqRaw: 9, flags: SYN, srcPort: 50_000 });
    expect(alwaysBroken([open], isFromIut)).toBeUndefined();
  });
});

test('a client may give up from the port that it opened a connection from, though nobody has answered', () => {
  const own = packet('b', { seqRaw: 9, flags: SYN, srcPort: 40_000 }, { frame: 1 });
  const reset = (srcPort: number) => packet('b', { seqRaw: 10, flags: RST, srcPort }, { frame: 2 });
  expect(alwaysBroken([own, reset(40_000)], isFromIut)).toBeUndefined();
  expect(alwaysBroken([own, reset(40_001)], isFromIut)).toMatchObject({ frame: 2 });
});
