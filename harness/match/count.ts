import type { Seen, Thread } from './expectation.js';
import { inValue, printValue } from './match-value.js';
import { packetMatches } from './match-packet.js';
import type { Problem } from './problem.js';
import type { Count } from './term.js';

/** The first count that the packets of the whole conversation do not have, undefined where all hold. */
export function failedCount(thread: Thread, seen: readonly Seen[]): Problem | undefined {
  for (const count of thread.counts) {
    const problem = countProblem(count, thread, seen);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function countProblem(count: Count, { variables }: Thread, seen: readonly Seen[]): Problem | undefined {
  const { pattern, is, step, place } = count;
  const scope = { variables };
  const counted = seen.filter(
    ({ packet, role }) => role === pattern.from && packetMatches(pattern, packet, scope),
  );
  if (inValue(is, counted.length, scope, false)) return undefined;
  const frames = counted.map(({ packet }) => packet.frame).join(', ');
  const which = counted.length === 0 ? '' : ` (${counted.length === 1 ? 'packet' : 'packets'} ${frames})`;
  const many = counted.length === 1 ? '1 such packet' : `${counted.length} such packets`;
  const wanted = printValue(is, scope);
  return {
    kind: 'count',
    step,
    place,
    headline: `${many} came, expected ${wanted}`,
    expected: `${pattern.text}, count ${wanted}`,
    actual: `${many}${which}`,
    from: pattern.from,
    differences: [],
    notes: [],
  };
}
