import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { IpReassembly, REASSEMBLY_LIMITS } from '../../../tcp-lite/host/reassembly.js';
import { IpPacket } from '../../../tcp-lite/wire/ip-packet.js';

const whole = new Uint8Array(4000).map((_, index) => index * 13);

function fragment(offset: number, end: number, id = 1): [Uint8Array, IpPacket] {
  const bytes = new Uint8Array(8 + end - offset);
  bytes.set([10, 0, 0, 1, 10, 0, 0, 2]);
  bytes.set(whole.subarray(offset, end), 8);
  const packet = new IpPacket();
  Object.assign(packet, {
    src: '10.0.0.1',
    dst: '10.0.0.2',
    protocol: 6,
    identification: id,
    isFragment: true,
  });
  Object.assign(packet, { fragmentOffset: offset, moreFragments: end < whole.length });
  Object.assign(packet, { payloadStart: 8, payloadEnd: bytes.length });
  return [bytes, packet];
}

const drops: string[] = [];
const reassembly = () => {
  drops.length = 0;
  return new IpReassembly((reason) => drops.push(reason));
};

describe('fragments', () => {
  test('in any order, some of them twice, give the whole packet once', () => {
    const cuts = [0, 8, 1024, 1480, 2960, 3992, 4000];
    const pieces = cuts.slice(1).map((end, index) => [cuts[index]!, end] as const);
    const orders = fc.shuffledSubarray([...pieces, ...pieces.slice(1, 4)], { minLength: 9, maxLength: 9 });
    fc.assert(
      fc.property(orders, (order) => {
        const reassembled = reassembly();
        let done: Uint8Array | undefined;
        for (const [from, to] of order) done ??= reassembled.add(...fragment(from, to), 0);
        expect(Buffer.from(done!.subarray(8)).equals(whole)).toBe(true);
        expect(drops).toEqual([]);
      }),
    );
  });

  test('that overlap end the packet (RFC 5722)', () => {
    const partial = reassembly();
    partial.add(...fragment(0, 1480), 0);
    partial.add(...fragment(1472, 2960), 0);
    expect(drops).toEqual(['ip-fragment-malformed']);
    expect(partial.held).toBe(0);
  });

  test('are forgotten after a minute', () => {
    const partial = reassembly();
    partial.add(...fragment(0, 1480), 5);
    expect(partial.nextDeadline()).toBe(60_005);
    partial.advance(60_005);
    expect(drops).toEqual(['ip-fragment-timeout']);
    expect([partial.held, partial.nextDeadline()]).toEqual([0, Infinity]);
  });

  test('of many packets do not fill the memory', () => {
    const partial = reassembly();
    for (let id = 0; id < 5000; id++) partial.add(...fragment(8, 1480, id), 0);
    expect(partial.held).toBeLessThanOrEqual(REASSEMBLY_LIMITS.packets * 1480);
    expect(drops.length).toBe(5000 - REASSEMBLY_LIMITS.packets);
  });

  test('beyond the longest packet, without length or of odd length are refused', () => {
    const partial = reassembly();
    const [bytes, packet] = fragment(0, 1480);
    packet.fragmentOffset = 65_512;
    partial.add(bytes, packet, 0);
    partial.add(...fragment(8, 8), 0);
    partial.add(...fragment(8, 20), 0);
    expect(drops).toEqual(['ip-fragment-malformed', 'ip-fragment-malformed', 'ip-fragment-malformed']);
  });
});
