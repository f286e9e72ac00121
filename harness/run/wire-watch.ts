import { ACK, FIN, RST, SYN } from '../dissect/packet.js';

/**
 * Watches the frames of a lab as they pass, to know when a session is over and the capture may be cut. It decides when
 * to look, never what the verdict is: that comes from the dissected capture.
 */
export class WireWatch {
  private readonly conversations = new Map<string, Conversation>();
  private lastFrameAt: number | undefined;

  /** Takes one Ethernet frame seen at `now` (ms); whatever is not TCP is passed over. */
  onFrame(frame: Uint8Array, now: number): void {
    const segment = parseFrame(frame);
    if (!segment) return;
    this.lastFrameAt = now;
    const forward = `${segment.source}>${segment.destination}`;
    const backward = `${segment.destination}>${segment.source}`;
    let conversation = this.conversations.get(forward) ?? this.conversations.get(backward);
    if (!conversation) {
      conversation = { opener: forward, directions: [newDirection(), newDirection()], reset: false };
      this.conversations.set(forward, conversation);
    }
    const index = conversation.opener === forward ? 0 : 1;
    track(conversation, segment, index);
  }

  /** Forgets everything, as at the start of a case. */
  reset(): void {
    this.conversations.clear();
    this.lastFrameAt = undefined;
  }

  /** ms since the last TCP frame; Infinity when none has passed. */
  idleMs(now: number): number {
    return this.lastFrameAt === undefined ? Infinity : now - this.lastFrameAt;
  }

  get seen(): number {
    return this.conversations.size;
  }

  /** Every conversation was reset, or both of its FINs were acknowledged. */
  get ended(): boolean {
    return this.all(
      (conversation) => conversation.reset || conversation.directions.every((side) => side.finAcked),
    );
  }

  /** Nothing that takes sequence space is waiting for its acknowledgement. */
  get quiescent(): boolean {
    return this.all(
      (conversation) => conversation.reset || conversation.directions.every((side) => side.outstanding <= 0),
    );
  }

  private all(test: (conversation: Conversation) => boolean): boolean {
    for (const conversation of this.conversations.values()) if (!test(conversation)) return false;
    return true;
  }
}

interface Conversation {
  opener: string;
  directions: [Direction, Direction];
  reset: boolean;
}

interface Direction {
  /** Sequence number after the highest octet sent; undefined until something was sent. */
  next: number | undefined;
  fin: number | undefined;
  outstanding: number;
  finAcked: boolean;
}

interface ParsedSegment {
  source: string;
  destination: string;
  seq: number;
  ack: number;
  flags: number;
  /** SEG.LEN, SYN and FIN included. */
  length: number;
}

const newDirection = (): Direction => ({ next: undefined, fin: undefined, outstanding: 0, finAcked: false });

function track(conversation: Conversation, segment: ParsedSegment, index: 0 | 1): void {
  const own = conversation.directions[index];
  const other = conversation.directions[index === 0 ? 1 : 0];
  if (segment.flags & RST) {
    conversation.reset = true;
    return;
  }
  if (segment.flags & SYN && !(segment.flags & ACK) && conversation.reset) {
    conversation.reset = false;
    conversation.directions = [newDirection(), newDirection()];
    track(conversation, segment, index);
    return;
  }
  const end = (segment.seq + segment.length) | 0;
  if (own.next === undefined || ((end - own.next) | 0) > 0) {
    own.outstanding += own.next === undefined ? segment.length : (end - own.next) | 0;
    own.next = end;
  }
  if (segment.flags & FIN) own.fin = end;
  if (!(segment.flags & ACK) || other.next === undefined) return;
  other.outstanding = Math.max(0, (other.next - segment.ack) | 0);
  if (other.fin !== undefined && ((segment.ack - other.fin) | 0) >= 0) other.finAcked = true;
}

const ETHERTYPE_IPV4 = 0x0800;
const ETHERTYPE_IPV6 = 0x86dd;
const ETHERNET_HEADER = 14;
const IPV6_HEADER = 40;
const PROTOCOL_TCP = 6;

function parseFrame(frame: Uint8Array): ParsedSegment | undefined {
  if (frame.length < ETHERNET_HEADER + 40) return undefined;
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const type = view.getUint16(12);
  if (type === ETHERTYPE_IPV4) {
    const headerLength = (frame[ETHERNET_HEADER]! & 15) * 4;
    if (frame[ETHERNET_HEADER + 9] !== PROTOCOL_TCP) return undefined;
    const end = ETHERNET_HEADER + view.getUint16(ETHERNET_HEADER + 2);
    return parseTcp(view, ETHERNET_HEADER + 12, 4, ETHERNET_HEADER + headerLength, end);
  }
  if (type === ETHERTYPE_IPV6) {
    if (frame[ETHERNET_HEADER + 6] !== PROTOCOL_TCP) return undefined;
    const start = ETHERNET_HEADER + IPV6_HEADER;
    return parseTcp(view, ETHERNET_HEADER + 8, 16, start, start + view.getUint16(ETHERNET_HEADER + 4));
  }
  return undefined;
}

function parseTcp(
  view: DataView,
  addresses: number,
  addressLength: number,
  start: number,
  end: number,
): ParsedSegment | undefined {
  if (start + 20 > view.byteLength) return undefined;
  const flags = view.getUint16(start + 12) & 0x0fff;
  const dataOffset = (view.getUint8(start + 12) >>> 4) * 4;
  const payload = Math.max(0, end - start - dataOffset);
  return {
    source: `${hex(view, addresses, addressLength)}:${view.getUint16(start)}`,
    destination: `${hex(view, addresses + addressLength, addressLength)}:${view.getUint16(start + 2)}`,
    seq: view.getUint32(start + 4),
    ack: view.getUint32(start + 8),
    flags,
    length: payload + (flags & SYN ? 1 : 0) + (flags & FIN ? 1 : 0),
  };
}

function hex(view: DataView, at: number, length: number): string {
  return Buffer.from(view.buffer, view.byteOffset + at, length).toString('latin1');
}
