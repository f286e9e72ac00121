import {
  SECTION_OPTIONS,
  commentOption,
  concat,
  packetOptions,
  viewOf,
  withOption,
  writeBlock,
  SECTION_HEADER,
  readOptions,
  type InterfaceDescription,
} from './pcapng.js';

/** A frame as the capture tool wrote it. */
export interface CapturedFrame {
  /** Index into the cut's interfaces. */
  interfaceId: number;
  /** Nanoseconds since the Unix epoch. */
  time: bigint;
  /** The frame's pcapng block. */
  block: Uint8Array;
}

export interface Comments {
  /** Comments of frames by their 1-based number. */
  frames?: ReadonlyMap<number, string>;
  /** Comment of the whole file. */
  file?: string;
}

/** The frames of one case, cut out of a running capture; a whole capture file once written out. */
export class CaptureCut {
  readonly interfaces: readonly InterfaceDescription[];
  readonly frames: readonly CapturedFrame[];
  /** Frames that the kernel dropped while the case ran: above 0 this capture proves nothing. */
  readonly drops: number;
  /** False where the machine keeps its drop counter to itself: then `drops` is what the interfaces' counters tell. */
  readonly dropsKnown: boolean;
  readonly #section: Uint8Array;

  constructor(parts: {
    section: Uint8Array;
    interfaces: readonly InterfaceDescription[];
    frames: readonly CapturedFrame[];
    drops: number;
    dropsKnown: boolean;
  }) {
    this.#section = parts.section;
    this.interfaces = parts.interfaces;
    this.frames = parts.frames;
    this.drops = parts.drops;
    this.dropsKnown = parts.dropsKnown;
  }

  /** The cut as a pcapng file of its own, with comments where given. */
  toPcapng(comments: Comments = {}): Uint8Array {
    const parts = [sectionBlock(this.#section, comments.file)];
    for (const { block } of this.interfaces) parts.push(block);
    for (const [index, { block }] of this.frames.entries()) {
      const comment = comments.frames?.get(index + 1);
      parts.push(
        comment === undefined
          ? block
          : withOption(
              { type: viewOf(block).getUint32(0, true), bytes: block },
              packetOptions(block),
              commentOption(comment),
            ),
      );
    }
    return concat(parts);
  }

  /** Header of the section that the frames come from. */
  get section(): Uint8Array {
    return this.#section;
  }
}

/**
 * Several capture points as one capture: their interfaces one after the other, their frames by time. Wireshark takes
 * a packet seen at two points for a retransmission, so dissect the cuts one by one and keep the merged file for people.
 */
export function mergeCuts(cuts: readonly CaptureCut[]): CaptureCut {
  const first = cuts[0];
  if (first === undefined) throw new RangeError('nothing to merge');
  const interfaces: InterfaceDescription[] = [];
  const lists: CapturedFrame[][] = [];
  for (const cut of cuts) {
    const shift = interfaces.length;
    interfaces.push(...cut.interfaces);
    lists.push(cut.frames.map((frame) => moveTo(frame, frame.interfaceId + shift)));
  }
  return new CaptureCut({
    section: first.section,
    interfaces,
    frames: mergeByTime(lists),
    drops: cuts.reduce((sum, cut) => sum + cut.drops, 0),
    dropsKnown: cuts.every((cut) => cut.dropsKnown),
  });
}

/**
 * One list in order of time. Each list keeps its own order, which is the order in which its interface saw the frames:
 * received frames are stamped a little before they are seen, so time alone may say otherwise.
 */
export function mergeByTime(lists: readonly (readonly CapturedFrame[])[]): CapturedFrame[] {
  const filled = lists.filter((list) => list.length > 0);
  if (filled.length <= 1) return [...(filled[0] ?? [])];
  const next = filled.map(() => 0);
  const merged: CapturedFrame[] = [];
  for (;;) {
    let earliest: { list: number; frame: CapturedFrame } | undefined;
    for (const [list, frames] of filled.entries()) {
      const frame = frames[next[list] ?? 0];
      if (frame !== undefined && (earliest === undefined || frame.time < earliest.frame.time))
        earliest = { list, frame };
    }
    if (earliest === undefined) return merged;
    merged.push(earliest.frame);
    next[earliest.list] = (next[earliest.list] ?? 0) + 1;
  }
}

function moveTo(frame: CapturedFrame, interfaceId: number): CapturedFrame {
  if (frame.interfaceId === interfaceId) return frame;
  const block = frame.block.slice();
  viewOf(block).setUint32(8, interfaceId, true);
  return { ...frame, interfaceId, block };
}

/** The section header with a comment, and of unknown length, since it no longer holds what it held. */
function sectionBlock(section: Uint8Array, comment: string | undefined): Uint8Array {
  const fixed = section.slice(8, SECTION_OPTIONS);
  fixed.fill(0xff, 8, 16);
  const options = readOptions(section, SECTION_OPTIONS);
  if (comment !== undefined) options.push(commentOption(comment));
  return writeBlock(SECTION_HEADER, fixed, options);
}
