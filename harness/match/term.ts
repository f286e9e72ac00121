import type { PacketPattern, Place, Role, Timing, ValueSpec } from '../case/model.js';

/**
 * What is still expected: an immutable expression over packets, like a regular expression over letters. Terms with the
 * same `key` expect the same. Times are ms, already scaled by the tolerance factor.
 */
export type Term =
  DoneTerm | PacketTerm | ThenTerm | SequenceTerm | AnyOrderTerm | OneOfTerm | GroupTerm | ZeroTerm;

interface TermBase {
  key: string;
  /** It may end without a further packet. */
  nullable: boolean;
  /** What may come first depends on when the item before ended: dropped from comparison where false. */
  timed: boolean;
}

export interface DoneTerm extends TermBase {
  kind: 'done';
}

export interface PacketTerm extends TermBase {
  kind: 'packet';
  pattern: PacketPattern;
  step: number;
  min: number;
  max: number;
  timing: Timing;
}

/** The rest of an item that has begun, then the rest of its sequence. */
export interface ThenTerm extends TermBase {
  kind: 'then';
  first: Term;
  rest: Term;
}

export interface SequenceTerm extends TermBase {
  kind: 'sequence';
  items: SequenceItems;
  index: number;
}

/** Children in any order; packets of one child may stand between those of another. */
export interface AnyOrderTerm extends TermBase {
  kind: 'any-order';
  children: AnyOrderChild[];
  timing: Timing;
  step: number;
}

/** Each child counts its times from its own last packet, or from where the group began. */
export interface AnyOrderChild {
  term: Term;
  anchor?: Anchor;
}

export interface OneOfTerm extends TermBase {
  kind: 'one-of';
  alternatives: { label: string; term: Term }[];
  timing: Timing;
  step: number;
}

/** A term that has begun under conditions that hold until it ends. */
export interface GroupTerm extends TermBase {
  kind: 'group';
  term: Term;
  window: Window;
  /** Within a choice: what is seen tells which outcome it was, so it is worth waiting for. */
  undecided: boolean;
  /** RFC variables as they were when the script went on past this term. */
  frozen?: Readonly<Record<string, number>>;
}

/** Takes no packet: a silence, or a number of packets to be counted at the end. */
export interface ZeroTerm extends TermBase {
  kind: 'zero';
  zero: Silence | Count;
}

export interface Silence {
  kind: 'quiet';
  ms: number;
  from?: Role;
  step: number;
  place: Place;
}

export interface Count {
  kind: 'count';
  pattern: PacketPattern;
  is: ValueSpec;
  step: number;
  place: Place;
}

/** Where times are counted from: a moment, and how many packets had been seen by then. */
export interface Anchor {
  time: number;
  index: number;
}

/** Absolute ms, both ends admitted, counted from `since`. */
export interface Window {
  from: number;
  to: number;
  since: number;
}

/** Whether a moment is in the window, to the microsecond: finer than that, seconds since the epoch are not exact. */
export function isWithin({ from, to }: Pick<Window, 'from' | 'to'>, time: number): boolean {
  return time >= from - MICROSECOND && time <= to + MICROSECOND;
}

const MICROSECOND = 0.001;

/** ms by which a silence may be cut short: timers of the drivers count in whole ms and may fire one early. */
export const SILENCE_PRECISION = 1;

export const DONE: DoneTerm = { kind: 'done', key: '', nullable: true, timed: false };

export const ALWAYS: Window = { from: -Infinity, to: Infinity, since: -Infinity };

export function sequence(items: SequenceItems, index: number): Term {
  if (index >= items.terms.length) return DONE;
  return {
    kind: 'sequence',
    items,
    index,
    key: `s${items.id}.${index}`,
    nullable: items.nullableFrom[index] ?? true,
    timed: items.timedFrom[index] ?? false,
  };
}

export function then(first: Term, rest: Term): Term {
  if (first.kind === 'done') return rest;
  if (rest.kind === 'done') return first;
  return {
    kind: 'then',
    first,
    rest,
    key: `${first.key};${rest.key}`,
    nullable: first.nullable && rest.nullable,
    timed: first.timed || (first.nullable && rest.timed),
  };
}

export function packetTerm(
  of: Pick<PacketTerm, 'pattern' | 'step' | 'timing'> & { id: string },
  min: number,
  max: number,
): Term {
  if (max <= 0) return DONE;
  const timed = of.timing.within !== undefined || of.timing.after !== undefined;
  const { pattern, step, timing } = of;
  const key = `${of.id}{${min},${max}}${timed ? '' : '-'}`;
  return { kind: 'packet', pattern, step, timing, min, max, key, nullable: min <= 0, timed };
}

export function anyOrder(children: readonly AnyOrderChild[], timing: Timing, step: number): Term {
  const left = children.filter((child) => child.term.kind !== 'done');
  const [only] = left;
  if (only === undefined) return DONE;
  const timed = hasTiming(timing) || left.some((child) => child.anchor === undefined && child.term.timed);
  const keys = left.map(childKey).sort();
  return {
    kind: 'any-order',
    children: left,
    timing,
    step,
    key: `(${keys.join('&')})${hasTiming(timing) ? `t${JSON.stringify(timing)}` : ''}`,
    nullable: left.every((child) => child.term.nullable),
    timed,
  };
}

/** Children that expect the same from the same moment are interchangeable. */
export function childKey({ term, anchor }: AnyOrderChild): string {
  return term.timed && anchor !== undefined ? `${term.key}@${anchor.time},${anchor.index}` : term.key;
}

export function group(term: Term, of: Pick<GroupTerm, 'window' | 'undecided' | 'frozen'>): Term {
  const { window, undecided, frozen } = of;
  const bounded = window.from !== -Infinity || window.to !== Infinity;
  if (term.kind === 'done' || (!bounded && !undecided && frozen === undefined)) return term;
  const marks = `${bounded ? `[${window.from},${window.to}]` : ''}${undecided ? '?' : ''}`;
  return {
    kind: 'group',
    term,
    window,
    undecided,
    ...(frozen === undefined ? {} : { frozen }),
    key: `${marks}<${term.key}>${frozen === undefined ? '' : JSON.stringify(frozen)}`,
    nullable: term.nullable,
    timed: term.timed,
  };
}

/** The items of one sequence, with what is known about each tail of it. */
export class SequenceItems {
  static #count = 0;
  readonly id = ++SequenceItems.#count;
  readonly nullableFrom: boolean[];
  readonly timedFrom: boolean[];

  constructor(readonly terms: readonly Term[]) {
    this.nullableFrom = new Array<boolean>(terms.length + 1).fill(true);
    this.timedFrom = new Array<boolean>(terms.length + 1).fill(false);
    for (let index = terms.length - 1; index >= 0; index--) {
      const term = terms[index] ?? DONE;
      this.nullableFrom[index] = term.nullable && (this.nullableFrom[index + 1] ?? true);
      this.timedFrom[index] = term.timed || (term.nullable && (this.timedFrom[index + 1] ?? false));
    }
  }
}

export function hasTiming(timing: Timing): boolean {
  return timing.within !== undefined || timing.after !== undefined;
}
