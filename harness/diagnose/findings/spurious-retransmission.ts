import type { Draft, View } from '../view.js';
import { capital, count, framesText, list } from '../words.js';

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
