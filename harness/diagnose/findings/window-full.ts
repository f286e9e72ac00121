import type { Draft, View } from '../view.js';
import { capital, count, framesText } from '../words.js';

/** The sender uses up the window: the receiver's buffer, not the network, limits the speed. */
export function windowFull(view: View): Draft[] {
  return view.c.ends.flatMap((end) => {
    if (end.incidents.windowFull.count === 0) return [];
    const peer = view.peer(end);
    const frames = end.incidents.windowFull.items;
    const draft: Draft = {
      id: 'window-full',
      severity: 'note',
      end: view.role(end),
      frames: [...frames],
      title: `The ${view.role(end)} fills the window of the ${view.role(peer)} ${count(end.incidents.windowFull.count, 'time')}`,
      explanation:
        `${capital(framesText(frames, end.incidents.windowFull.count))} end${frames.length === 1 ? 's' : ''} exactly at the right edge of the offered window: the sender has to stop until the ${view.role(peer)} acknowledges and offers more. ` +
        `The window limits the speed to its size for each round trip${peer.shift === 0 ? '; without window scaling it cannot exceed 65,535 octets' : ''}.`,
      remedy: `If the transfer is too slow, enlarge the ${view.role(peer)}'s receive buffer or make its application read faster.`,
      facts: { times: end.incidents.windowFull.count },
    };
    return [draft];
  });
}
