import type { Expression, ExpectItem, Time, Timing } from '../case/model.js';
import { anyOrder, hasTiming, packetTerm, sequence, SequenceItems } from './term.js';
import type { Count, OneOfTerm, Silence, Term } from './term.js';

export interface TermOptions {
  /** Factor of the run: upper bounds grow by it, lower bounds shrink. */
  tolerance: number;
  /** `within` of a packet that names none, ms, not yet scaled; undefined means no bound. */
  defaultWithin?: Time;
  /** Added to both bounds, ms: how late a live view may see a packet. */
  slack?: number;
}

/** The items one after the other, each under its step number. */
export function sequenceOf(items: readonly { item: ExpectItem; step: number }[], options: TermOptions): Term {
  return sequence(new SequenceItems(items.map(({ item, step }) => termOf(item, step, options))), 0);
}

/** Numbers the terms that come straight from a case; what they become keeps the number in its key. */
let lastId = 0;

function termOf(item: ExpectItem, step: number, options: TermOptions, shared?: Map<string, string>): Term {
  switch (item.kind) {
    case 'packet': {
      const { pattern, times } = item;
      const timing = scaled(withDefault(item.timing, options), options);
      return packetTerm({ pattern, step, timing, id: packetId(item, shared) }, times.min, times.max);
    }
    case 'any-order': {
      const inner = innerOptions(item.timing, options);
      const alike = new Map<string, string>();
      const children = item.items.map((child) => ({ term: termOf(child, step, inner, alike) }));
      return anyOrder(children, scaled(item.timing, options), step);
    }
    case 'one-of': {
      const inner = innerOptions(item.timing, options);
      const alternatives = item.alternatives.map(({ label, items }) => ({
        label,
        term: sequenceOf(
          items.map((child) => ({ item: child, step })),
          inner,
        ),
      }));
      return oneOf(alternatives, scaled(item.timing, options), step);
    }
    case 'quiet': {
      const { ms, from, place } = item;
      const zero: Silence = { kind: 'quiet', ms, step, place, ...(from === undefined ? {} : { from }) };
      return { kind: 'zero', zero, key: `q${++lastId}`, nullable: true, timed: true };
    }
    case 'count': {
      const zero: Count = { kind: 'count', pattern: item.pattern, is: item.is, step, place: item.place };
      return { kind: 'zero', zero, key: `c${++lastId}`, nullable: true, timed: false };
    }
  }
}

function oneOf(alternatives: OneOfTerm['alternatives'], timing: Timing, step: number): Term {
  return {
    kind: 'one-of',
    alternatives,
    timing,
    step,
    key: `o${++lastId}`,
    nullable: alternatives.some(({ term }) => term.nullable),
    timed: hasTiming(timing) || alternatives.some(({ term }) => term.timed),
  };
}

/** Items of an any-order group that say the same share an identity, so that their permutations are not tried. */
function packetId(item: ExpectItem & { kind: 'packet' }, shared: Map<string, string> | undefined): string {
  if (shared === undefined) return `p${++lastId}`;
  const { pattern, times, timing } = item;
  const fields = pattern.fields.map(({ name, value }) => [name, value]);
  const payload = pattern.payload === undefined ? null : Buffer.from(pattern.payload).toString('hex');
  const says = JSON.stringify([pattern.from, pattern.flags, fields, payload, pattern.bind, times, timing]);
  const id = shared.get(says) ?? `p${++lastId}`;
  shared.set(says, id);
  return id;
}

function withDefault(timing: Timing, { defaultWithin }: TermOptions): Timing {
  if (timing.within !== undefined || defaultWithin === undefined) return timing;
  return { ...timing, within: plus(timing.after ?? 0, defaultWithin) };
}

/** A bound on the group is the bound of what is inside it; a group that begins late gives what is inside more time. */
function innerOptions({ within, after = 0 }: Timing, options: TermOptions): TermOptions {
  const { tolerance, slack = 0, defaultWithin } = options;
  if (within !== undefined || defaultWithin === undefined) return { tolerance, slack };
  return { tolerance, slack, defaultWithin: plus(after, defaultWithin) };
}

function scaled(timing: Timing, { tolerance, slack = 0 }: TermOptions): Timing {
  return {
    ...(timing.within === undefined ? {} : { within: plus(times(timing.within, tolerance), slack) }),
    ...(timing.after === undefined ? {} : { after: plus(times(timing.after, 1 / tolerance), -slack) }),
  };
}

function plus(one: Time, other: Time): Time {
  if (typeof one === 'number' && typeof other === 'number') return one + other;
  return { kind: 'binary', op: '+', left: expressionOf(one), right: expressionOf(other) };
}

function times(time: Time, factor: number): Time {
  if (typeof time === 'number') return time * factor;
  return { kind: 'binary', op: '*', left: time, right: expressionOf(factor) };
}

function expressionOf(time: Time): Expression {
  return typeof time === 'number' ? { kind: 'number', value: time } : time;
}
