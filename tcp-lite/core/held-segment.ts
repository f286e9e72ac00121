import type { Segment } from '../wire/segment.js';
import { FIN, SYN } from './flags.js';
import { seqAdd } from './seq.js';
import type { Tcb } from './tcb.js';
import { processText } from './text.js';

/**
 * Text or FIN that came with a SYN waits for the handshake (RFC 9293 sections 3.5, 3.10.7.2, 3.10.7.3). No more is kept
 * than the first segment's; what does not fit the window the peer sends again.
 */
export function holdSegment(tcb: Tcb, segment: Segment): void {
  tcb.heldSegment = {
    ...segment,
    seq: seqAdd(segment.seq, segment.flags & SYN ? 1 : 0),
    flags: segment.flags & ~SYN,
    payload: segment.payload.slice(),
  };
}

/** The handshake is done: process what waited, from step 6 of section 3.10.7.4 on. */
export function releaseHeld(tcb: Tcb, now: number): void {
  const held = tcb.heldSegment;
  if (held === undefined) return;
  tcb.heldSegment = undefined;
  processText(tcb, held, held.seq, held.payload, (held.flags & FIN) !== 0, now);
}
