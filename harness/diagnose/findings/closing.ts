import type { End } from '../end.js';
import type { Draft, View } from '../view.js';
import { count, duration, endpoint, framesText, octets } from '../words.js';

/** How the connection ended: in order, half, at the same time, or not at all. */
export function closing(view: View): Draft[] {
  const { client, server } = view;
  const first = firstToClose(view);
  const drafts: Draft[] = [];
  if (first === undefined) {
    const open = stillOpen(view);
    return open === undefined ? [] : [open];
  }
  const second = view.peer(first);
  if (client.fin !== undefined && server.fin !== undefined) {
    drafts.push(isSimultaneous(first, second) ? simultaneousClose(view) : orderlyClose(view, first, second));
  }
  const half = halfClose(view, first, second);
  if (half !== undefined) drafts.push(half);
  for (const end of [first, second]) {
    const repeated = finRepeated(view, end);
    if (repeated !== undefined) drafts.push(repeated);
    const unanswered = finUnanswered(view, end);
    if (unanswered !== undefined) drafts.push(unanswered);
  }
  const waiting = closeMissing(view, first, second);
  if (waiting !== undefined) drafts.push(waiting);
  return drafts;
}

function firstToClose(view: View): End | undefined {
  const closed = view.c.ends.filter((end) => end.fin !== undefined);
  return closed.sort((a, b) => (a.fin?.frame ?? 0) - (b.fin?.frame ?? 0))[0];
}

function isSimultaneous(first: End, second: End): boolean {
  return (
    second.fin?.coversPeerFin === false &&
    first.fin?.ackedFrame !== undefined &&
    second.fin.frame < first.fin.ackedFrame
  );
}

function orderlyClose(view: View, first: End, second: End): Draft {
  const one = first.fin;
  const two = second.fin;
  const three = one?.ackedFrame !== undefined && one.ackedFrame === two?.frame;
  const complete = one?.ackedFrame !== undefined && two?.ackedFrame !== undefined;
  const frames = [one?.frame, one?.ackedFrame, two?.frame, two?.ackedFrame].filter(
    (frame) => frame !== undefined,
  );
  const how = three
    ? `three packets: FIN (frame ${one.frame}), FIN with the ACK (frame ${two.frame}), ACK${two.ackedFrame === undefined ? '' : ` (frame ${two.ackedFrame})`}`
    : `four packets: FIN (frame ${one?.frame}), ACK (frame ${one?.ackedFrame ?? 'not captured'}), FIN (frame ${two?.frame}), ACK (frame ${two?.ackedFrame ?? 'not captured'})`;
  return {
    id: 'orderly-close',
    severity: 'note',
    end: view.role(first),
    frames,
    title: `Orderly close in ${three ? 'three' : 'four'} packets, begun by the ${view.role(first)}`,
    explanation: `The ${view.role(first)} closed first, in ${how}.${complete ? ` The ${view.role(first)} then waits in TIME-WAIT.` : ' The last acknowledgment is not in the capture.'}`,
    facts: { packets: three ? 3 : 4 },
  };
}

function simultaneousClose(view: View): Draft {
  const { client, server } = view;
  const frames = [client.fin, server.fin].flatMap((fin) =>
    fin === undefined ? [] : [fin.frame, fin.ackedFrame ?? fin.frame],
  );
  return {
    id: 'simultaneous-close',
    severity: 'note',
    frames,
    title: 'Simultaneous close: both FINs crossed',
    explanation:
      `Both ends sent their FIN (frames ${client.fin?.frame} and ${server.fin?.frame}) before the other's had reached them, and each acknowledged the ` +
      `other's. That is in order (RFC 9293 figure 13); both pass through CLOSING and TIME-WAIT.`,
  };
}

function halfClose(view: View, first: End, second: End): Draft | undefined {
  if (second.octetsAfterPeerFin === 0) return undefined;
  const aborted = view.c.resets.items.some((reset) => reset.from === first);
  if (aborted) return undefined;
  return {
    id: 'half-close',
    severity: 'note',
    end: view.role(first),
    frames: [first.fin?.frame ?? 0, ...second.incidents.framesAfterPeerFin.items],
    title: `Half-close: the ${view.role(first)} stopped sending, the ${view.role(second)} sent ${octets(second.octetsAfterPeerFin)} more`,
    explanation:
      `After the FIN of the ${view.role(first)} (frame ${first.fin?.frame}) the ${view.role(second)} went on sending (${framesText(second.incidents.framesAfterPeerFin.items, second.incidents.framesAfterPeerFin.count)}), ` +
      `as it may: a FIN closes one direction only.`,
    facts: { octets: second.octetsAfterPeerFin },
  };
}

function finRepeated(view: View, end: End): Draft | undefined {
  const { fin } = end;
  if (fin?.ackedFrame === undefined || fin.repeats.length === 0) return undefined;
  const late = ((fin.ackedTime ?? fin.time) - fin.time) * 1000;
  return {
    id: 'fin-repeated',
    severity: late < 200 ? 'note' : 'warning',
    end: view.role(end),
    frames: [fin.frame, ...fin.repeats, fin.ackedFrame],
    title: `The ${view.role(end)} had to send its FIN ${count(fin.repeats.length + 1, 'time')}`,
    explanation: `Frame ${fin.frame} closed its side, ${framesText(fin.repeats)} repeated it, and frame ${fin.ackedFrame} acknowledged it ${duration(late)} after the first: the FIN or its acknowledgment was lost or late.`,
    facts: { repeats: fin.repeats.length },
  };
}

function finUnanswered(view: View, end: End): Draft | undefined {
  const { fin } = end;
  if (fin === undefined || fin.ackedFrame !== undefined || view.oneDirection !== undefined) return undefined;
  if (view.c.resets.items.some((reset) => reset.frame > fin.frame)) return undefined;
  const waited = view.silentEndMs + (view.c.lastTime - fin.time) * 1000;
  if (fin.repeats.length === 0 && waited < 1000) return undefined;
  return {
    id: 'fin-unanswered',
    severity: 'warning',
    end: view.role(end),
    frames: [fin.frame, ...fin.repeats],
    title: `The FIN of the ${view.role(end)} is never acknowledged`,
    explanation:
      `Frame ${fin.frame} closes the ${view.role(end)}'s side${fin.repeats.length > 0 ? `, repeated ${count(fin.repeats.length, 'time')} (${framesText(fin.repeats)})` : ''}, and ` +
      `no acknowledgment came within ${duration(waited)}: ${endpoint(view.peer(end))} is gone, or no longer reachable.`,
    remedy: `See whether the ${view.role(view.peer(end))} still knows the connection (ss -tan there); the sender keeps it in FIN-WAIT-1 or LAST-ACK until its timer gives up.`,
  };
}

/** Long enough to say that the other side does not close, s. */
const PATIENCE = 10;

function closeMissing(view: View, first: End, second: End): Draft | undefined {
  if (second.fin !== undefined || view.c.resets.count > 0 || view.oneDirection !== undefined)
    return undefined;
  const { fin } = first;
  if (fin?.ackedTime === undefined) return undefined;
  const lastOfSecond = Math.max(fin.ackedTime, second.lastTime);
  const idle = Math.max(view.facts.lastTime, view.c.lastTime) - lastOfSecond;
  const hangs = idle >= PATIENCE;
  return {
    id: hangs ? 'close-wait' : 'missing-close',
    severity: hangs ? 'warning' : 'note',
    end: view.role(second),
    frames: [fin.frame, fin.ackedFrame ?? fin.frame],
    title: hangs
      ? `The ${view.role(second)} never closes its side (CLOSE-WAIT)`
      : `The ${view.role(second)} has not closed its side when the capture ends`,
    explanation:
      `The ${view.role(first)} closed (frame ${fin.frame}), the host of the ${view.role(second)} acknowledged it (frame ${fin.ackedFrame}), and ` +
      (hangs
        ? `in the ${duration(idle * 1000)} until the end of the capture no FIN came back: the application of the ${view.role(second)} does not notice the end of the stream or forgets to close ` +
          `its socket. It stays in CLOSE-WAIT, the ${view.role(first)} in FIN-WAIT-2.`
        : `the capture ends before the other FIN.`),
    ...(hangs && {
      remedy: `Look for sockets in CLOSE-WAIT on the ${view.role(second)} (ss -tan state close-wait): each is a socket that the program forgot to close.`,
    }),
  };
}

function stillOpen(view: View): Draft | undefined {
  const { c } = view;
  if (c.resets.count > 0 || c.packets < 3 || view.oneDirection !== undefined || !c.established)
    return undefined;
  return {
    id: 'missing-close',
    severity: 'note',
    frames: [c.lastFrame],
    title: 'The connection is still open when the capture ends',
    explanation: `No FIN and no reset was captured; the last packet is frame ${c.lastFrame}, ${duration(view.silentEndMs)} before the end of the capture.`,
  };
}
