import { seqAdd, seqDiff, seqMax } from './seq.js';
import type { Tcb } from './tcb.js';

/**
 * The window field of a segment about to leave, and the right edge moved accordingly: only by a worthwhile step
 * (RFC 9293 section 3.8.6.2.2) and never back (SHLD-14). Scaling rounds down, which would pull the edge back a little;
 * so it rounds up while the buffer has room for it (RFC 7323 section 2.4).
 */
export function announceWindow(tcb: Tcb): number {
  const rules = tcb.stack.rules;
  const free = rules.freeEdge(tcb);
  const gain = seqDiff(free, tcb.rcvEdge);
  let edge = tcb.rcvEdge;
  if (gain > 0 ? rules.worthOpening(tcb, gain) : gain < 0 && rules.mayPullBack()) edge = free;
  const window = seqDiff(edge, tcb.rcvNxt);
  let field = window >>> tcb.rcvScale;
  if (field << tcb.rcvScale < window && seqDiff(free, tcb.rcvNxt) >= (field + 1) << tcb.rcvScale) field++;
  if (field > 65_535) field = 65_535;
  const announced = seqAdd(tcb.rcvNxt, field << tcb.rcvScale);
  tcb.rcvEdge = rules.mayPullBack() ? announced : seqMax(tcb.rcvEdge, announced);
  return field;
}

/** The window field of a SYN or SYN,ACK, never scaled (RFC 7323 section 2.2). */
export function synWindow(tcb: Tcb): number {
  return Math.min(65_535, tcb.settings.receiveBuffer, tcb.settings.window);
}

/** After the application has read: is the window worth an ACK of its own? */
export function windowUpdateDue(tcb: Tcb): boolean {
  const rules = tcb.stack.rules;
  const edge = rules.freeEdge(tcb);
  const representable = Math.min(seqDiff(edge, tcb.rcvNxt), 65_535 << tcb.rcvScale);
  return rules.updatesWindowNow(tcb, seqAdd(tcb.rcvNxt, representable));
}
