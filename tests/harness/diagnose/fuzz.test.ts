import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Packet } from '../../../harness/dissect/packet.js';
import { diagnose } from '../../../harness/diagnose/index.js';

const near = fc.oneof(
  fc.integer({ min: 0, max: 60 }),
  fc.integer({ min: 2 ** 32 - 60, max: 2 ** 32 - 1 }),
  fc.integer({ min: 0, max: 2 ** 32 - 1 }),
);

const options = fc.record({
  kinds: fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 5 }),
  mss: fc.option(fc.nat(65_535), { nil: undefined }),
  windowScale: fc.option(fc.nat(255), { nil: undefined }),
  sackPermitted: fc.option(fc.boolean(), { nil: undefined }),
  sackBlocks: fc.option(fc.array(fc.record({ left: near, right: near }), { maxLength: 4 }), {
    nil: undefined,
  }),
  timestamp: fc.option(fc.record({ value: near, echoReply: near }), { nil: undefined }),
});

const anyPacket = fc.record({
  back: fc.boolean(),
  stream: fc.nat(2),
  seqRaw: near,
  ackRaw: near,
  flags: fc.oneof(fc.constantFrom(0x02, 0x12, 0x10, 0x18, 0x11, 0x04, 0x14), fc.nat(0xfff)),
  len: fc.oneof(fc.constantFrom(0, 0, 1, 10, 1460), fc.nat(65_535)),
  windowRaw: fc.oneof(fc.constantFrom(0, 1, 65_535), fc.nat(65_535)),
  after: fc.oneof(fc.constantFrom(0, 0.001, 0.3, 40), fc.double({ min: -1, max: 100, noNaN: true })),
  ttl: fc.nat(255),
  id: fc.option(fc.nat(65_535), { nil: undefined }),
  status: fc.constantFrom('good' as const, 'bad' as const, 'unverified' as const),
  interfaceId: fc.constantFrom(0, 0, 0, 1),
  options,
});

function build(specs: readonly (typeof anyPacket extends fc.Arbitrary<infer T> ? T : never)[]): Packet[] {
  let time = 1_700_000_000;
  return specs.map((spec, index): Packet => {
    time += spec.after;
    const [src, dst] = spec.back ? ['10.0.0.2', '10.0.0.1'] : ['10.0.0.1', '10.0.0.2'];
    const [srcPort, dstPort] = spec.back ? [80 + spec.stream, 4000] : [4000, 80 + spec.stream];
    const definite = Object.fromEntries(
      Object.entries(spec.options).filter(([, value]) => value !== undefined),
    );
    return {
      frame: index + 1,
      time,
      interfaceId: spec.interfaceId,
      ip: {
        version: 4,
        src,
        dst,
        ttl: spec.ttl,
        dscp: 0,
        ecn: 0,
        ...(spec.id !== undefined && { id: spec.id }),
      },
      tcp: {
        ...{
          stream: spec.stream,
          srcPort,
          dstPort,
          seqRaw: spec.seqRaw,
          ackRaw: spec.ackRaw,
          seq: 0,
          ack: 0,
        },
        ...{
          flags: spec.flags,
          len: spec.len,
          headerLen: 20,
          windowRaw: spec.windowRaw,
          window: spec.windowRaw,
        },
        ...{
          urgentPointer: 0,
          checksum: 0,
          checksumStatus: spec.status,
          payload: new Uint8Array(0),
          analysis: [],
        },
        options: definite as unknown as Packet['tcp']['options'],
      },
      fields: {},
    };
  });
}

test('no sequence of packets crashes it, and what it says is well formed', () => {
  fc.assert(
    fc.property(fc.array(anyPacket, { maxLength: 60 }), (specs) => {
      const packets = build(specs);
      const reports = diagnose(packets);
      const text = JSON.stringify(reports);
      expect(text).not.toMatch(/undefined|NaN|Infinity|\[object/);
      const last = packets.length;
      for (const report of reports) {
        for (const finding of report.findings) {
          expect(finding.id).toMatch(/^[a-z]+(-[a-z]+)*$/);
          expect(finding.frames.every((frame) => frame >= 1 && frame <= last)).toBe(true);
          expect(finding.explanation.length).toBeGreaterThan(20);
        }
        expect(report.verdicts?.length).toBeLessThanOrEqual(last);
      }
    }),
    { numRuns: 500 },
  );
});

test('the same packets give the same report', () => {
  fc.assert(
    fc.property(fc.array(anyPacket, { maxLength: 40 }), (specs) => {
      expect(diagnose(build(specs))).toEqual(diagnose(build(specs)));
    }),
    { numRuns: 100 },
  );
});
