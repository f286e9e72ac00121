import { describe, expect, test } from '@jest/globals';
import { CaptureCut, mergeCuts } from '../../../harness/capture/capture-cut.js';
import {
  BlockParser,
  OPT_COMMENT,
  packetOptions,
  readInterface,
  readOptions,
  viewOf,
  type Block,
} from '../../../harness/capture/pcapng.js';
import { pcapngFile, tcpFrame } from '../../support/pcap-builder.js';

interface CutOptions {
  times: number[];
  interfaces?: string[];
  interfaceOf?: (index: number) => number;
  drops?: number;
  dropsKnown?: boolean;
}

/** A cut as a live capture makes it; each frame's sequence number is its time. */
function cutOf({
  times,
  interfaces = ['v0'],
  interfaceOf = () => 0,
  drops = 0,
  dropsKnown = true,
}: CutOptions): CaptureCut {
  const frames = times.map((time, i) => ({
    time: BigInt(time),
    bytes: tcpFrame({ seq: time }),
    interfaceId: interfaceOf(i),
  }));
  const blocks = blocksOf(
    pcapngFile(
      frames,
      interfaces.map((name) => ({ name })),
    ),
  );
  return new CaptureCut({
    section: blocks[0]!.bytes,
    interfaces: blocks.filter(({ type }) => type === 1).map(({ bytes }) => readInterface(bytes)),
    frames: blocks
      .filter(({ type }) => type === 6)
      .map(({ bytes }, i) => ({ interfaceId: interfaceOf(i), time: BigInt(times[i]!), block: bytes })),
    drops,
    dropsKnown,
  });
}

function blocksOf(file: Uint8Array): Block[] {
  return [...new BlockParser().push(file)].map(({ type, bytes }) => ({ type, bytes: bytes.slice() }));
}

/** `interface:sequence number` of each frame in the file that a cut becomes. */
function framesOf(cut: CaptureCut): string[] {
  return blocksOf(cut.toPcapng())
    .filter(({ type }) => type === 6)
    .map(({ bytes }) => `${viewOf(bytes).getUint32(8, true)}:${viewOf(bytes).getUint32(28 + 38)}`);
}

describe('a cut as a file', () => {
  test('has its section, interfaces and frames', () => {
    const cut = cutOf({ times: [1, 2, 3], interfaces: ['eth0', 'eth1'], interfaceOf: (i) => i % 2 });
    expect(blocksOf(cut.toPcapng()).map(({ type }) => type)).toEqual([0x0a0d0d0a, 1, 1, 6, 6, 6]);
    expect(framesOf(cut)).toEqual(['0:1', '1:2', '0:3']);
  });

  test('says nothing of the length of a section that it no longer is', () => {
    const section = blocksOf(cutOf({ times: [1] }).toPcapng())[0]!;
    expect([...section.bytes.subarray(16, 24)]).toEqual(Array(8).fill(0xff));
  });

  test('bears comments', () => {
    const file = cutOf({ times: [1, 2] }).toPcapng({ frames: new Map([[2, 'das da']]), file: 'Fall 7' });
    const [section, , first, second] = blocksOf(file);
    const comments = (block: Block, offset: number): string[] =>
      readOptions(block.bytes, offset)
        .filter(({ code }) => code === OPT_COMMENT)
        .map(({ value }) => new TextDecoder().decode(value));
    expect(comments(section!, 24)).toEqual(['Fall 7']);
    expect(comments(first!, packetOptions(first!.bytes))).toEqual([]);
    expect(comments(second!, packetOptions(second!.bytes))).toEqual(['das da']);
  });

  test('may be empty', () => {
    expect(framesOf(cutOf({ times: [] }))).toEqual([]);
  });
});

describe('merged cuts', () => {
  test('have all interfaces, and all frames by time', () => {
    const merged = mergeCuts([
      cutOf({ times: [10, 40, 50], interfaces: ['near'] }),
      cutOf({ times: [20, 30, 60], interfaces: ['far', 'other'], interfaceOf: (i) => (i === 2 ? 1 : 0) }),
    ]);
    expect(merged.interfaces.map(({ name }) => name)).toEqual(['near', 'far', 'other']);
    expect(framesOf(merged)).toEqual(['0:10', '1:20', '1:30', '0:40', '0:50', '2:60']);
    expect(merged.frames.map(({ interfaceId }) => interfaceId)).toEqual([0, 1, 1, 0, 0, 2]);
  });

  test('keep the order in which one interface saw its frames, whatever their stamps say', () => {
    const merged = mergeCuts([cutOf({ times: [10, 9, 11] }), cutOf({ times: [8, 12] })]);
    expect(framesOf(merged)).toEqual(['1:8', '0:10', '0:9', '0:11', '1:12']);
  });

  test('have lost what any of them has lost', () => {
    const merged = mergeCuts([
      cutOf({ times: [1], drops: 2 }),
      cutOf({ times: [2], drops: 3, dropsKnown: false }),
    ]);
    expect([merged.drops, merged.dropsKnown]).toEqual([5, false]);
  });

  test('leave the originals as they are', () => {
    const second = cutOf({ times: [2] });
    mergeCuts([cutOf({ times: [1] }), second]);
    expect(framesOf(second)).toEqual(['0:2']);
  });
});
