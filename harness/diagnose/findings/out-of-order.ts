import type { Draft, View } from '../view.js';
import { count, duration } from '../words.js';

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
