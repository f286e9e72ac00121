import type { Draft, View } from '../view.js';
import { capital, count, framesText } from '../words.js';

/** Segments of no window: another connection's, or injected. */
export function outOfWindow(view: View): Draft | undefined {
  const { foreign } = view.c;
  const [first] = foreign.items;
  if (first === undefined) return undefined;
  return {
    id: 'out-of-window',
    severity: 'warning',
    end: view.role(first.from),
    frames: foreign.items.map((item) => item.frame),
    title: `${count(foreign.count, 'packet')} outside every window`,
    explanation:
      `${capital(
        framesText(
          foreign.items.map((item) => item.frame),
          foreign.count,
        ),
      )} of the ${view.role(first.from)} ${foreign.count === 1 ? 'has' : 'have'} sequence numbers far outside what the other end ever offered to take: left over from an older ` +
      `connection on the same ports, or made by someone else. The receiver drops them and answers with an ACK.`,
    remedy: `Look at TTL and IP identification of these frames; ports that are used again too soon cause it too.`,
  };
}
