import type { Draft, View } from '../view.js';
import { capital, framesText } from '../words.js';

/** Acknowledgments of what was never sent. */
export function falseAcknowledgments(view: View): Draft[] {
  return view.c.ends.flatMap((end) => {
    if (end.falseAcks === 0) return [];
    const frames = end.incidents.falseAckFrames.items;
    const peer = view.role(view.peer(end));
    const draft: Draft = {
      id: 'acknowledges-unsent-data',
      severity: 'warning',
      end: peer,
      frames: [...frames],
      title: `The ${peer} acknowledges data that were never sent`,
      explanation:
        `${capital(framesText(frames, end.falseAcks))} acknowledge${frames.length === 1 ? 's' : ''} more than the ${view.role(end)} had sent; it then went on from where it was, so nothing is missing in the capture. ` +
        `RFC 9293 section 3.10.7.4: the receiver of such an ACK answers with an ACK and drops the segment.`,
      remedy: `A broken stack, a device that rewrites sequence numbers on one side only, or an injected packet.`,
    };
    return [draft];
  });
}
