import type { Packet } from '../dissect/packet.js';
import { ACK, FIN, RST, SYN } from '../dissect/packet.js';
import type { End } from './end.js';
import { unwrap } from './sequence.js';

/** What kind of packet it turned out to be, as the analyst names it. */
export type Kind =
  | 'syn'
  | 'syn-repeated'
  | 'syn-ack'
  | 'syn-ack-repeated'
  | 'handshake-ack'
  | 'data'
  | 'ack'
  | 'duplicate-ack'
  | 'window-update'
  | 'zero-window'
  | 'old-ack'
  | 'keep-alive'
  | 'keep-alive-ack'
  | 'zero-window-probe'
  | 'zero-window-probe-ack'
  | 'window-full'
  | 'gap'
  | 'fills-gap'
  | 'out-of-order'
  | 'fast-retransmission'
  | 'timeout-retransmission'
  | 'tail-probe'
  | 'spurious-retransmission'
  | 'retransmission'
  | 'duplicate-frame'
  | 'acks-unseen'
  | 'fin'
  | 'fin-repeated'
  | 'reset'
  | 'refusal'
  | 'bad-checksum'
  | 'out-of-window'
  | 'after-reset'
  | 'strange-flags';

/** One packet with its place in the conversation; one object is reused for all. */
export interface Step {
  packet: Packet;
  frame: number;
  /** s since the epoch, never going back. */
  time: number;
  from: End;
  to: End;
  syn: boolean;
  fin: boolean;
  rst: boolean;
  hasAck: boolean;
  len: number;
  /** Relative to `from`'s ISN. */
  seq: number;
  /** After the last octet, SYN and FIN. */
  end: number;
  /** Relative to `to`'s ISN; undefined without the ACK flag. */
  ack: number | undefined;
  /** Octets, scaled where the scale is known. */
  window: number;
  kind: Kind;
  /** What the sentence adds: a frame, a number of octets, a time. */
  refersTo: number | undefined;
  amount: number | undefined;
  /** `una` of the peer moved. */
  advanced: boolean;
}

export function readStep(step: Step, packet: Packet, time: number, from: End, to: End): void {
  const { tcp } = packet;
  step.packet = packet;
  step.frame = packet.frame;
  step.time = time;
  step.from = from;
  step.to = to;
  step.syn = (tcp.flags & SYN) !== 0;
  step.fin = (tcp.flags & FIN) !== 0;
  step.rst = (tcp.flags & RST) !== 0;
  step.hasAck = (tcp.flags & ACK) !== 0;
  step.len = tcp.len;
  step.refersTo = undefined;
  step.amount = undefined;
  step.advanced = false;
  step.kind = 'ack';
  step.ack = undefined;
  if (step.syn && !step.rst) startSequence(from, tcp.seqRaw);
  // A reset of a host that knows nothing may carry any number: it must not fix the base of a stream.
  step.seq = step.rst ? peek(from, tcp.seqRaw) : from.relative(tcp.seqRaw);
  step.end = step.seq + tcp.len + (step.syn ? 1 : 0) + (step.fin ? 1 : 0);
  if (step.hasAck) step.ack = step.rst ? peek(to, tcp.ackRaw) : to.relative(tcp.ackRaw);
  step.window = scaledWindow(step);
}

/** A SYN says where the stream begins, also when later packets were seen before it. */
function startSequence(end: End, raw: number): void {
  if (end.isn !== undefined && end.isn !== raw && end.next > 1) return;
  if (end.isn !== raw) {
    const moved = end.base === undefined ? 0 : unwrap(raw, end.base, 0);
    end.isn = raw;
    end.base = raw;
    end.next = Math.max(0, end.next - moved);
    end.una = Math.max(0, end.una - moved);
  }
}

function peek(end: End, raw: number): number {
  return end.base === undefined ? 0 : unwrap(raw, end.base, end.next);
}

/** RFC 7323 section 2.3: the window of a SYN is never scaled. */
function scaledWindow(step: Step): number {
  const { tcp } = step.packet;
  if (step.syn) return tcp.windowRaw;
  return step.from.shift === undefined ? tcp.window : tcp.windowRaw * 2 ** step.from.shift;
}
