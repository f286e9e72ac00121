import { expect, test } from '@jest/globals';
import { loadCaseFiles } from '../../../harness/case/load-files.js';
import { randomMutants } from '../../../harness/mutants/random.js';
import { rulesOf } from '../../../harness/mutants/mutant.js';
import { loadImplementation } from '../../../harness/run/implementation.js';
import { planRuns } from '../../../harness/run/plan.js';
import { decodeSegment, encodedLength } from '../../../tcp-lite/wire/tcp.js';
import { decodeIpv4 } from '../../../tcp-lite/wire/ipv4.js';
import { IpPacket } from '../../../tcp-lite/wire/ip-packet.js';
import type { Segment } from '../../../tcp-lite/wire/segment.js';

const { cases } = await loadCaseFiles(['expectations/rfc9293']);
const planned = planRuns(cases, [await loadImplementation('tcp-lite')]);
const told = (count: number, seed: number) =>
  randomMutants(count, seed, planned).map(({ id, breaks, run }) => `${id} ${breaks} ${run.id}`);

const segment: Segment = {
  ...{
    version: 4,
    src: '10.0.0.2',
    dst: '10.0.0.1',
    srcPort: 8080,
    dstPort: 20_000,
    seq: 4_294_967_295,
    ack: 7,
  },
  ...{ flags: 0x18, window: 65_535, urgent: 0, options: { tsVal: 1, tsEcr: 2, sack: [10, 20] } },
  ...{ payload: Buffer.from('hello'), ttl: 64, dscp: 0, ecn: 0, dontFragment: true },
};

test('a seed gives the same middleboxes again, another seed others', () => {
  expect(told(50, 7)).toEqual(told(50, 7));
  expect(told(50, 7)).not.toEqual(told(50, 8));
  expect(told(10, 7)).toEqual(told(50, 7).slice(0, 10));
});

test('only quick cases in IPv4 are drawn', () => {
  for (const { run } of randomMutants(200, 1, planned)) {
    expect(run.family).toBe('ipv4');
    expect(run.testCase.tags).not.toContain('slow');
  }
});

test('no case, no middlebox', () => {
  expect(randomMutants(5, 1, [])).toEqual([]);
});

test('what a middlebox writes is as long as it says, and counted where it differs', () => {
  const usual = written(segment);
  for (const random of randomMutants(300, 3, planned)) {
    const { host } = rulesOf(random.mutant);
    const target = new Uint8Array(200);
    const length = host!.encode({ ...segment }, target, 0, 1);
    const differs = !Buffer.from(target.subarray(0, length)).equals(usual);
    expect([random.breaks, differs]).toEqual([random.breaks, random.changed() > 0]);
    if (random.field !== 'checksum') expect(typeof decoded(target, length)).toBe('object');
  }
});

test('the stack does not see what was changed behind it', () => {
  for (const random of randomMutants(100, 5, planned)) {
    const before = { ...segment, options: { ...segment.options }, payload: segment.payload.slice() };
    const sent = { ...before };
    rulesOf(random.mutant).host!.encode(sent, new Uint8Array(200), 0, 1);
    expect(sent).toEqual(before);
  }
});

function written(one: Segment): Buffer {
  const target = new Uint8Array(200);
  const { host } = rulesOf({ host: () => ({}) });
  expect(host!.encode(one, target, 0, 1)).toBe(encodedLength(one));
  return Buffer.from(target.subarray(0, encodedLength(one)));
}

function decoded(bytes: Uint8Array, length: number) {
  const packet = new IpPacket();
  decodeIpv4(bytes, 0, length, packet);
  return decodeSegment(bytes, packet);
}
