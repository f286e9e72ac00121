import { randomBytes } from 'node:crypto';

/*
 * The frames by which a capture is cut. They go out on the captured interface itself, so that their place in the stream
 * is their place among the frames of the case, and are told from all others by a local experimental EtherType
 * (IEEE 802) and a mark. Their destination is the address that no bridge forwards (IEEE 802.1Q, 8.6.3), so that
 * what sits behind a bridge never sees them; a stack on the other end of the wire ignores them by type.
 */

export type SentinelKind = 'begin' | 'end' | 'filler';

/** What one capture recognises as its own begin and end frames. */
export class SentinelFrames {
  readonly #nonce = randomBytes(8);
  #last = 0;

  /** A number that no frame of this capture has borne. */
  next(): number {
    return ++this.#last;
  }

  /** A frame that says where case `id` begins or ends. */
  boundary(kind: 'begin' | 'end', id: number): Uint8Array {
    const frame = header(BOUNDARY_TYPE, SHORTEST_FRAME);
    frame.set(MAGIC, 14);
    frame[KIND] = kind === 'begin' ? 1 : 2;
    frame.set(this.#nonce, NONCE);
    new DataView(frame.buffer).setUint32(ID, id);
    return frame;
  }

  /**
   * The id in a begin or end frame of this capture, `other` for one of another capture or a filler, `undefined`
   * for any other frame. `frame` starts with its Ethernet header and may be cut short.
   */
  recognise(frame: Uint8Array): { kind: 'begin' | 'end'; id: number } | 'other' | undefined {
    const type = ((frame[12] ?? 0) << 8) | (frame[13] ?? 0);
    if (type !== BOUNDARY_TYPE && type !== FILLER_TYPE) return undefined;
    if (!MAGIC.every((octet, i) => frame[14 + i] === octet)) return undefined;
    if (type === FILLER_TYPE || frame.length < ID + 4) return 'other';
    if (!this.#nonce.every((octet, i) => frame[NONCE + i] === octet)) return 'other';
    const id = new DataView(frame.buffer, frame.byteOffset).getUint32(ID);
    return { kind: frame[KIND] === 1 ? 'begin' : 'end', id };
  }
}

/** A frame of `length` octets that only takes up room. */
export function fillerFrame(length: number): Uint8Array {
  const frame = header(FILLER_TYPE, Math.max(length, SHORTEST_FRAME));
  frame.set(MAGIC, 14);
  return frame;
}

function header(type: number, length: number): Uint8Array {
  const frame = new Uint8Array(length);
  frame.set([0x01, 0x80, 0xc2, 0x00, 0x00, 0x01], 0);
  frame.set([0x02, 0x74, 0x63, 0x70, 0x73, 0x70], 6);
  frame[12] = type >>> 8;
  frame[13] = type & 0xff;
  return frame;
}

/** Enough of a frame to recognise it: a capture that cuts frames shorter cannot be cut itself. */
export const SHORTEST_SNAP_LENGTH = 64;

const FILLER_TYPE = 0x88b6;
const BOUNDARY_TYPE = 0x88b7;
const SHORTEST_FRAME = 60;
const MAGIC = new TextEncoder().encode('tcpspec\n');
const KIND = 22;
const NONCE = 23;
const ID = 31;
