import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Reassembly } from '../../../tcp-lite/core/reassembly.js';
import { Scoreboard } from '../../../tcp-lite/core/scoreboard.js';
import { SendBuffer } from '../../../tcp-lite/core/send-buffer.js';
import { seqAdd, seqDiff } from '../../../tcp-lite/core/seq.js';

describe('SendBuffer', () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('append' as const), octets: fc.nat(3000) }),
    fc.record({ kind: fc.constant('drop' as const), octets: fc.nat(3000) }),
    fc.record({ kind: fc.constant('view' as const), octets: fc.nat(3000), offset: fc.nat(5000) }),
  );

  test('holds what was appended and not dropped, whatever the order', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 9000 }), (steps, limit) => {
        const buffer = new SendBuffer();
        let model: number[] = [];
        let next = 0;
        for (const each of steps) {
          if (each.kind === 'append') {
            const data = Uint8Array.from({ length: each.octets }, () => next++ & 255);
            const taken = buffer.append(data, limit);
            expect(taken).toBe(Math.min(each.octets, limit - model.length));
            model.push(...data.subarray(0, taken));
          } else if (each.kind === 'drop') {
            const octets = Math.min(each.octets, model.length);
            buffer.drop(octets);
            model = model.slice(octets);
          } else {
            const offset = Math.min(each.offset, model.length);
            const octets = Math.min(each.octets, model.length - offset);
            expect([...buffer.view(offset, octets)]).toEqual(model.slice(offset, offset + octets));
          }
          expect(buffer.length).toBe(model.length);
        }
        expect(buffer.allocated).toBeLessThanOrEqual(Math.max(4096, 2 * limit));
      }),
    );
  });
});

describe('Reassembly', () => {
  const BASE = 2 ** 32 - 500;
  const piece = fc.record({
    from: fc.nat(1900),
    length: fc.integer({ min: 1, max: 300 }),
    read: fc.nat(400),
  });

  test('any pieces in any order give the stream; what is held ahead is known exactly', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 80 }), (pieces) => {
        const reassembly = new Reassembly();
        const held = new Set<number>();
        let next = 0;
        let readTo = 0;
        for (const { from, length, read } of pieces) {
          const start = Math.max(from, next);
          const octets = from + length - start;
          if (octets > 0) {
            const payload = Uint8Array.from({ length: octets }, (_, i) => ((start + i) * 7) & 255);
            const advanced = reassembly.insert(seqAdd(BASE, next), seqAdd(BASE, start), payload);
            for (let i = 0; i < octets; i++) held.add(start + i);
            let expected = next;
            while (held.has(expected)) expected++;
            expect(advanced).toBe(expected - next);
            next = expected;
          }
          const data = reassembly.read(read);
          expect(data.length).toBe(Math.min(read, next - readTo));
          data.forEach((octet, i) => expect(octet).toBe(((readTo + i) * 7) & 255));
          readTo += data.length;
          expect(reassembly.ready).toBe(next - readTo);
          const ranges = reassembly.lefts.map((left, i) => [
            seqDiff(left, BASE),
            seqDiff(reassembly.rights[i]!, BASE),
          ]);
          expect(ranges).toEqual(rangesOf(held, next));
        }
      }),
    );
  });

  test('overlap names the lowest piece held, rangeAt the range around', () => {
    const reassembly = new Reassembly();
    reassembly.insert(0, 10, new Uint8Array(10));
    reassembly.insert(0, 30, new Uint8Array(10));
    expect(reassembly.overlap(5, 15)).toEqual([10, 15]);
    expect(reassembly.overlap(20, 35)).toEqual([30, 35]);
    expect(reassembly.overlap(20, 30)).toBeUndefined();
    expect([
      reassembly.rangeAt(9),
      reassembly.rangeAt(10),
      reassembly.rangeAt(19),
      reassembly.rangeAt(20),
    ]).toEqual([...[-1, 0, 0, -1]]);
  });
});

describe('Scoreboard', () => {
  const UNA = 2 ** 32 - 300;
  const block = fc.record({
    from: fc.integer({ min: -50, max: 900 }),
    length: fc.integer({ min: -3, max: 200 }),
  });
  const step = fc.record({ blocks: fc.array(block, { minLength: 1, maxLength: 4 }), ack: fc.nat(120) });

  test('knows every octet reported, counts the new ones, forgets the acknowledged ones', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const board = new Scoreboard();
        let sacked = new Set<number>();
        let una = 0;
        const max = 1000;
        for (const { blocks, ack } of steps) {
          una = Math.min(una + ack, max);
          board.acknowledge(seqAdd(UNA, una));
          sacked = new Set([...sacked].filter((octet) => octet >= una));
          const edges = blocks.flatMap(({ from, length }) => [seqAdd(UNA, from), seqAdd(UNA, from + length)]);
          const before = sacked.size;
          for (const { from, length } of blocks) {
            if (from + length > max) continue;
            for (let octet = Math.max(from, una); octet < from + length; octet++) sacked.add(octet);
          }
          expect(board.update(edges, seqAdd(UNA, una), seqAdd(UNA, max))).toBe(sacked.size - before);
          expect(board.sacked).toBe(sacked.size);
          const ranges = board.lefts.map((left, i) => [seqDiff(left, UNA), seqDiff(board.rights[i]!, UNA)]);
          expect(ranges).toEqual(rangesOf(sacked, una - 1));
          for (let at = una; at < max; at += 37) {
            let hole = at;
            while (sacked.has(hole)) hole++;
            expect(seqDiff(board.firstHole(seqAdd(UNA, at)), UNA)).toBe(hole);
            expect(board.sackedBelow(seqAdd(UNA, at))).toBe([...sacked].filter((octet) => octet < at).length);
          }
        }
      }),
    );
  });

  test('IsLost of RFC 6675: three ranges, or more than two segments of octets above', () => {
    const board = new Scoreboard();
    board.update([100, 110, 200, 210], 0, 1000);
    expect(board.lostEdge(0, 3, 100)).toBe(0);
    board.update([300, 310], 0, 1000);
    expect(board.lostEdge(0, 3, 100)).toBe(100);
    board.update([400, 601], 0, 1000);
    expect(board.lostEdge(0, 3, 100)).toBe(400);
  });
});

/** The ranges that a set of octets from `from` on forms. */
function rangesOf(octets: ReadonlySet<number>, from: number): number[][] {
  const sorted = [...octets].filter((octet) => octet > from).sort((a, b) => a - b);
  const ranges: number[][] = [];
  for (const octet of sorted) {
    const last = ranges.at(-1);
    if (last?.[1] === octet) last[1]++;
    else ranges.push([octet, octet + 1]);
  }
  return ranges;
}
