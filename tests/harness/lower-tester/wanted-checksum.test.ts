import { expect, test } from '@jest/globals';
import { buildTcp, type TesterSegment } from '../../../harness/lower-tester/build-tcp.js';
import { fold, sum16 } from '../../../tcp-lite/wire/checksum.js';
import { addressOctets } from '../../../tcp-lite/wire/address.js';
import { wantedChecksum } from '../../../harness/lower-tester/wanted-checksum.js';

const [SRC, DST] = ['10.0.0.1', '10.0.0.2'];

test('a wrong checksum is wrong whatever the right one is', () => {
  const every = Array.from({ length: 0x10000 }, (_, right) => right);
  const same = every.filter((right) => (wantedChecksum('bad', right, 'tcp.checksum') - right) % 0xffff === 0);
  expect(same).toEqual([]);
});

test('a segment whose right checksum is zero is made wrong too', () => {
  const right = checksumAt(buildTcp(segment(0, undefined)));
  const zero = buildTcp(segment(right, undefined));
  expect(checksumAt(zero)).toBe(0);
  expect(sumOf(zero)).toBe(0xffff);
  expect(sumOf(buildTcp(segment(right, 'bad')))).not.toBe(0xffff);
});

test.each([0, 0xffff])('a number that is to be wrong and is right is no test: %i', (wanted) => {
  const right = checksumAt(buildTcp(segment(0, undefined)));
  expect(() => buildTcp(segment(right, wanted))).toThrow(
    `tcp.checksum: ${wanted} is what the case sets to be wrong`,
  );
  expect(checksumAt(buildTcp(segment(0, wanted)))).toBe(wanted);
});

/** A segment whose payload is this word. */
function segment(word: number, checksum: number | 'bad' | undefined): TesterSegment {
  return {
    ...{ version: 4, src: SRC, dst: DST, srcPort: 20000, dstPort: 8080, seq: 1, ack: 1, flags: 0x18 },
    ...{ window: 65535, urgent: 0, options: {}, ttl: 64, dscp: 0, ecn: 0 },
    payload: Uint8Array.of(word >>> 8, word & 0xff),
    overrides: checksum === undefined ? {} : { 'tcp.checksum': checksum },
  };
}

function checksumAt(octets: Uint8Array): number {
  return Buffer.from(octets).readUInt16BE(16);
}

function sumOf(octets: Uint8Array): number {
  const [from, to] = [addressOctets(SRC), addressOctets(DST)];
  return fold(sum16(from, 0, 4) + sum16(to, 0, 4) + 6 + octets.length + sum16(octets, 0, octets.length));
}
