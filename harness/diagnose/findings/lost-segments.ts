import type { End } from '../end.js';
import type { DupAckRun } from '../end-facts.js';
import { RangeSet, type Range } from '../sequence.js';
import type { Draft, View } from '../view.js';
import { count, duration, list, number, octets } from '../words.js';

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
      severity: isGivenUp(view, end, open) ? 'error' : 'warning',
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
  for (const hole of end.holes) lost.add(hole.start, hole.end);
  if (end.dupAcks >= 3 && end.sackedFrom !== undefined) lost.add(end.una, end.sackedFrom);
  return lost;
}

/** Octets that the receiver was still missing when the capture ended. */
function unrepaired(end: End): number {
  const asked = end.dupAcks >= 3 && end.sackedFrom !== undefined ? end.sackedFrom - end.una : 0;
  const holes = end.holes.reduce((sum, hole) => sum + hole.end - hole.start, 0);
  return Math.max(holes, asked, end.isStuck() ? end.next - end.una : 0);
}

/** Missing to the end, with time enough for a repeat: not just a capture that stopped in between. */
function isGivenUp(view: View, end: End, open: number): boolean {
  if (open === 0) return false;
  const since = Math.min(view.c.lastTime, ...end.holes.map((hole) => hole.time));
  const waited = view.silentEndMs + (view.c.lastTime - since) * 1000;
  return waited >= 1000 || end.isStuck() || end.dupAcks >= 3;
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
