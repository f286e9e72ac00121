import { closeZeroWindow } from './windows.js';
import type { Step } from './step.js';

/** FINs, their repeats and acknowledgments, and what was sent after them. */
export function observeClose(step: Step): void {
  const { from, to, fin, len } = step;
  if (to.fin !== undefined && len > 0 && ['data', 'gap', 'window-full'].includes(step.kind)) {
    from.octetsAfterPeerFin += len;
    from.incidents.framesAfterPeerFin.push(step.frame);
  }
  if (!fin) return;
  if (from.fin === undefined) {
    from.fin = {
      frame: step.frame,
      time: step.time,
      end: step.end,
      coversPeerFin: to.fin !== undefined && (step.ack ?? -1) >= to.fin.end,
      repeats: [],
    };
    // Nothing more can be sent to the peer's closed window.
    if (to.zeroWindow !== undefined) closeZeroWindow({ ...step, from: to }, 'close');
    if (step.kind === 'data' || step.kind === 'window-full') step.kind = 'fin';
    return;
  }
  if (from.fin.repeats.length < 16) from.fin.repeats.push(step.frame);
  if (step.end === from.fin.end && len === 0) {
    step.kind = 'fin-repeated';
    step.refersTo = from.fin.frame;
  }
}
