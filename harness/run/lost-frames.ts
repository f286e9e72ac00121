import type { Role } from '../case/model.js';
import type { CaptureCut } from '../capture/capture-cut.js';
import type { Fate } from '../../netns/relay/engine.js';

/**
 * Numbers of the frames in a capture that the relay did not carry to the other end. `ends` are the ends at which the
 * interfaces of the capture stand, in their order; only what an end sends can be lost behind it.
 */
export function lostFrames(cut: CaptureCut, fates: readonly Fate[], ends: readonly Role[]): Set<number> {
  const waiting = new Map<string, boolean[]>();
  for (const { from, frame, lost } of fates) {
    const key = keyOf(from, frame);
    const list = waiting.get(key);
    if (list === undefined) waiting.set(key, [lost]);
    else list.push(lost);
  }
  const numbers = new Set<number>();
  for (const [index, { interfaceId, block }] of cut.frames.entries()) {
    const end = ends[interfaceId];
    if (end === undefined) continue;
    // Frames that are equal to the octet have their fates in the order in which they were sent.
    if (waiting.get(keyOf(end, frameIn(block)))?.shift() === true) numbers.add(index + 1);
  }
  return numbers;
}

/** The octets in an enhanced packet block. */
function frameIn(block: Uint8Array): Uint8Array {
  const length = new DataView(block.buffer, block.byteOffset).getUint32(CAPTURED_LENGTH, true);
  return block.subarray(PACKET_DATA, PACKET_DATA + length);
}

function keyOf(from: Role, frame: Uint8Array): string {
  return `${from} ${Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength).toString('latin1')}`;
}

const CAPTURED_LENGTH = 20;
const PACKET_DATA = 28;
