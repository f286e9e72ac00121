import { ACK, FIN, PSH, RST, SYN } from '../../tcp-lite/core/flags.js';
import { segmentLength } from '../../tcp-lite/core/segment-out.js';
import { seqAdd, seqDiff, seqLeq, seqLt } from '../../tcp-lite/core/seq.js';
import type { Tcb } from '../../tcp-lite/core/tcb.js';
import type { Segment } from '../../tcp-lite/wire/segment.js';

/**
 * Is the segment of that kind of the state matrix (expectations/requirements/state-matrix.yaml), for a connection in its
 * present state? Without a connection, what depends on its numbers is any of the kinds that differ by them.
 */
export function isOfKind(segment: Segment, kind: string, tcb: Tcb | undefined): boolean {
  const { flags, payload } = segment;
  const control = flags & (SYN | FIN | RST | ACK);
  switch (kind) {
    case 'syn':
    case 'syn_in_window':
      return (
        (control & ~FIN) === SYN &&
        (!hasWindow(tcb) || (kind === 'syn_in_window') === isInWindow(tcb, segment.seq))
      );
    case 'synack_ok':
    case 'synack_bad':
      return (
        (control & ~FIN) === (SYN | ACK) &&
        (tcb === undefined || (kind === 'synack_ok') === (segment.ack === seqAdd(tcb.iss, 1)))
      );
    case 'ack_ok':
    case 'ack_old':
    case 'ack_future':
      return (
        (flags & ~PSH) === ACK &&
        payload.length === 0 &&
        (tcb === undefined || kind === ackKind(segment.ack, tcb))
      );
    case 'rst_exact':
    case 'rst_inexact':
    case 'rst_outside':
      return control === RST && (!hasWindow(tcb) || kind === resetKind(segment.seq, tcb));
    case 'rst_ack':
      return control === (RST | ACK);
    case 'fin_in_order':
    case 'fin_outside':
      return (
        control === (FIN | ACK) && (kind === 'fin_in_order') === isGood(segment, tcb, kind === 'fin_in_order')
      );
    case 'data_in':
    case 'data_outside':
      return (
        control === ACK &&
        payload.length > 0 &&
        (kind === 'data_in') === isGood(segment, tcb, kind === 'data_in')
      );
    case 'data_noack':
      return (control & (SYN | RST | ACK)) === 0;
    default:
      return false;
  }
}

/** Has it synchronized, so that numbers lie in or outside of a window? */
function hasWindow(tcb: Tcb | undefined): tcb is Tcb {
  return tcb !== undefined && tcb.state !== 'SYN-SENT';
}

function isInWindow(tcb: Tcb, seq: number): boolean {
  return seqLeq(tcb.rcvNxt, seq) && seqLt(seq, tcb.rcvEdge);
}

function ackKind(ack: number, tcb: Tcb): string {
  const opening = tcb.state === 'SYN-SENT' || tcb.state === 'SYN-RECEIVED';
  if (seqDiff(ack, tcb.sndMax) > 0) return 'ack_future';
  const old = opening ? seqLeq(ack, tcb.sndUna) : seqLt(ack, tcb.sndUna);
  return old ? 'ack_old' : 'ack_ok';
}

function resetKind(seq: number, tcb: Tcb): string {
  if (seq === tcb.rcvNxt) return 'rst_exact';
  return isInWindow(tcb, seq) ? 'rst_inexact' : 'rst_outside';
}

/** In order or repeated, or of the window; in SYN-SENT, with an acceptable ACK. Any will do without a connection. */
function isGood(segment: Segment, tcb: Tcb | undefined, otherwise: boolean): boolean {
  if (tcb === undefined) return otherwise;
  if (tcb.state === 'SYN-SENT') return ackKind(segment.ack, tcb) === 'ack_ok';
  const end = seqAdd(segment.seq, segmentLength(segment));
  const repeats = (segment.flags & FIN) !== 0 && end === tcb.rcvNxt;
  return repeats || (seqLt(tcb.rcvNxt, end) && seqLt(segment.seq, tcb.rcvEdge));
}
