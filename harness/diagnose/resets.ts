import type { End } from './end.js';
import { ipId } from './end.js';
import { Bounded } from './sequence.js';
import type { Kind, Step } from './step.js';

/** What a packet said, kept for the reset that may answer it. */
export interface Trace {
  frame: number;
  time: number;
  kind: Kind;
  syn: boolean;
  fin: boolean;
  hasAck: boolean;
  ackRaw: number;
  /** Raw sequence number after its last octet, SYN and FIN. */
  endRaw: number;
  len: number;
}

export type Phase = 'syn-sent' | 'handshake' | 'established' | 'closing' | 'closed' | 'unknown';

/** A reset with all that was known when it came. Judged later: what follows it tells who sent it. */
export interface ResetFact {
  frame: number;
  time: number;
  from: End;
  hasAck: boolean;
  seqRaw: number;
  ackRaw: number;
  seq: number;
  window: number;
  optionKinds: number;
  ttl: number;
  id: number | undefined;
  dontFragment: boolean;
  phase: Phase;
  /** The peer's packet that it answers, as far as can be told. */
  trigger: Trace | undefined;
  /** Its own end's packet before it. */
  ownBefore: Trace | undefined;
  /** Its number is the one with which a segment of the peer is answered for which there is no connection. */
  answersSegment: boolean;
  /** The form in which a host answers a segment for a connection it does not know (RFC 9293 section 3.10.7.1). */
  closedStyle: boolean;
  /** Where its sequence number lies in the receiver's window (RFC 5961 section 3.2). */
  position: 'exact' | 'in-window' | 'outside' | 'unknown';
  /** Silence of the conversation before the trigger, s. */
  idle: number;
  unansweredKeepAlives: number;
  /** Repeats of the same octet by its own end without an answer. */
  unansweredRepeats: number;
  /** Payload so far. */
  ownOctets: number;
  peerOctets: number;
  ownFinBefore: boolean;
  peerFinBefore: boolean;
  /** Everything it had sent was acknowledged, and everything it got it had acknowledged. */
  outstanding: number;
  /** Usual TTL of its end's other packets before it, and how many those were. */
  usualTtl: number | undefined;
  ownPackets: number;
  /** Packets of the same end after it, which go on as if there had been no reset. */
  readonly continued: Bounded<{ frame: number; kind: Kind }>;
  /** Packets of the peer after it. */
  readonly peerAfter: Bounded<{ frame: number; kind: Kind }>;
}

/** The reset that `step` is; `recent` holds the last packets of each end, newest first. */
export function describeReset(
  step: Step,
  phase: Phase,
  peerRecent: readonly Trace[],
  ownBefore: Trace | undefined,
  idle: number,
  usual: number | undefined,
): ResetFact {
  const { from, to, packet } = step;
  const { tcp } = packet;
  const matching = peerRecent.find((trace) => answersAsClosed(step, trace));
  const trigger = matching ?? peerRecent[0];
  return {
    frame: step.frame,
    time: step.time,
    from,
    hasAck: step.hasAck,
    seqRaw: tcp.seqRaw,
    ackRaw: tcp.ackRaw,
    seq: step.seq,
    window: tcp.windowRaw,
    optionKinds: tcp.options.kinds.length,
    ttl: packet.ip.ttl,
    id: ipId(packet),
    dontFragment: packet.ip.dontFragment ?? false,
    phase,
    trigger: trigger && { ...trigger },
    ownBefore: ownBefore && { ...ownBefore },
    answersSegment: matching !== undefined,
    closedStyle: matching !== undefined && tcp.windowRaw === 0 && tcp.options.kinds.length === 0,
    position: position(step),
    idle,
    unansweredKeepAlives: from.unansweredKeepAlives,
    unansweredRepeats: from.timeoutSeries?.frames.length ?? 0,
    ownOctets: from.uniqueOctets,
    peerOctets: to.uniqueOctets,
    ownFinBefore: from.fin !== undefined,
    peerFinBefore: to.fin !== undefined,
    outstanding: Math.max(0, from.next - from.una),
    usualTtl: usual,
    ownPackets: from.fingerprint.packets,
    continued: new Bounded(16),
    peerAfter: new Bounded(16),
  };
}

/** RFC 9293 section 3.10.7.1: with an ACK the reset takes its number from it, without one it acknowledges the segment. */
function answersAsClosed(step: Step, trace: Trace): boolean {
  const { tcp } = step.packet;
  if (trace.hasAck) return !step.hasAck && tcp.seqRaw === trace.ackRaw;
  return step.hasAck && tcp.seqRaw === 0 && tcp.ackRaw === trace.endRaw;
}

function position(step: Step): ResetFact['position'] {
  const { from, to, seq } = step;
  if (from.base === undefined) return 'unknown';
  if (seq === from.next || seq === from.una) return 'exact';
  const edge = Math.max(to.maxEdge, from.una + to.window);
  return seq >= from.una && seq < edge ? 'in-window' : 'outside';
}
