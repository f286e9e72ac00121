import { expect, test } from '@jest/globals';
import { buildFrames } from '../../../harness/lower-tester/build-frames.js';
import type { TesterSegment } from '../../../harness/lower-tester/build-tcp.js';
import { Defragmenter } from '../../../harness/lower-tester/defragment.js';
import { readFrame } from '../../../harness/lower-tester/read-frame.js';

const link = { own: new Uint8Array(6), peer: new Uint8Array(6) };

function segment(version: 4 | 6, overrides: TesterSegment['overrides'] = {}): TesterSegment {
  const [src, dst] = version === 4 ? ['10.0.0.1', '10.0.0.2'] : ['fd00::1', 'fd00::2'];
  return {
    ...{ version, src, dst, srcPort: 1, dstPort: 2, seq: 3, ack: 4, flags: 0x18, window: 5, urgent: 0 },
    ...{ options: {}, payload: Uint8Array.from({ length: 50 }, (_, index) => index) },
    ...{ ttl: 64, dscp: 0, ecn: 0, overrides },
  };
}

test.each([4, 6] as const)('puts the fragments of a frame together in any order, IPv%i', (version) => {
  const frames = buildFrames(segment(version, { fragments: { size: 24, order: [2, 0, 1] } }), link);
  const defragmenter = new Defragmenter();
  const [nothing, stillNothing, whole] = frames.map((frame) => defragmenter.whole(frame));
  expect([nothing, stillNothing]).toEqual([undefined, undefined]);
  const { tcp, ip } = readFrame(whole!, 0, 1)!;
  expect(tcp).toMatchObject({ srcPort: 1, dstPort: 2, seqRaw: 3, ackRaw: 4, len: 50 });
  expect([...tcp.payload]).toEqual(Array.from({ length: 50 }, (_, index) => index));
  expect(ip.src).toBe(version === 4 ? '10.0.0.1' : 'fd00::1');
});

test.each([4, 6] as const)('gives a whole frame back as it is, IPv%i', (version) => {
  const [frame] = buildFrames(segment(version), link);
  expect(new Defragmenter().whole(frame!)).toBe(frame);
});

test('keeps packets apart, and forgets those that are never complete', () => {
  const defragmenter = new Defragmenter();
  const parts = (id: number) => buildFrames(segment(4, { 'ip.id': id, fragments: { size: 40 } }), link);
  const [first, last] = parts(1);
  expect(defragmenter.whole(first!)).toBeUndefined();
  for (let id = 2; id < 40; id++) expect(defragmenter.whole(parts(id)[0]!)).toBeUndefined();
  expect(defragmenter.whole(last!)).toBeUndefined();
  expect(defragmenter.whole(parts(39)[1]!)).toBeDefined();
});
