import type { Draft, View } from '../view.js';
import { capital, framesText, octets } from '../words.js';

/** Data beyond everything the receiver ever offered: either the scale was lost on the way, or the sender breaks the rules. */
export function beyondWindow(view: View): Draft[] {
  return view.c.ends.flatMap((end) => {
    const items = end.incidents.beyondWindow.items;
    const peer = view.peer(end);
    if (
      items.length === 0 ||
      end.incidents.missed.size > 0 ||
      peer.incidents.missed.size > 0 ||
      !view.sawHandshake
    )
      return [];
    const accepted = end.una >= end.next - 1 || end.una > peer.maxEdge;
    const unscaled = peer.shift === 0;
    const frames = items.map((item) => item.frame);
    const draft: Draft = {
      id: unscaled && accepted && items.length > 1 ? 'window-scale-lost' : 'beyond-window',
      severity: 'warning',
      end: view.role(end),
      frames: [...frames],
      title:
        unscaled && accepted && items.length > 1
          ? `The ends scale windows, but the handshake captured here says they do not: the option was lost on the way`
          : `The ${view.role(end)} sends beyond the offered window`,
      explanation:
        `${capital(framesText(frames, end.incidents.beyondWindow.count))} reach${frames.length === 1 ? 'es' : ''} up to ${octets(Math.max(...items.map((item) => item.octets)))} past the right edge of every window that the ${view.role(peer)} offered` +
        (unscaled && accepted && items.length > 1
          ? `, and all of it was acknowledged. So both ends use a window scale that this handshake does not show: a middlebox removed the option between here and one of the ends.`
          : `. The receiver may drop what does not fit.`),
      remedy: `Capture at both ends and compare the options of SYN and SYN,ACK.`,
      facts: { segments: end.incidents.beyondWindow.count },
    };
    return [draft];
  });
}
