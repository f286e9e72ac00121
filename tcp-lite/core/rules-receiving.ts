import { ArrivalRules } from './rules-arrival.js';
import { seqAdd, seqDiff, type SeqNum } from './seq.js';
import type { Tcb } from './tcb.js';

/** The decisions of the receiver: when to acknowledge and what window to announce. */
export class ReceivingRules extends ArrivalRules {
  /** MUST-40, SHLD-18: how long an ACK may wait, ms. */
  ackDelayMs(tcb: Tcb): number {
    return tcb.settings.ackDelayMs ?? tcb.stack.limits.ackDelayMs;
  }

  /** SHLD-19: at least every second full-sized segment. */
  acknowledgesAtOnce(tcb: Tcb): boolean {
    return this.ackDelayMs(tcb) === 0 || seqDiff(tcb.rcvNxt, tcb.lastAckSent) >= 2 * tcb.rcvMss;
  }

  /** Immediate ACK behind or into a gap (RFC 5681 section 4.2, MAY-13). */
  acknowledgesOutOfOrder(): boolean {
    return true;
  }

  /** The right edge that the buffer allows. */
  freeEdge(tcb: Tcb): SeqNum {
    const free = tcb.settings.receiveBuffer - tcb.reassembly.ready;
    return seqAdd(tcb.rcvNxt, Math.max(0, Math.min(free, tcb.settings.window)));
  }

  /** MUST-39: the edge moves only by a worthwhile step. */
  worthOpening(tcb: Tcb, octets: number): boolean {
    const buffer = Math.min(tcb.settings.receiveBuffer, tcb.settings.window);
    return octets >= Math.min(buffer / 2, tcb.sndMss);
  }

  /** SHLD-14: an edge once announced stays. */
  mayPullBack(): boolean {
    return false;
  }

  /**
   * An ACK only to tell of the window: worth it once the peer may be stuck. While it can send two more full segments,
   * the ACK of those will tell.
   */
  updatesWindowNow(tcb: Tcb, edge: SeqNum): boolean {
    const left = seqDiff(tcb.rcvEdge, tcb.rcvNxt);
    const offered = seqDiff(edge, tcb.rcvNxt);
    return left < 2 * tcb.sndMss && this.worthOpening(tcb, offered - left);
  }

  /** Shift of the window field: the smallest that lets the whole buffer be announced, at most 14 (RFC 7323 section 2.3). */
  windowShift(receiveBuffer: number): number {
    let shift = 0;
    while (shift < 14 && 65_535 << shift < receiveBuffer) shift++;
    return shift;
  }

  /** RFC 2883: report duplicates. */
  reportsDuplicates(): boolean {
    return true;
  }

  /** RFC 2018 section 4: as many blocks as fit; 3 beside timestamps. */
  sackBlockLimit(tcb: Tcb): number {
    return tcb.timestamps ? 3 : 4;
  }
}
