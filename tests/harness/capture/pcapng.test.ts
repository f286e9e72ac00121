import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  BlockParser,
  ENHANCED_PACKET,
  IF_NAME,
  INTERFACE_OPTIONS,
  OPT_COMMENT,
  commentOption,
  packetOptions,
  readInterface,
  readOptions,
  withOption,
  type Block,
} from '../../../harness/capture/pcapng.js';
import { everyMillisecond, pcapngFile, tcpFrame } from '../../support/pcap-builder.js';

const frames = [
  tcpFrame({ seq: 1 }),
  tcpFrame({ seq: 2, payload: 'abc' }),
  tcpFrame({ seq: 3, payload: 'abcde' }),
];
const file = pcapngFile(everyMillisecond(frames), [{ name: 'eth0' }, { name: 'lange Leitung', snapLen: 96 }]);

function parse(chunks: Uint8Array[]): Block[] {
  const parser = new BlockParser();
  return chunks.flatMap((chunk) =>
    [...parser.push(chunk)].map(({ type, bytes }) => ({ type, bytes: bytes.slice() })),
  );
}

const utf8 = (octets: Uint8Array): string => new TextDecoder('utf8', { fatal: true }).decode(octets);

describe('blocks', () => {
  test('come out whole, however the stream is cut', () => {
    const whole = parse([file]);
    expect(whole.map(({ type }) => type)).toEqual([0x0a0d0d0a, 1, 1, 6, 6, 6]);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: file.length }), { maxLength: 40 }), (cuts) => {
        const places = [0, ...cuts.sort((a, b) => a - b), file.length];
        const chunks = places.slice(1).map((end, i) => file.slice(places[i], end));
        expect(parse(chunks)).toEqual(whole);
      }),
    );
  });

  test('what has not arrived whole waits', () => {
    const parser = new BlockParser();
    expect([...parser.push(file.subarray(0, file.length - 1))]).toHaveLength(5);
    expect(parser.pending).toBeGreaterThan(0);
    expect([...parser.push(file.subarray(file.length - 1))]).toHaveLength(1);
    expect(parser.pending).toBe(0);
  });

  test.each([
    ['text', new TextEncoder().encode('this is no capture at all')],
    ['an absurd length', Uint8Array.from([6, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0])],
    ['the other byte order', Uint8Array.from([10, 13, 13, 10, 0, 0, 0, 28, 0x1a, 0x2b, 0x3c, 0x4d])],
  ])('%s is refused', (_, octets) => {
    expect(() => parse([octets])).toThrow(RangeError);
  });

  test('any octets either are blocks or are refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (octets) => {
        try {
          parse([octets]);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }),
    );
  });
});

test('an interface tells its name, link type, snap length and resolution', () => {
  const [, first, second] = parse([file]);
  expect(readInterface(first!.bytes)).toMatchObject({ name: 'eth0', linkType: 1, nanosecondsPerUnit: 1 });
  expect(readInterface(second!.bytes)).toMatchObject({ name: 'lange Leitung', snapLength: 96 });
});

describe('comments', () => {
  test('stand behind the frame and the options that are there already', () => {
    const packet = parse([file]).find(({ type }) => type === ENHANCED_PACKET)!;
    const once = withOption(packet, packetOptions(packet.bytes), commentOption('eins ✓'));
    const twice = withOption({ type: 6, bytes: once }, packetOptions(once), commentOption('zwei'));
    expect(twice.length % 4).toBe(0);
    expect(twice.subarray(8, 28)).toEqual(packet.bytes.subarray(8, 28));
    expect(readOptions(twice, packetOptions(twice)).map(({ code, value }) => [code, utf8(value)])).toEqual([
      [OPT_COMMENT, 'eins ✓'],
      [OPT_COMMENT, 'zwei'],
    ]);
    expect(parse([twice])).toHaveLength(1);
  });

  test('an interface keeps its name', () => {
    const block = parse([file])[1]!;
    const longer = withOption(block, INTERFACE_OPTIONS, commentOption('x'));
    expect(readOptions(longer, INTERFACE_OPTIONS).map(({ code }) => code)).toEqual([IF_NAME, 9, OPT_COMMENT]);
  });

  test('that are too long are cut between characters', () => {
    const { value } = commentOption('€'.repeat(30_000));
    expect(value.length).toBeLessThanOrEqual(65535);
    expect(utf8(value)).toBe('€'.repeat(21_845));
  });

  test('hold no zero octet', () => {
    expect(utf8(commentOption('a\0b').value)).toBe('a\ufffdb');
  });
});
