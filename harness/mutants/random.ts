import { SeededRandom } from '../../tcp-lite/link/simulated/seeded-random.js';
import type { PlannedRun } from '../run/plan.js';
import { WIRE_FIELDS, type WireField } from './wire-fields.js';
import type { Mutant } from './mutant.js';
import { usualHost } from './mutant.js';

/** A middlebox drawn at random, on one case. */
export interface RandomMutant {
  /** `random-SEED-INDEX`. */
  id: string;
  field: string;
  /** Which segments it changes: the first, and every n-th after it. */
  first: number;
  every: number;
  /** What it does, for people. */
  breaks: string;
  run: PlannedRun;
  mutant: Mutant;
  /** Segments that it has changed; counted while it is played. */
  changed: () => number;
}

/**
 * `count` middleboxes, each of which changes one field of every n-th segment that TCP Lite sends, and each on one of
 * the quick cases of `planned` in IPv4. The same seed gives the same ones as long as the cases are the same.
 */
export function randomMutants(count: number, seed: number, planned: readonly PlannedRun[]): RandomMutant[] {
  const random = new SeededRandom(seed);
  const quick = planned.filter(
    ({ family, testCase }) => family === 'ipv4' && !testCase.tags.includes('slow'),
  );
  if (quick.length === 0) return [];
  return Array.from({ length: count }, (_, index) => drawOne(`random-${seed}-${index + 1}`, random, quick));
}

function drawOne(id: string, random: SeededRandom, quick: readonly PlannedRun[]): RandomMutant {
  const pick = <T>(from: readonly T[]) => from[Math.floor(random.next() * from.length)]!;
  const field = pick(WIRE_FIELDS);
  const every = 1 + Math.floor(random.next() * 3);
  const first = 1 + Math.floor(random.next() * every);
  const change = field.change(() => random.next());
  const run = pick(quick);
  const counter = { changed: 0 };
  const which = every === 1 ? 'every segment' : `every ${ORDINALS[every]} segment, from number ${first} on`;
  return {
    ...{ id, field: field.name, first, every, run },
    breaks: `${change.what} in ${which}`,
    changed: () => counter.changed,
    mutant: {
      ...{ id, breaks: `${change.what} in ${which}`, rules: [] },
      host: () => middlebox(change.apply, field, { first, every }, counter),
    },
  };
}

const ORDINALS = ['', 'first', 'second', 'third'];

/** Sits behind the stack, which does not know of it. */
function middlebox(
  apply: ReturnType<WireField['change']>['apply'],
  field: WireField,
  { first, every }: { first: number; every: number },
  counter: { changed: number },
): ReturnType<NonNullable<Mutant['host']>> {
  let sent = 0;
  return {
    encode(segment, target, offset, identification) {
      sent++;
      if (sent < first || (sent - first) % every !== 0 || !field.isIn(segment))
        return usualHost.encode(segment, target, offset, identification);
      const changed = { ...segment, options: { ...segment.options } };
      const octets = apply.segment?.(changed);
      const length = usualHost.encode(changed, target, offset, identification);
      const start = offset + (segment.version === 4 ? (target[offset]! & 15) * 4 : 40);
      const touched = apply.octets?.(target, start, offset + length);
      if (octets !== false && touched !== false) counter.changed++;
      return length;
    },
  };
}
