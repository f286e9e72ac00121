import type { Draft, View } from '../view.js';
import { count, framesText } from '../words.js';

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
