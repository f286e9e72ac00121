import type { SegmentOptions } from './segment.js';
import { uint16, uint32, writeUint16, writeUint32 } from './octets.js';

const END = 0;
const NOP = 1;
const MSS = 2;
const WINDOW_SCALE = 3;
const SACK_PERMITTED = 4;
const SACK = 5;
const TIMESTAMPS = 8;

/** The most a header can hold: data offset 15 less the 20 fixed octets. */
export const MAX_OPTIONS = 40;

/** For every segment without options; frozen, since it is shared. */
export const NO_OPTIONS: SegmentOptions = Object.freeze({});

/**
 * Reads options at any alignment (RFC 9293 MUST-64). Unknown kinds are skipped by their length (MUST-6), known kinds of
 * a wrong length are skipped too; at a length that cannot be (below 2, or past the header) the walk ends and what was
 * read before stands, as in Linux (MUST-7).
 */
export function decodeOptions(bytes: Uint8Array, start: number, end: number): SegmentOptions {
  if (start === end) return NO_OPTIONS;
  if (end - start === 12 && isAlignedTimestamps(bytes, start)) {
    return { tsVal: uint32(bytes, start + 4), tsEcr: uint32(bytes, start + 8) };
  }
  const options: SegmentOptions = {};
  for (let at = start; at < end;) {
    const kind = bytes[at]!;
    if (kind === END) break;
    if (kind === NOP) {
      at++;
      continue;
    }
    const length = at + 1 < end ? bytes[at + 1]! : 0;
    if (length < 2 || at + length > end) break;
    readOption(bytes, at, kind, length, options);
    at += length;
  }
  return options;
}

/** Octets that `encodeOptions` will write: a multiple of four, at most 40. */
export function optionsLength(options: SegmentOptions): number {
  let length = 0;
  if (options.mss !== undefined) length += 4;
  if (options.tsVal !== undefined) length += 12;
  else if (options.sackPermitted === true) length += 4;
  if (options.windowScale !== undefined) length += 4;
  const blocks = options.sack === undefined ? 0 : sackBlocksThatFit(options.sack, length);
  return length + (blocks === 0 ? 0 : 4 + 8 * blocks);
}

/**
 * Writes options as Linux lays them out, padded with leading NOPs so that every option ends on a word: MSS; SACK
 * permitted and timestamps sharing twelve octets; NOP, window scale; NOP, NOP, SACK (as many blocks as fit). Returns
 * the offset behind them.
 */
export function encodeOptions(options: SegmentOptions, target: Uint8Array, offset: number): number {
  let at = offset;
  if (options.mss !== undefined) {
    target[at] = MSS;
    target[at + 1] = 4;
    writeUint16(target, at + 2, options.mss);
    at += 4;
  }
  if (options.tsVal !== undefined) {
    target[at] = options.sackPermitted === true ? SACK_PERMITTED : NOP;
    target[at + 1] = options.sackPermitted === true ? 2 : NOP;
    target[at + 2] = TIMESTAMPS;
    target[at + 3] = 10;
    writeUint32(target, at + 4, options.tsVal);
    writeUint32(target, at + 8, options.tsEcr ?? 0);
    at += 12;
  } else if (options.sackPermitted === true) {
    target[at] = NOP;
    target[at + 1] = NOP;
    target[at + 2] = SACK_PERMITTED;
    target[at + 3] = 2;
    at += 4;
  }
  if (options.windowScale !== undefined) {
    target[at] = NOP;
    target[at + 1] = WINDOW_SCALE;
    target[at + 2] = 3;
    target[at + 3] = options.windowScale;
    at += 4;
  }
  return options.sack === undefined ? at : encodeSack(options.sack, target, at, offset);
}

function readOption(
  bytes: Uint8Array,
  at: number,
  kind: number,
  length: number,
  options: SegmentOptions,
): void {
  switch (kind) {
    case MSS:
      if (length === 4) options.mss = uint16(bytes, at + 2);
      break;
    case WINDOW_SCALE:
      if (length === 3) options.windowScale = bytes[at + 2]!;
      break;
    case SACK_PERMITTED:
      if (length === 2) options.sackPermitted = true;
      break;
    case SACK:
      if (length >= 10 && (length - 2) % 8 === 0) options.sack = readSack(bytes, at + 2, at + length);
      break;
    case TIMESTAMPS:
      if (length === 10) {
        options.tsVal = uint32(bytes, at + 2);
        options.tsEcr = uint32(bytes, at + 6);
      }
      break;
  }
}

function readSack(bytes: Uint8Array, start: number, end: number): number[] {
  const edges: number[] = [];
  for (let at = start; at < end; at += 4) edges.push(uint32(bytes, at));
  return edges;
}

function encodeSack(sack: number[], target: Uint8Array, at: number, offset: number): number {
  const blocks = sackBlocksThatFit(sack, at - offset);
  if (blocks === 0) return at;
  target[at] = NOP;
  target[at + 1] = NOP;
  target[at + 2] = SACK;
  target[at + 3] = 2 + 8 * blocks;
  for (let i = 0; i < 2 * blocks; i++) writeUint32(target, at + 4 + 4 * i, sack[i]!);
  return at + 4 + 8 * blocks;
}

function sackBlocksThatFit(sack: number[], used: number): number {
  return Math.min(sack.length >> 1, (MAX_OPTIONS - used - 4) >> 3);
}

function isAlignedTimestamps(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === NOP && bytes[at + 1] === NOP && bytes[at + 2] === TIMESTAMPS && bytes[at + 3] === 10;
}
