import type { Draft, View } from '../view.js';
import { count, duration, list } from '../words.js';

/** Repeats that the retransmission timer sent, with its back-off. */
export function timeoutRetransmissions(view: View): Draft[] {
  return view.c.ends.flatMap((end) => {
    const repeats = end.incidents.retransmissions.items.filter((repeat) => repeat.cause === 'timeout');
    const total = end.incidents.retransmissionCauses['timeout'];
    const [first] = repeats;
    if (first === undefined) return [];
    const series = end.longestTimeoutSeries;
    const waits =
      series === undefined
        ? []
        : series.times.slice(1).map((time, i) => (time - (series.times[i] ?? time)) * 1000);
    const dead = series !== undefined && end.isStuck();
    const draft: Draft = {
      id: 'timeout-retransmission',
      severity: dead ? 'error' : 'warning',
      end: view.role(end),
      frames: [...(dead ? series.frames : []), ...repeats.map((repeat) => repeat.frame)],
      title: dead
        ? `The ${view.role(end)} repeats the same data ${count(series.frames.length, 'time')} without an answer`
        : `${count(total, 'retransmission')} by time-out of the ${view.role(end)}`,
      explanation:
        `Octet ${series?.start ?? first.start} was sent again after ${list(waits.slice(0, 10).map(duration))}${backoff(waits)}. ` +
        (dead
          ? `The other end acknowledged nothing of it: it is unreachable, or these packets are dropped on the way.`
          : `The sender had to wait for its timer because too few duplicate ACKs came: the last segments of a burst were lost, or the retransmission or the ACKs themselves.`),
      remedy: dead
        ? `Capture at the other end to see whether the segments arrive there; if only large ones vanish, look at the path MTU.`
        : `Time-outs cost far more than fast retransmissions; look for losses in bursts (full queues, policers).`,
      facts: { timeouts: total, waitsMs: waits.map(Math.round) },
    };
    return [draft];
  });
}

function backoff(waits: readonly number[]): string {
  const doubles = waits.length > 1 && waits.slice(1).every((wait, i) => wait > 1.5 * (waits[i] ?? 0));
  return doubles ? ' - the timer doubles each time' : '';
}
