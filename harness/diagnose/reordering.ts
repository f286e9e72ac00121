import type { Hole } from './end-facts.js';
import { ipId } from './end.js';
import type { Step } from './step.js';
import type { PathTimes } from './path-times.js';

/** Without any other evidence: what arrives this soon after the packet that overtook it was reordered, s. */
const REORDERING = 0.003;

/** What shows that the segment left its sender before the packet that overtook it; undefined when it left later. */
export function sentBefore(step: Step, hole: Hole, paths: PathTimes): string | undefined {
  const tsval = step.packet.tcp.options.timestamp?.value;
  const delay = step.time - hole.time;
  if (tsval !== undefined && hole.openerTsval !== undefined && tsval !== hole.openerTsval) {
    const age = (tsval - hole.openerTsval) | 0;
    return age < 0 ? 'its timestamp is older' : undefined;
  }
  const id = ipId(step.packet);
  if (id !== undefined && hole.openerId !== undefined && id !== 0 && hole.openerId !== 0) {
    const distance = ((id - hole.openerId) << 16) >> 16;
    if (
      Math.abs(distance) < 1000 &&
      distance !== 0 &&
      step.from.fingerprint.idSteps >= step.from.fingerprint.idJumps
    ) {
      return distance < 0 ? 'its IP identification is lower' : undefined;
    }
  }
  if (paths.toSender !== undefined && paths.toSender > 0.0005) {
    if (delay < 0.9 * paths.toSender) return 'it came sooner than its sender could have learned of a loss';
    return undefined;
  }
  if (hole.dupAcks >= 3) return undefined;
  return delay < REORDERING ? 'it came within 3 ms' : undefined;
}
