import type { ResetFact } from '../resets.js';
import type { Draft, View } from '../view.js';
import { framesText, octets } from '../words.js';
import { causeOf } from './reset-causes.js';

/** Resets of established connections: by whom, and for which kind of reason. */
export function establishedResets(view: View): Draft[] {
  const drafts: Draft[] = [];
  for (const end of view.c.ends) {
    const resets = view.openResets.filter((reset) => reset.from === end && reset.phase !== 'syn-sent');
    const [first] = resets;
    if (first === undefined) continue;
    view.claim(resets);
    drafts.push(established(view, first, resets));
  }
  return drafts;
}

function established(view: View, reset: ResetFact, resets: ResetFact[]): Draft {
  const cause = causeOf(view, reset);
  const frames = resets.map((one) => one.frame);
  const state = `After ${octets(view.client.uniqueOctets)} from the client and ${octets(view.server.uniqueOctets)} from the server`;
  const form = reset.hasAck ? 'RST,ACK' : 'RST';
  const lost = reset.peerOctets === 0 && reset.ownOctets === 0 ? 'No data had been exchanged.' : '';
  return {
    id: cause.id,
    severity: cause.severity ?? 'error',
    end: view.role(reset.from),
    frames: [...(reset.trigger ? [reset.trigger.frame] : []), ...frames],
    title: cause.title,
    explanation:
      `${state}, ${view.name(reset.from)} resets the connection (${form}, ${framesText(frames)}, sequence number ${reset.seqRaw}, window ${reset.window}). ` +
      `${cause.words}${lost === '' ? '' : ` ${lost}`}${positionWords(reset)}`,
    remedy: cause.remedy,
    facts: { resets: resets.length, phase: reset.phase },
  };
}

function positionWords(reset: ResetFact): string {
  if (reset.position === 'in-window') {
    return ` Its sequence number lies in the window but is not the next one: the receiver has to answer with a challenge ACK instead of closing (RFC 5961).`;
  }
  if (reset.position === 'outside')
    return ` Its sequence number lies outside the window: the receiver has to ignore it.`;
  return '';
}
