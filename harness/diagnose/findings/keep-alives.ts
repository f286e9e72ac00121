import type { End } from '../end.js';
import type { Draft, View } from '../view.js';
import { count, duration, framesText, list } from '../words.js';

/** Keep-alives: how often, answered or not. */
export function keepAlives(view: View): Draft[] {
  return view.c.ends.flatMap((end) => {
    const probes = end.incidents.keepAlives.items;
    const total = end.incidents.keepAlives.count;
    if (total === 0) return [];
    const unanswered = trailingUnanswered(end);
    const draft = unanswered === 0 ? answered(view, end) : silent(view, end, unanswered);
    return [
      {
        ...draft,
        frames: probes.flatMap((probe) => [
          probe.frame,
          ...(probe.answered === undefined ? [] : [probe.answered]),
        ]),
      },
    ];
  });
}

function trailingUnanswered(end: End): number {
  return end.unansweredKeepAlives;
}

function intervals(end: End): number[] {
  return end.incidents.keepAlives.items
    .slice(1)
    .map((probe, i) => (probe.time - (end.incidents.keepAlives.items[i]?.time ?? probe.time)) * 1000);
}

function intervalWords(end: End): string {
  const waits = intervals(end);
  const sorted = [...waits].sort((a, b) => a - b);
  const middle = sorted[Math.floor(sorted.length / 2)];
  if (middle === undefined) return '';
  const even = sorted.every((wait) => Math.abs(wait - middle) < 0.2 * middle);
  return even ? `, ${duration(middle)} apart` : `, ${list(waits.slice(0, 6).map(duration))} apart`;
}

function answered(view: View, end: End): Draft {
  const total = end.incidents.keepAlives.count;
  return {
    id: 'keep-alive',
    severity: 'note',
    end: view.role(end),
    frames: [],
    title: `${count(total, 'keep-alive')} from the ${view.role(end)}, all answered`,
    explanation:
      `The ${view.role(end)} asked whether the idle connection is still alive (sequence number one below the next${end.incidents.keepAlives.items.some((probe) => probe.len === 1) ? ', with one octet of old data' : ', without data'}${intervalWords(end)}), ` +
      `and each was answered. In order; not to be taken for retransmissions.`,
    facts: { probes: total },
  };
}

function silent(view: View, end: End, unanswered: number): Draft {
  const total = end.incidents.keepAlives.count;
  const last = end.incidents.keepAlives.items.slice(-unanswered).map((probe) => probe.frame);
  const recent =
    view.silentEndMs + (view.c.lastTime - (end.incidents.keepAlives.latest?.time ?? view.c.lastTime)) * 1000;
  const sure = unanswered > 1 || recent > 1000;
  return {
    id: sure ? 'keep-alive-unanswered' : 'keep-alive',
    severity: sure ? 'warning' : 'note',
    end: view.role(end),
    frames: [],
    title: sure
      ? `${count(unanswered, 'keep-alive')} of the ${view.role(end)} without an answer`
      : `${count(total, 'keep-alive')} from the ${view.role(end)}; the capture ends before the last answer`,
    explanation:
      `Of ${count(total, 'keep-alive')}${intervalWords(end)}, the last ${unanswered} (${framesText(last, unanswered)}) got no answer` +
      (sure
        ? `: the ${view.role(view.peer(end))} is down or unreachable, or a device on the way has dropped the connection's state.`
        : `.`),
    ...(sure && {
      remedy: `Check the ${view.role(view.peer(end))} and the idle timeouts of firewalls and NATs between; keep-alives have to be more frequent than the shortest of them.`,
    }),
    facts: { probes: total, unanswered },
  };
}
