import type { Draft, View } from '../view.js';
import { capital, count, duration } from '../words.js';

/** Small writes held back by Nagle's algorithm while the receiver delays its ACK. */
export function delayedAckNagle(view: View): Draft[] {
  const { held, heldSeconds } = view.c.waits;
  if (held.count === 0) return [];
  const by = view.c.ends.find((end) => held.items.some((item) => item.by === end));
  if (by === undefined) return [];
  const [first] = held.items;
  const lost = heldSeconds * 1000;
  if (first === undefined || (held.count < 2 && lost < 150)) return [];
  const who = view.role(by);
  const peer = view.role(view.peer(by));
  return [
    {
      id: 'delayed-ack-nagle',
      severity: held.count >= 3 && lost >= 100 ? 'warning' : 'note',
      end: who,
      frames: held.items.flatMap((item) => [item.segment, item.ack, item.next]),
      title: `Nagle's algorithm and delayed ACKs wait for each other: ${duration(lost)} lost`,
      explanation:
        `${capital(count(held.count, 'time'))} the ${who} sent a small segment (frame ${first.segment}), the ${peer} delayed its ACK by ${duration(first.ms)} (frame ${first.ack}), and the next ` +
        `segment (frame ${first.next}) left at once when that ACK came: the ${who}'s stack held it back because a small segment was still unacknowledged, while the ${peer}'s waited for data to send the ACK with.`,
      remedy: `Let the program write each message with one call, or set TCP_NODELAY on the ${who}.`,
      facts: { times: held.count, lostMs: Math.round(lost) },
    },
  ];
}
