import fc from 'fast-check';
import type { Segment, SegmentOptions } from '../../../tcp-lite/wire/segment.js';

const word = fc.nat({ max: 0xffff });
const long = fc.nat({ max: 0xffffffff });

/** Options as TCP Lite may send them: no more SACK blocks than fit beside the others. */
export const options: fc.Arbitrary<SegmentOptions> = fc
  .record(
    {
      mss: word,
      windowScale: fc.nat({ max: 255 }),
      sackPermitted: fc.constant(true),
      timestamps: fc.tuple(long, long),
      blocks: fc.array(fc.tuple(long, long), { minLength: 1, maxLength: 2 }),
    },
    { requiredKeys: [] },
  )
  .map(({ timestamps, blocks, ...others }) => ({
    ...others,
    ...(timestamps === undefined ? {} : { tsVal: timestamps[0], tsEcr: timestamps[1] }),
    ...(blocks === undefined || others.mss !== undefined ? {} : { sack: blocks.flat() }),
  }));

export function segments(payloadLimit = 200): fc.Arbitrary<Segment> {
  return fc.constantFrom<4 | 6>(4, 6).chain((version) =>
    fc.record({
      version: fc.constant(version),
      src: address(version),
      dst: address(version),
      srcPort: word,
      dstPort: word,
      seq: long,
      ack: long,
      flags: fc.nat({ max: 0xfff }),
      window: word,
      urgent: word,
      options,
      payload: fc.uint8Array({ maxLength: payloadLimit }),
      ttl: fc.integer({ min: 1, max: 255 }),
      dscp: fc.nat({ max: 63 }),
      ecn: fc.nat({ max: 3 }),
      dontFragment: version === 6 ? fc.constant(true) : fc.boolean(),
    }),
  );
}

export function address(version: 4 | 6): fc.Arbitrary<string> {
  return version === 4
    ? fc.array(fc.nat({ max: 255 }), { minLength: 4, maxLength: 4 }).map((octets) => octets.join('.'))
    : fc.constantFrom('fd00::1', 'fe80::1:2', '2001:db8::', '::1', '1:2:3:4:5:6:7:8', '2001:0:0:1::1');
}
