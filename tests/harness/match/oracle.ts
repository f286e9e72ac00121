import type { ExpectItem, PacketPattern, Role, Timing } from '../../../harness/case/model.js';
import { bindFrom, packetMatches } from '../../../harness/match/match-packet.js';
import type { Seen } from '../../../harness/match/expectation.js';

/**
 * Whether packets fit a case, found by writing down every sequence of packets that the case admits and holding each
 * against what came. Hopeless for real cases; right by being too simple to be wrong. Undefined where there are too many.
 */
export function admitted(
  items: readonly ExpectItem[],
  seen: readonly Seen[],
  mode: 'strict' | 'subsequence',
): boolean | undefined {
  const start: Slot = { at: 'start', constraints: [] };
  const sequences = expand(items, [[start]]);
  if (sequences === undefined) return undefined;
  const choices = mode === 'strict' ? [[...seen]] : subsets(seen);
  return sequences.some((sequence) => choices.some((chosen) => fits(sequence.slice(1), chosen, seen)));
}

/** The patterns of one sequence that the case admits, of the n-th there is; undefined where there are too many. */
export function nthAdmitted(items: readonly ExpectItem[], n: number): PacketPattern[] | undefined {
  const sequences = expand(items, [[{ at: 'start', constraints: [] }]]);
  const sequence = sequences?.[n % Math.max(1, sequences.length)];
  return sequence?.flatMap(({ pattern }) => pattern ?? []);
}

/** One packet, or one silence, of an admitted sequence. */
interface Slot {
  at: 'start' | 'packet' | 'silence';
  pattern?: PacketPattern;
  silence?: { ms: number; from?: Role };
  /** `timing` counts from the end of `from`. */
  constraints: { from: Slot; timing: Timing }[];
  /** What a silence begins after. */
  after?: Slot;
}

/** ms; gaps in the tests are multiples of ten. */
const ROUNDING = 5;
const MOST_SEQUENCES = 400;
const MOST_SLOTS = 8;

function expand(items: readonly ExpectItem[], prefixes: Slot[][]): Slot[][] | undefined {
  let sequences: Slot[][] | undefined = prefixes;
  for (const item of items) {
    const next: Slot[][] = [];
    for (const prefix of sequences) {
      const tails = expandItem(item, prefix.at(-1)!);
      if (tails === undefined) return undefined;
      for (const tail of tails) next.push([...prefix, ...tail]);
    }
    sequences = next;
    if (sequences.length > MOST_SEQUENCES) return undefined;
  }
  return sequences;
}

function expandItem(item: ExpectItem, before: Slot): Slot[][] | undefined {
  switch (item.kind) {
    case 'packet': {
      const sequences: Slot[][] = [];
      for (let times = item.times.min; times <= item.times.max; times++) {
        sequences.push(
          Array.from({ length: times }, () => ({
            at: 'packet',
            pattern: item.pattern,
            constraints: [{ from: before, timing: item.timing }],
          })),
        );
      }
      return sequences;
    }
    case 'one-of': {
      const all = item.alternatives.map(({ items }) => expand(items, [[before]]));
      if (all.includes(undefined)) return undefined;
      const tails = all.flatMap((sequences) => sequences!.map((sequence) => sequence.slice(1)));
      return tails.map((tail) => constrained(tail, before, item.timing));
    }
    case 'any-order': {
      let mixed: Slot[][] = [[]];
      for (const child of item.items) {
        const tails = expandItem(child, before);
        if (tails === undefined) return undefined;
        const next: Slot[][] = [];
        for (const one of mixed) {
          for (const other of tails) {
            if (one.length + other.length > MOST_SLOTS) return undefined;
            next.push(...interleavings(one, other));
            if (next.length > MOST_SEQUENCES) return undefined;
          }
        }
        mixed = next;
      }
      return mixed.map((tail) => constrained(tail, before, item.timing));
    }
    case 'quiet': {
      const { ms, from } = item;
      return [
        [
          {
            at: 'silence',
            silence: { ms, ...(from === undefined ? {} : { from }) },
            after: before,
            constraints: [],
          },
        ],
      ];
    }
    case 'count':
      throw new Error('the oracle does not count');
  }
}

/** Copies, so that each slot stands in one sequence only; anchors inside the tail follow. */
function constrained(tail: readonly Slot[], from: Slot, timing: Timing): Slot[] {
  const copies = new Map<Slot, Slot>();
  return tail.map((slot) => {
    const moved = (other: Slot) => copies.get(other) ?? other;
    const copy: Slot = {
      ...slot,
      constraints: [
        ...slot.constraints.map((one) => ({ ...one, from: moved(one.from) })),
        ...(slot.at === 'packet' ? [{ from, timing }] : []),
      ],
      ...(slot.after === undefined ? {} : { after: moved(slot.after) }),
    };
    copies.set(slot, copy);
    return copy;
  });
}

function interleavings(one: readonly Slot[], other: readonly Slot[]): Slot[][] {
  const [a, ...restA] = one;
  const [b, ...restB] = other;
  if (a === undefined || b === undefined) return [[...one, ...other]];
  return [
    ...interleavings(restA, other).map((tail) => [a, ...tail]),
    ...interleavings(one, restB).map((tail) => [b, ...tail]),
  ];
}

function subsets(seen: readonly Seen[]): Seen[][] {
  return Array.from({ length: 2 ** seen.length }, (_, bits) =>
    seen.filter((_packet, index) => bits & (1 << index)),
  );
}

function fits(sequence: readonly Slot[], chosen: readonly Seen[], all: readonly Seen[]): boolean {
  const slots = sequence.filter(({ at }) => at === 'packet');
  if (slots.length !== chosen.length) return false;
  const packetOf = new Map(slots.map((slot, index) => [slot, chosen[index]!]));
  const endOf = (slot: Slot): { time: number; index: number } => {
    if (slot.at === 'start') return { time: all[0]?.time ?? 0, index: -1 };
    const packet = packetOf.get(slot);
    if (packet !== undefined) return { time: packet.time, index: all.indexOf(packet) };
    const after = endOf(slot.after!);
    return { time: after.time + slot.silence!.ms, index: after.index };
  };
  let variables: Record<string, number> = {};
  for (const slot of slots) {
    const { packet, role, time } = packetOf.get(slot)!;
    const pattern = slot.pattern!;
    if (role !== pattern.from || !packetMatches(pattern, packet, { variables })) return false;
    for (const { from, timing } of slot.constraints) {
      const since = time - endOf(from).time;
      if (typeof timing.within === 'number' && since > timing.within + ROUNDING) return false;
      if (typeof timing.after === 'number' && since < timing.after - ROUNDING) return false;
    }
    variables = { ...variables, ...bindFrom(pattern.bind, packet) };
  }
  return sequence.every((slot) => {
    if (slot.at !== 'silence') return true;
    const { index } = endOf(slot.after!);
    const until = endOf(slot).time;
    const { from } = slot.silence!;
    return !all.some(
      (seen, place) =>
        place > index && seen.time < until - ROUNDING && (from === undefined || seen.role === from),
    );
  });
}
