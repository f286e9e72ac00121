import type { Draft, View } from '../view.js';
import { framesText } from '../words.js';
import { icmpWords } from './syn-unanswered.js';

/** ICMP errors about a connection that was up. */
export function icmpErrors(view: View): Draft | undefined {
  if (view.server.packets === 0) return undefined;
  const errors = view.icmp.filter(
    (fact) =>
      !(fact.version === 4 && fact.type === 3 && fact.code === 4) && !(fact.version === 6 && fact.type === 2),
  );
  const [first] = errors;
  if (first === undefined) return undefined;
  return {
    id: 'icmp-errors',
    severity: 'warning',
    frames: errors.map((fact) => fact.frame),
    title: `ICMP errors about this connection: ${icmpWords(first)}`,
    explanation: `${first.from} reports: ${icmpWords(first)} (${framesText(errors.map((fact) => fact.frame))}). On an established connection these are soft errors: the ends keep trying.`,
    remedy: `See what happened to the route or the firewall at ${first.from} at that time.`,
  };
}
