const ETHERNET_HEADER = 14;
const IPV4 = 0x0800;
const IPV6 = 0x86dd;
const IPV6_HEADER = 40;
const FRAGMENT_HEADER = 8;
const NEXT_FRAGMENT = 44;
/** Packets in pieces that are remembered at once: an IUT sends one after the other. */
const REMEMBERED = 16;

/** One IP fragment: what it belongs to, where it stands, and the headers before it, of which the first one's count. */
interface Piece {
  key: string;
  /** Octets. */
  offset: number;
  more: boolean;
  headers: Uint8Array;
  octets: Uint8Array;
}

/**
 * Makes one frame of the fragments that an IUT sends, so that the live view has the segment that tshark shows at the last
 * of them. What overlaps is not looked into: the verdict is tshark's.
 */
export class Defragmenter {
  private readonly pieces = new Map<string, Piece[]>();

  /** The frame itself, the frame that its fragments make, or undefined while some are missing. */
  whole(frame: Uint8Array): Uint8Array | undefined {
    const piece = pieceOf(frame);
    if (!piece) return frame;
    const all = [...(this.pieces.get(piece.key) ?? []), piece].sort((a, b) => a.offset - b.offset);
    this.pieces.delete(piece.key);
    const joined = join(all);
    if (joined) return joined;
    this.pieces.set(piece.key, all);
    const [oldest] = this.pieces.keys();
    if (this.pieces.size > REMEMBERED && oldest !== undefined) this.pieces.delete(oldest);
    return undefined;
  }
}

function pieceOf(frame: Uint8Array): Piece | undefined {
  if (frame.length < ETHERNET_HEADER + 20) return undefined;
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const type = view.getUint16(12);
  const at = ETHERNET_HEADER;
  const text = (from: number, to: number) => Buffer.from(frame.subarray(from, to)).toString('hex');
  if (type === IPV4) {
    const field = view.getUint16(at + 6);
    if ((field & 0x3fff) === 0) return undefined;
    const start = at + (frame[at]! & 15) * 4;
    return {
      key: `${text(at + 12, at + 20)} ${frame[at + 9]} ${view.getUint16(at + 4)}`,
      offset: (field & 0x1fff) * 8,
      more: (field & 0x2000) !== 0,
      headers: frame.slice(0, start),
      octets: frame.slice(start, at + view.getUint16(at + 2)),
    };
  }
  const start = at + IPV6_HEADER + FRAGMENT_HEADER;
  if (type !== IPV6 || frame[at + 6] !== NEXT_FRAGMENT || frame.length < start) return undefined;
  const field = view.getUint16(at + IPV6_HEADER + 2);
  const headers = frame.slice(0, at + IPV6_HEADER);
  headers[at + 6] = frame[at + IPV6_HEADER]!;
  return {
    key: `${text(at + 8, at + 40)} ${view.getUint32(at + IPV6_HEADER + 4)}`,
    offset: field & 0xfff8,
    more: (field & 1) !== 0,
    headers,
    octets: frame.slice(start, at + IPV6_HEADER + view.getUint16(at + 4)),
  };
}

function join(pieces: readonly Piece[]): Uint8Array | undefined {
  let end = 0;
  for (const { offset, octets } of pieces) {
    if (offset > end) return undefined;
    end = Math.max(end, offset + octets.length);
  }
  const [first] = pieces;
  if (!first || pieces.at(-1)?.more !== false) return undefined;
  const frame = Buffer.alloc(first.headers.length + end);
  frame.set(first.headers, 0);
  for (const { offset, octets } of pieces) frame.set(octets, first.headers.length + offset);
  const isIpv4 = frame.readUInt16BE(12) === IPV4;
  const length = frame.length - ETHERNET_HEADER;
  frame.writeUInt16BE(isIpv4 ? length : length - IPV6_HEADER, ETHERNET_HEADER + (isIpv4 ? 2 : 4));
  if (isIpv4) frame.writeUInt16BE(0, ETHERNET_HEADER + 6);
  return frame;
}
