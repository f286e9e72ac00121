import { STRIPPED_OPTIONS } from './rules.js';
import type { StrippedOption } from './rules.js';
import { viewOf } from './segment.js';
import type { SegmentView } from './segment.js';

/*
 * Changes to a frame in place. Checksums are corrected by what changed (RFC 1624), so that one that was wrong before
 * stays wrong.
 */

/** Overwrites options with NOPs. */
export function stripOptions(frame: Uint8Array, view: SegmentView, names: readonly StrippedOption[]): void {
  const kinds = new Set(names.flatMap((name): readonly number[] => STRIPPED_OPTIONS[name]));
  for (const { at, kind, length } of optionsOf(frame, view))
    if (kinds.has(kind)) patchTcp(frame, view, at, new Uint8Array(length).fill(NOP));
}

/** Lowers the MSS option, where there is one and it is higher. */
export function clampMss(frame: Uint8Array, view: SegmentView, mss: number): void {
  for (const { at, kind, length } of optionsOf(frame, view)) {
    if (kind !== MSS || length !== 4 || viewOf(frame).getUint16(at + 2) <= mss) continue;
    patchTcp(frame, view, at + 2, Uint8Array.of(mss >>> 8, mss & 0xff));
  }
}

/** Sets the source or the destination port. */
export function setPort(
  frame: Uint8Array,
  view: SegmentView,
  which: 'source' | 'destination',
  port: number,
): void {
  patchTcp(frame, view, view.tcp + (which === 'source' ? 0 : 2), Uint8Array.of(port >>> 8, port & 0xff));
}

/** Makes the checksum wrong, or the payload, under a checksum that stays. Without payload it is the checksum. */
export function corrupt(frame: Uint8Array, view: SegmentView, what: 'checksum' | 'payload'): void {
  const at = what === 'payload' && view.length > 0 ? view.payload + (view.length >>> 1) : view.tcp + 16;
  frame[at] = (frame[at] ?? 0) ^ 0xff;
}

/** Lowers TTL or hop limit; false where it has run out, and a router would drop the packet. */
export function countHops(frame: Uint8Array, view: SegmentView, count: number): boolean {
  const at = view.ip + (view.version === 4 ? 8 : 7);
  const left = (frame[at] ?? 0) - count;
  if (left <= 0) return false;
  if (view.version === 4) patch(frame, view.ip, view.ip + 10, at, Uint8Array.of(left));
  else frame[at] = left;
  return true;
}

interface OptionAt {
  at: number;
  kind: number;
  length: number;
}

function optionsOf(frame: Uint8Array, view: SegmentView): OptionAt[] {
  const found: OptionAt[] = [];
  for (let at = view.tcp + 20; at < view.payload;) {
    const kind = frame[at] ?? 0;
    if (kind === END_OF_OPTIONS) break;
    const length = kind === NOP ? 1 : (frame[at + 1] ?? 0);
    if (length < 1 || (kind !== NOP && length < 2) || at + length > view.payload) break;
    found.push({ at, kind, length });
    at += length;
  }
  return found;
}

function patchTcp(frame: Uint8Array, view: SegmentView, at: number, octets: Uint8Array): void {
  patch(frame, view.tcp, view.tcp + 16, at, octets);
}

/** Replaces octets of a header that starts at `header` and has its checksum at `checksum`. */
function patch(frame: Uint8Array, header: number, checksum: number, at: number, octets: Uint8Array): void {
  const first = at - ((at - header) & 1);
  const last = at + octets.length + ((at + octets.length - header) & 1);
  const before = sum(frame, first, last);
  frame.set(octets, at);
  const view = viewOf(frame);
  // HC' = ~(~HC + ~m + m'), RFC 1624 equation 3.
  const changed = (~view.getUint16(checksum) & 0xffff) + (~before & 0xffff) + sum(frame, first, last);
  view.setUint16(checksum, ~fold(changed) & 0xffff);
}

function sum(frame: Uint8Array, from: number, to: number): number {
  let total = 0;
  for (let at = from; at < to; at += 2) total += ((frame[at] ?? 0) << 8) | (frame[at + 1] ?? 0);
  return fold(total);
}

export function fold(total: number): number {
  let folded = total;
  while (folded > 0xffff) folded = (folded & 0xffff) + (folded >>> 16);
  return folded;
}

const END_OF_OPTIONS = 0;
const NOP = 1;
const MSS = 2;
