import type { DupAckRun, End } from '../end.js';
import { RangeSet, type Range } from '../sequence.js';
import type { Draft, View } from '../view.js';
import { capital, count, duration, framesText, list, number, octets } from '../words.js';

/** Octets that did not arrive at the first attempt: which, how many segments, and what became of them. */
export function lostSegments(view: View): Draft[] {
  if (view.oneDirection !== undefined) return [];
  return view.c.ends.flatMap((end) => {
    const lost = lostRanges(end);
    const total = lost.octets;
    if (total <= 0) return [];
    const size = end.segmentSize(view.peer(end).synOptions?.mss);
    const open = unrepaired(end);
    const [run] = [...end.incidents.dupAckRuns.items].sort((a, b) => b.count - a.count);
    const draft: Draft = {
      id: 'lost-segments',
      severity: open > 0 ? 'error' : 'warning',
      end: view.role(end),
      frames: [
        ...end.incidents.lossFrames.items,
        ...end.incidents.retransmissions.items
          .filter((repeat) => !repeat.spurious)
          .map((repeat) => repeat.frame),
        ...(open > 0 && run !== undefined ? [run.firstFrame, run.lastFrame] : []),
      ],
      title: `${inSegments(total, size)} of the ${view.role(end)} lost`,
      explanation:
        `Of the ${view.role(end)}'s stream ${rangesText(lost.ranges, size)} did not reach the ${view.role(view.peer(end))} at the first attempt: ` +
        `${inSegments(total, size)}${size === undefined ? '' : ` of ${octets(size)}${total % size === 0 ? '' : ', the last shorter'}`}. ${where(view, end)}` +
        `${reaction(end, run)}${repair(view, end, open)}`,
      remedy:
        open > 0
          ? `The way towards the ${view.role(view.peer(end))} loses packets for good: look for a filter on size or content, a broken link, a full queue.`
          : `Single losses are how TCP finds its speed. If they are frequent: look for full queues (interface drops), duplex or cable errors, Wi-Fi, a policer.`,
      facts: {
        octets: total,
        ...(size !== undefined && { segmentSize: size, segments: Math.ceil(total / size) }),
        unrepaired: open,
        retransmissions: end.incidents.retransmissions.count,
      },
    };
    return [draft];
  });
}

/** Lost as seen from repeats, and what the receiver still asks for at the end of the capture. */
function lostRanges(end: End): RangeSet {
  const lost = new RangeSet(256);
  for (const range of end.incidents.lost.ranges) lost.add(range.start, range.end);
  for (const hole of end.holes) if (hole.dupAcks > 0 || end.dupAckTotal > 0) lost.add(hole.start, hole.end);
  if (end.dupAcks >= 3 && end.sackedFrom !== undefined) lost.add(end.una, end.sackedFrom);
  return lost;
}

/** Octets that the receiver was still missing when the capture ended. */
function unrepaired(end: End): number {
  const { longestTimeoutSeries: series } = end;
  const stuck = series !== undefined && series.frames.length >= 3 && end.una <= series.start;
  const asked = end.dupAcks >= 3 && end.sackedFrom !== undefined ? end.sackedFrom - end.una : 0;
  const holes = end.holes
    .filter((hole) => hole.dupAcks >= 3)
    .reduce((sum, hole) => sum + hole.end - hole.start, 0);
  return Math.max(holes, asked, stuck ? end.next - end.una : 0);
}

/** `33 segments (48,180 octets)`. */
function inSegments(total: number, size: number | undefined): string {
  if (size === undefined || size === 0) return octets(total);
  const whole = total / size;
  if (!Number.isInteger(whole)) return `${count(Math.ceil(whole), 'segment')} (${octets(total)})`;
  return `${count(whole, 'segment')} (${whole > 1 ? `${number(whole)} x ${number(size)} = ` : ''}${octets(total)})`;
}

function rangesText(ranges: readonly Range[], size: number | undefined): string {
  const shown = ranges.slice(0, 5).map((range) => {
    const length = range.end - range.start;
    const segments = size !== undefined && length > size ? ` (${inSegments(length, size)})` : '';
    return length === 1
      ? `octet ${range.start}`
      : `octets ${range.start} to ${range.end - 1}${ranges.length > 1 ? segments : ''}`;
  });
  return ranges.length > 5 ? `${shown.join(', ')} and ${ranges.length - 5} more ranges` : list(shown);
}

/** A gap in the capture was lost before the capture point; a repeat of captured octets was lost behind it. */
function where(view: View, end: End): string {
  const seenBefore = end.incidents.retransmissions.items.some(
    (repeat) => !repeat.spurious && repeat.original !== undefined,
  );
  const gaps =
    end.incidents.retransmissions.items.some((repeat) => !repeat.spurious && repeat.original === undefined) ||
    end.holes.length > 0;
  const peer = view.role(view.peer(end));
  if (seenBefore && !gaps)
    return `They were captured on their way and lost behind the capture point, towards the ${peer}. `;
  if (gaps && !seenBefore)
    return `They were lost before they came to the capture point, on the ${view.role(end)}'s side of it. `;
  return '';
}

function reaction(end: End, run: DupAckRun | undefined): string {
  if (run === undefined) return `The receiver sent no duplicate ACKs that were captured. `;
  const sack = run.sack.slice(0, 3).map((block) => `${block.start} to ${block.end - 1}`);
  const edges = sack.length > 0 ? `, reporting by SACK that it has ${list(sack)}` : '';
  return `The receiver asked for octet ${run.ack} with ${count(run.count, 'duplicate ACK')} (from frame ${run.firstFrame} on${edges}). `;
}

function repair(view: View, end: End, open: number): string {
  const causes = end.incidents.retransmissionCauses;
  const fast = causes['fast'];
  const timeout = causes['timeout'];
  const probe = causes['tail-probe'];
  const other = causes['unexplained'];
  const ways = [
    ...(fast > 0 ? [`${number(fast)} by fast retransmission`] : []),
    ...(timeout > 0 ? [`${number(timeout)} after a time-out`] : []),
    ...(probe > 0 ? [`${number(probe)} by a tail loss probe`] : []),
    ...(other > 0 ? [`${number(other)} without a visible reason`] : []),
  ];
  const repeated = ways.length === 0 ? 'Nothing was sent again' : `Sent again: ${list(ways)}`;
  const wait = view.c.waits.timeoutSeconds;
  const lostTime = wait >= 0.2 ? `, which cost ${duration(wait * 1000)} of waiting` : '';
  const end_ =
    open > 0
      ? `; ${octets(open)} were still missing when the capture ended`
      : `; in the end everything arrived`;
  return `${repeated}${lostTime}${ways.length === 0 && open === 0 ? '' : end_}.`;
}

/** Duplicate ACKs with the SACK edges, for the direction that lost or was reordered. */
export function duplicateAcks(view: View): Draft[] {
  return view.c.ends.flatMap((end) => {
    const runs = end.incidents.dupAckRuns.items;
    if (runs.length === 0) return [];
    const [longest] = [...runs].sort((a, b) => b.count - a.count);
    if (longest === undefined) return [];
    const receiver = view.role(view.peer(end));
    const sack = longest.sack.map((block) => `${block.start}-${block.end}`);
    const draft: Draft = {
      id: 'duplicate-acks',
      severity: 'note',
      end: receiver,
      frames: runs.flatMap((run) => [run.firstFrame, run.lastFrame]),
      title: `${count(end.dupAckTotal, 'duplicate ACK')} from the ${receiver}`,
      explanation:
        `The longest run is ${count(longest.count, 'duplicate')} of Ack=${longest.ack} (frames ${longest.firstFrame} to ${longest.lastFrame}): the ${receiver} got data beyond octet ${longest.ack}, which it was waiting for` +
        `${sack.length > 0 ? `, and reported by SACK to hold ${list(sack)}` : end.synOptions?.sackPermitted ? '' : ' (without SACK it cannot say which)'}. ` +
        (longest.count >= 3
          ? `The third duplicate makes the sender repeat the segment without waiting for its timer (RFC 5681).`
          : `Fewer than three: a sign of reordering or of a loss near the end, not enough for a fast retransmission.`),
      facts: { duplicates: end.dupAckTotal, longestRun: longest.count },
    };
    return [draft];
  });
}

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
    const dead = series !== undefined && series.frames.length >= 3 && end.una <= series.start;
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

export function fastRetransmissions(view: View): Draft[] {
  return view.c.ends.flatMap((end) => {
    const total = end.incidents.retransmissionCauses['fast'];
    const repeats = end.incidents.retransmissions.items.filter((repeat) => repeat.cause === 'fast');
    const [first] = repeats;
    if (first === undefined) return [];
    const draft: Draft = {
      id: 'fast-retransmission',
      severity: 'note',
      end: view.role(end),
      frames: repeats.map((repeat) => repeat.frame),
      title: `${count(total, 'fast retransmission')} of the ${view.role(end)}`,
      explanation: `Duplicate ACKs told the ${view.role(end)} of the loss, and it repeated the missing data without waiting for its timer (${framesText(
        repeats.map((repeat) => repeat.frame),
        total,
      )}).`,
      facts: { retransmissions: total },
    };
    return [draft];
  });
}

/** Repeats of what had arrived. */
export function spuriousRetransmissions(view: View): Draft[] {
  return view.c.ends.flatMap((end) => {
    const repeats = end.incidents.retransmissions.items.filter((repeat) => repeat.spurious);
    const total = Math.max(repeats.length, end.incidents.retransmissionCauses['spurious']);
    const [first] = repeats;
    if (first === undefined) return [];
    const dsacks = end.incidents.dsacks.items;
    const draft: Draft = {
      id: 'spurious-retransmission',
      // A probe of the tail that meets a delayed ACK is how the probe works.
      severity: repeats.every((repeat) => repeat.cause === 'tail-probe') ? 'note' : 'warning',
      end: view.role(end),
      frames: [...repeats.map((repeat) => repeat.frame), ...dsacks.map((dsack) => dsack.frame)],
      title: `${count(total, 'segment')} of the ${view.role(end)} repeated needlessly`,
      explanation:
        `${capital(
          framesText(
            repeats.map((repeat) => repeat.frame),
            total,
          ),
        )} repeat${total === 1 ? 's' : ''} data that had arrived already` +
        (dsacks.length > 0
          ? ` - the receiver says so itself by DSACK (${list(dsacks.slice(0, 3).map((dsack) => `frame ${dsack.frame}: ${dsack.start} to ${dsack.end - 1}`))})`
          : ` and whose acknowledgment the capture holds`) +
        `. The acknowledgment was lost or late behind the capture point, packets were reordered, or the sender's timer is shorter than the round trip.`,
      remedy: `Seldom: nothing to do. Often: look at the variation of the round-trip time and at reordering; a sender with a fixed timer needs one that measures (RFC 6298).`,
      facts: { repeats: total, dsacks: end.incidents.dsacks.count },
    };
    return [draft];
  });
}

export function outOfOrder(view: View): Draft[] {
  return view.c.ends.flatMap((end) => {
    const late = end.incidents.outOfOrder.items;
    const [first] = late;
    if (first === undefined) return [];
    const worst = Math.max(...late.map((item) => item.afterMs));
    const draft: Draft = {
      id: 'out-of-order',
      severity: 'warning',
      end: view.role(end),
      frames: late.flatMap((item) => [item.overtakenBy, item.frame]),
      title: `${count(end.incidents.outOfOrder.count, 'segment')} of the ${view.role(end)} out of order`,
      explanation:
        `Frame ${first.frame} carries octets ${first.start} to ${first.end - 1} and came ${duration(first.afterMs)} after frame ${first.overtakenBy}, which follows it in the stream; it is no retransmission: ${first.evidence}. ` +
        `${end.incidents.outOfOrder.count > 1 ? `The latest came ${duration(worst)} late. ` : ''}The packets took different ways or queues; nothing was lost.`,
      remedy: `Look for load balancing per packet, bonded links or several queues; from three places on, reordering looks like loss to the sender and halves its speed.`,
      facts: { segments: end.incidents.outOfOrder.count, worstMs: Math.round(worst * 1000) / 1000 },
    };
    return [draft];
  });
}
