import type { End } from './end.js';
import type { RetransmissionCause, SentSegment } from './end-facts.js';
import type { Step } from './step.js';
import type { PathTimes } from './path-times.js';

/** Linux' lower bound of the retransmission time-out, s: what waits longer was woken by the timer. */
const SHORTEST_TIMEOUT = 0.18;

/** Why data were sent again: `since` is when they were sent before, or when the gap opened, s. */
export function repeatCause(
  step: Step,
  paths: PathTimes,
  since: number | undefined,
  segment: SentSegment | undefined,
): RetransmissionCause {
  const { from, seq, end, time } = step;
  if (end <= from.una) return 'spurious';
  const waited = since === undefined ? undefined : time - since;
  const rtt = (paths.toSender ?? 0) + (paths.toReceiver ?? 0);
  const quiet = time - from.lastTime;
  const sacked = from.sackedTo > seq;
  const continues = seq < from.recoverTo && from.recoverCause !== undefined;
  if (continues && quiet < Math.max(SHORTEST_TIMEOUT, 2 * rtt)) return from.recoverCause ?? 'fast';
  if ((from.dupAcks >= 3 || sacked) && seq >= from.una) {
    const sinceDuplicate = time - from.dupAckTime;
    if (sinceDuplicate < Math.max(SHORTEST_TIMEOUT, 2 * rtt)) return startRecovery(from, 'fast');
    return startRecovery(from, 'timeout');
  }
  // An early retransmit or RACK needs fewer than three: a duplicate ACK a moment ago is reason enough.
  if (from.dupAcks > 0 && time - from.dupAckTime < Math.max(0.05, 1.5 * rtt) && quiet < SHORTEST_TIMEOUT) {
    return startRecovery(from, 'fast');
  }
  if (waited === undefined) return 'unexplained';
  if (waited >= SHORTEST_TIMEOUT) return startRecovery(from, 'timeout');
  if (segment !== undefined && segment.end >= from.next && waited > Math.max(0.002, 1.2 * rtt))
    return 'tail-probe';
  if (rtt > 0 && waited > Math.max(0.01, 2 * rtt)) return startRecovery(from, 'timeout');
  return 'unexplained';
}

function startRecovery(from: End, cause: RetransmissionCause): RetransmissionCause {
  from.recoverTo = from.next;
  from.recoverCause = cause;
  return cause;
}

const KIND_OF_CAUSE = {
  fast: 'fast-retransmission',
  timeout: 'timeout-retransmission',
  'tail-probe': 'tail-probe',
  spurious: 'spurious-retransmission',
  unexplained: 'retransmission',
} as const;

/** Keeps a repeat with its cause and sets `step.kind`. */
export function recordRetransmission(
  step: Step,
  cause: RetransmissionCause,
  original: number | undefined,
  afterMs: number,
): void {
  const { from } = step;
  step.kind = KIND_OF_CAUSE[cause];
  from.incidents.retransmissions.push({
    frame: step.frame,
    time: step.time,
    start: step.seq,
    end: step.end,
    cause,
    original,
    afterMs,
    spurious: cause === 'spurious',
  });
  from.incidents.retransmissionCauses[cause]++;
  if (cause === 'timeout') noteTimeout(step, afterMs);
}

/** Keeps the longest series of repeats of the same octet: its growing gaps show the back-off. */
function noteTimeout(step: Step, afterMs: number): void {
  const { from } = step;
  let series = from.timeoutSeries;
  if (series?.start !== step.seq) {
    series = { start: step.seq, times: [step.time - afterMs / 1000], frames: [] };
    from.timeoutSeries = series;
  }
  if (series.times.length < 20) {
    series.times.push(step.time);
    series.frames.push(step.frame);
  }
  if (series.times.length > (from.longestTimeoutSeries?.times.length ?? 0))
    from.longestTimeoutSeries = series;
}
