import type { Draft, View } from '../view.js';
import { count, list } from '../words.js';

/** Duplicate ACKs with the SACK edges, for the direction that lost or was reordered. */
export function duplicateAcks(view: View): Draft[] {
  return view.c.ends.flatMap((end) => {
    const runs = end.incidents.dupAckRuns.items;
    if (runs.length === 0) return [];
    const [longest] = [...runs].sort((a, b) => b.count - a.count);
    if (longest === undefined) return [];
    const receiver = view.role(view.peer(end));
    const sack = longest.sack.map((block) => `${block.start}-${block.end}`);
    const draft: Draft = {
      id: 'duplicate-acks',
      severity: 'note',
      end: receiver,
      frames: runs.flatMap((run) => [run.firstFrame, run.lastFrame]),
      title: `${count(end.dupAckTotal, 'duplicate ACK')} from the ${receiver}`,
      explanation:
        `The longest run is ${count(longest.count, 'duplicate')} of Ack=${longest.ack} (frames ${longest.firstFrame} to ${longest.lastFrame}): the ${receiver} got data beyond octet ${longest.ack}, which it was waiting for` +
        `${sack.length > 0 ? `, and reported by SACK to hold ${list(sack)}` : end.synOptions?.sackPermitted ? '' : ' (without SACK it cannot say which)'}. ` +
        (longest.count >= 3
          ? `The third duplicate makes the sender repeat the segment without waiting for its timer (RFC 5681).`
          : `Fewer than three: a sign of reordering or of a loss near the end, not enough for a fast retransmission.`),
      facts: { duplicates: end.dupAckTotal, longestRun: longest.count },
    };
    return [draft];
  });
}
