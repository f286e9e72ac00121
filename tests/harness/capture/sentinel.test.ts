import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { SHORTEST_SNAP_LENGTH, SentinelFrames, fillerFrame } from '../../../harness/capture/sentinel.js';
import { ether, tcpFrame } from '../../support/pcap-builder.js';

describe('sentinel frames', () => {
  test('are recognised by the capture that made them, with what they say', () => {
    const frames = new SentinelFrames();
    const id = frames.next();
    expect(frames.recognise(frames.boundary('begin', id))).toEqual({ kind: 'begin', id });
    expect(frames.recognise(frames.boundary('end', 4_000_000_000))).toEqual({
      kind: 'end',
      id: 4_000_000_000,
    });
  });

  test('also when the capture cuts frames', () => {
    const frames = new SentinelFrames();
    const cut = frames.boundary('end', 7).subarray(0, SHORTEST_SNAP_LENGTH);
    expect(frames.recognise(cut)).toEqual({ kind: 'end', id: 7 });
  });

  test('of another capture, and fillers, are known as not of the case', () => {
    const [mine, other] = [new SentinelFrames(), new SentinelFrames()];
    expect(mine.recognise(other.boundary('end', 1))).toBe('other');
    expect(mine.recognise(fillerFrame(1514))).toBe('other');
  });

  test('are nothing that a stack sends', () => {
    const frames = new SentinelFrames();
    expect(frames.recognise(tcpFrame({ payload: 'tcpspec\n' }))).toBeUndefined();
    expect(frames.recognise(ether(0x88b7, new Uint8Array(50)))).toBeUndefined();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (octets) => frames.recognise(octets) === undefined),
    );
  });

  test('go to the address that bridges do not forward', () => {
    expect([...fillerFrame(60).subarray(0, 6)]).toEqual([1, 0x80, 0xc2, 0, 0, 1]);
  });

  test('are no shorter than Ethernet allows', () => {
    expect([fillerFrame(10).length, new SentinelFrames().boundary('begin', 1).length]).toEqual([60, 60]);
  });
});
