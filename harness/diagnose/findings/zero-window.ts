import type { End } from '../end.js';
import type { ZeroWindow } from '../end-facts.js';
import type { Draft, View } from '../view.js';
import { count, duration, framesText, list } from '../words.js';

/** A receiver that closes its window: how long, probed, opened again or not. */
export function zeroWindow(view: View): Draft[] {
  return view.c.ends.flatMap((end) => {
    const periods = end.incidents.zeroWindows.items;
    const [first] = periods;
    if (first === undefined) return [];
    const never = periods.find((period) => stuck(view, period));
    return [never === undefined ? closedForATime(view, end, periods) : neverOpens(view, end, never)];
  });
}

function lengthMs(view: View, period: ZeroWindow): number {
  const until = period.endTime ?? Math.max(view.c.lastTime, view.facts.lastTime);
  return (until - period.time) * 1000;
}

/** Long enough, or probed often enough, to say that it does not open again. */
const NEVER = { ms: 3000, probes: 3 };

/** Not opened by an update, although there was time for it. */
function stuck(view: View, period: ZeroWindow): boolean {
  if (period.endedBy === 'update') return false;
  return period.probeCount >= NEVER.probes || lengthMs(view, period) >= NEVER.ms;
}

/** A receiver that is full for a moment, and reads on before anybody has to ask, is a fast sender's everyday life, ms. */
const MOMENT = 200;

function closedForATime(view: View, end: End, periods: readonly ZeroWindow[]): Draft {
  const who = view.role(end);
  const lengths = periods.map((period) => lengthMs(view, period));
  const total = lengths.reduce((sum, length) => sum + length, 0);
  const probes = periods.reduce((sum, period) => sum + period.probeCount, 0);
  const [first] = periods;
  return {
    id: 'zero-window',
    severity: total < MOMENT && probes === 0 ? 'note' : 'warning',
    end: who,
    frames: periods.flatMap((period) => [
      period.frame,
      ...period.probes.slice(0, 4).map((probe) => probe.frame),
      ...(period.endFrame === undefined ? [] : [period.endFrame]),
    ]),
    title: `The ${who} closed its window for ${duration(total)}${end.incidents.zeroWindows.count > 1 ? ` in all (${count(end.incidents.zeroWindows.count, 'time')})` : ''}`,
    explanation:
      `From frame ${first?.frame} on the ${who} allowed no more data${first?.endFrame === undefined ? '' : ` until frame ${first.endFrame} ${first.endedBy === 'close' ? 'ended the connection' : 'opened the window again'}`}` +
      `${periods.some((period) => period.endedBy === undefined) ? ' (it is still closed when the capture ends)' : ''}: its receive buffer was full because its application did not read. ` +
      (probes > 0
        ? `The other end sent ${count(probes, 'probe')} meanwhile, as it must. `
        : total > 1000
          ? `The other end did not probe, so a lost window update would have stopped the connection for good. `
          : '') +
      `Neither the network nor the sender was the brake.`,
    remedy: `Look at what the ${who}'s program did in that time (blocked, slow disk, single thread); a larger receive buffer only delays it.`,
    facts: { periods: end.incidents.zeroWindows.count, totalMs: Math.round(total), probes },
  };
}

function neverOpens(view: View, end: End, period: ZeroWindow): Draft {
  const who = view.role(end);
  const gaps = period.probes
    .slice(1)
    .map((probe, i) => (probe.time - (period.probes[i]?.time ?? probe.time)) * 1000);
  const probes = period.probes.map((probe) => probe.frame);
  return {
    id: 'zero-window-never-opens',
    severity: 'error',
    end: who,
    frames: [period.frame, ...probes],
    title: `The window of the ${who} closes and never opens again`,
    explanation:
      `Frame ${period.frame} closes it; ${period.endedBy === 'close' ? 'until the connection ended' : 'until the end of the capture'}, ${duration(lengthMs(view, period))}, no update came. ` +
      (period.probeCount > 0
        ? `The other end probed ${count(period.probeCount, 'time')} (${framesText(probes, period.probeCount)}${gaps.length > 0 ? `, ${list(gaps.slice(0, 6).map(duration))} apart` : ''}); ` +
          `${period.answers > 0 ? `${count(period.answers, 'answer')} said that the window is still closed: the host is alive, its application has stopped reading.` : `no answer came: the host is gone.`}`
        : `The other end never probed (RFC 9293 MUST-36 demands it), so it would not learn of a lost window update.`),
    remedy: `Find out what blocks the ${who}'s program (a deadlock, a stopped process, both ends writing and neither reading).`,
    facts: {
      probes: period.probeCount,
      answers: period.answers,
      closedMs: Math.round(lengthMs(view, period)),
    },
  };
}
