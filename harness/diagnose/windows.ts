import type { Step } from './step.js';

/**
 * Keep-alives and zero-window probes look like repeats of an octet long acknowledged: they are told apart before the
 * loss analysis sees them. Returns true when the packet was one.
 */
export function isProbe(step: Step): boolean {
  const { from, to, seq, len } = step;
  if (len > 1 || step.fin) return false;
  const closed = to.zeroWindow !== undefined;
  // Linux probes with the octet before SND.UNA and without payload; BSD and others with the next octet itself.
  const before = seq === from.una - 1 && from.una >= from.next;
  const next = len === 1 && seq === from.una && (from.una >= from.next || from.lastProbe?.seq === seq);
  if (closed && (before || next)) {
    step.kind = 'zero-window-probe';
    to.zeroWindow?.probes.push({ frame: step.frame, time: step.time });
    if ((to.zeroWindow?.probes.length ?? 0) > 32) to.zeroWindow?.probes.pop();
    if (to.zeroWindow) to.zeroWindow.probeCount++;
    from.lastProbe = { seq, len, frame: step.frame, answered: false };
    return true;
  }
  if (before && from.next >= 1 && to.lastFrame > 0) {
    step.kind = 'keep-alive';
    const probe = { frame: step.frame, time: step.time, len, answered: undefined };
    from.incidents.keepAlives.push(probe);
    from.pendingKeepAlive = probe;
    from.unansweredKeepAlives++;
    return true;
  }
  return false;
}

/** The answer to a probe: the same acknowledgment again, which is no sign of loss. */
export function observeProbeAnswer(step: Step): void {
  const { from, to } = step;
  if (!step.hasAck || step.rst) return;
  const pending = to.pendingKeepAlive;
  if (pending !== undefined && step.ack !== undefined && step.ack >= to.next) {
    pending.answered = step.frame;
    to.pendingKeepAlive = undefined;
    to.unansweredKeepAlives = 0;
    if (step.len === 0 && !step.fin && step.kind !== 'keep-alive') {
      step.kind = 'keep-alive-ack';
      step.refersTo = pending.frame;
    }
  }
  const probe = to.lastProbe;
  if (probe !== undefined && !probe.answered && from.zeroWindow !== undefined) {
    probe.answered = true;
    from.zeroWindow.answers++;
    if (step.window === 0 && step.len === 0) {
      step.kind = 'zero-window-probe-ack';
      step.refersTo = probe.frame;
    }
  }
}

/** Follows the window that `from` offers, and whether `to`'s peer filled the one it was offered. */
export function observeWindow(step: Step): void {
  const { from, to, ack } = step;
  if (step.rst || ack === undefined || ack < to.una) return;
  const edge = ack + step.window;
  if (edge > from.maxEdge) from.maxEdge = edge;
  from.window = step.window;
  if (step.syn) {
    from.synWindow ??= step.window;
    return;
  }
  from.largestWindow = Math.max(from.largestWindow, step.window);
  if (from.windows++ === 0) from.firstWindowFrame = step.frame;
  if (step.window === 0) {
    // After the peer's FIN no window matters any more.
    if (from.zeroWindow === undefined && to.fin === undefined) openZeroWindow(step);
    return;
  }
  closeZeroWindow(step, 'update');
}

/** Judges a data segment against the window its receiver offered last. */
export function observeWindowUse(step: Step): void {
  const { from, to, end, len } = step;
  if (len === 0 || step.syn || to.shift === undefined || to.maxEdge === 0) return;
  const limit = end - (step.fin ? 1 : 0);
  if (limit > to.maxEdge + 2 ** to.shift && step.kind !== 'zero-window-probe') {
    from.incidents.beyondWindow.push({ frame: step.frame, octets: limit - to.maxEdge, acked: false });
    return;
  }
  if (to.window > 0 && limit === to.maxEdge && step.kind === 'data') {
    from.incidents.windowFull.push(step.frame);
    step.kind = 'window-full';
  }
}

function openZeroWindow(step: Step): void {
  const { from } = step;
  from.zeroWindow = {
    frame: step.frame,
    time: step.time,
    probes: [],
    probeCount: 0,
    answers: 0,
    endFrame: undefined,
    endTime: undefined,
    endedBy: undefined,
  };
  from.incidents.zeroWindows.push(from.zeroWindow);
  if (step.kind === 'ack' || step.kind === 'window-update' || step.kind === 'duplicate-ack') {
    step.kind = 'zero-window';
  }
}

export function closeZeroWindow(step: Step, by: 'update' | 'close'): void {
  const { from } = step;
  const period = from.zeroWindow;
  if (period === undefined) return;
  period.endFrame = step.frame;
  period.endTime = step.time;
  period.endedBy = by;
  from.zeroWindow = undefined;
  if (by === 'update' && (step.kind === 'ack' || step.kind === 'duplicate-ack')) step.kind = 'window-update';
}
