import { evaluate, ExpressionError } from '../case/expression.js';
import type { PacketPattern, Time, Timing } from '../case/model.js';
import { ALWAYS, anyOrder, childKey, DONE, group, packetTerm, sequence, then } from './term.js';
import type {
  Anchor,
  AnyOrderTerm,
  Count,
  GroupTerm,
  OneOfTerm,
  PacketTerm,
  Silence,
  Term,
  Window,
} from './term.js';

/** One packet that may come next, and what is expected after it. */
export interface Head {
  pattern: PacketPattern;
  step: number;
  /** When it may come, ms. */
  window: Window;
  undecided: boolean;
  frozen?: Readonly<Record<string, number>>;
  /** What is passed over on the way to this packet, in order. */
  effects: readonly Effect[];
  /** What is expected once it came; the anchor is the packet's own time. */
  rest: (anchor: Anchor) => Term;
}

/** One way of ending without a further packet. */
export interface Ending {
  effects: readonly Effect[];
  /** Where what follows counts its times from. */
  anchor: Anchor;
}

/** One admitted outcome that was seen, of the choice in this step. */
export interface Outcome {
  step: number;
  label: string;
}

export type Effect =
  | { kind: 'outcome'; outcome: Outcome }
  | { kind: 'silence'; silence: Silence; after: Anchor; until: number }
  | { kind: 'count'; count: Count };

export interface Ways {
  heads: Head[];
  endings: Ending[];
}

/** What the `let:` of a case has taken so far. */
type Variables = Readonly<Record<string, number>>;

/** Everything a term admits next, what the case names first coming first. */
export function waysOf(term: Term, anchor: Anchor, variables: Variables = {}): Ways {
  switch (term.kind) {
    case 'done':
      return { heads: [], endings: [{ effects: [], anchor }] };
    case 'packet':
      return packetWays(term, anchor, variables);
    case 'then':
      return chain(term.first, () => term.rest, anchor, variables);
    case 'sequence':
      return sequenceWays(term, anchor, variables);
    case 'any-order':
      return anyOrderWays(term, anchor, variables);
    case 'one-of':
      return oneOfWays(term, anchor, variables);
    case 'group':
      return within(waysOf(term.term, anchor, variables), term);
    case 'zero':
      return { heads: [], endings: [zeroEnding(term.zero, anchor)] };
  }
}

function packetWays(term: PacketTerm, anchor: Anchor, variables: Variables): Ways {
  const { pattern, step, min, max, timing } = term;
  const window = windowOf(timing, anchor, variables);
  const id = term.key.slice(0, term.key.indexOf('{'));
  const next =
    max === 1 ? DONE : packetTerm({ pattern, step, timing: {}, id }, Math.max(0, min - 1), max - 1);
  const rest = group(next, { window, undecided: false });
  const head: Head = { pattern, step, window, undecided: false, effects: [], rest: () => rest };
  return { heads: [head], endings: min <= 0 ? [{ effects: [], anchor }] : [] };
}

/** A loop, not a recursion: thousands of optional items may follow each other. */
function sequenceWays(term: Term & { kind: 'sequence' }, anchor: Anchor, variables: Variables): Ways {
  const { items } = term;
  const heads: Head[] = [];
  let endings: Ending[] = [{ effects: [], anchor }];
  for (let index = term.index; index < items.terms.length && endings.length > 0; index++) {
    const after = sequence(items, index + 1);
    const next: Ending[] = [];
    for (const ending of endings) {
      const ways = waysOf(items.terms[index] ?? DONE, ending.anchor, variables);
      for (const head of ways.heads) heads.push(followedBy(head, after, ending.effects));
      for (const { effects, anchor: from } of ways.endings) {
        next.push({ effects: joined(ending.effects, effects), anchor: from });
      }
    }
    endings = distinct(next);
  }
  return { heads, endings };
}

function chain(first: Term, restOf: () => Term, anchor: Anchor, variables: Variables): Ways {
  const rest = restOf();
  const ways = waysOf(first, anchor, variables);
  const heads = ways.heads.map((head) => followedBy(head, rest, []));
  const endings: Ending[] = [];
  for (const ending of ways.endings) {
    const after = waysOf(rest, ending.anchor, variables);
    for (const head of after.heads) heads.push({ ...head, effects: joined(ending.effects, head.effects) });
    for (const last of after.endings) {
      endings.push({ effects: joined(ending.effects, last.effects), anchor: last.anchor });
    }
  }
  return { heads, endings: distinct(endings) };
}

function anyOrderWays(term: AnyOrderTerm, anchor: Anchor, variables: Variables): Ways {
  const window = windowOf(term.timing, anchor, variables);
  const children = term.children.map((child) => ({ term: child.term, anchor: child.anchor ?? anchor }));
  const tried = new Set<string>();
  const heads: Head[] = [];
  let endings: Ending[] = [{ effects: [], anchor }];
  children.forEach((child, index) => {
    const ways = waysOf(child.term, child.anchor, variables);
    endings = distinct(endings.flatMap((ending) => ways.endings.map((other) => together(ending, other))));
    const key = childKey(child);
    if (tried.has(key)) return;
    tried.add(key);
    for (const head of ways.heads) {
      const rest = (at: Anchor) => {
        const left = children.map((other, place) =>
          place === index ? { term: head.rest(at), anchor: at } : other,
        );
        return anyOrder(left, {}, term.step);
      };
      heads.push({ ...head, rest });
    }
  });
  return within({ heads, endings }, { window, undecided: false });
}

function oneOfWays(term: OneOfTerm, anchor: Anchor, variables: Variables): Ways {
  const heads: Head[] = [];
  const endings: Ending[] = [];
  for (const { label, term: alternative } of term.alternatives) {
    const outcome: Effect[] = [{ kind: 'outcome', outcome: { step: term.step, label } }];
    const ways = waysOf(alternative, anchor, variables);
    for (const head of ways.heads) heads.push({ ...head, effects: joined(outcome, head.effects) });
    for (const ending of ways.endings) {
      endings.push({ effects: joined(outcome, ending.effects), anchor: ending.anchor });
    }
  }
  return within({ heads, endings }, { window: windowOf(term.timing, anchor, variables), undecided: true });
}

function within({ heads, endings }: Ways, of: Pick<GroupTerm, 'window' | 'undecided' | 'frozen'>): Ways {
  const { window, undecided, frozen } = of;
  if (window === ALWAYS && !undecided && frozen === undefined) return { heads, endings };
  const bounded = heads.map((head) => ({
    ...head,
    window: both(head.window, window),
    undecided: head.undecided || undecided,
    ...(head.frozen === undefined && frozen !== undefined ? { frozen } : {}),
    rest: (at: Anchor) => group(head.rest(at), of),
  }));
  return { heads: bounded, endings };
}

function both(one: Window, other: Window): Window {
  const tighter = one.to < other.to || (one.to === other.to && one.from > other.from) ? one : other;
  return { from: Math.max(one.from, other.from), to: tighter.to, since: tighter.since };
}

function zeroEnding(zero: Silence | Count, anchor: Anchor): Ending {
  if (zero.kind === 'count') return { effects: [{ kind: 'count', count: zero }], anchor };
  const until = anchor.time + zero.ms;
  return {
    effects: [{ kind: 'silence', silence: zero, after: anchor, until }],
    anchor: { time: until, index: anchor.index },
  };
}

function windowOf({ within, after }: Timing, anchor: Anchor, variables: Variables): Window {
  if (within === undefined && after === undefined) return ALWAYS;
  const [from, to] = [msOf(after, variables, -Infinity), msOf(within, variables, Infinity)];
  if (from === undefined || to === undefined) return { from: Infinity, to: -Infinity, since: anchor.time };
  return { from: anchor.time + from, to: anchor.time + to, since: anchor.time };
}

/** Undefined where a packet that might have been missing was to tell the time, and was. */
function msOf(time: Time | undefined, variables: Variables, otherwise: number): number | undefined {
  if (time === undefined || typeof time === 'number') return time ?? otherwise;
  try {
    return evaluate(time, { variables });
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return undefined;
  }
}

function followedBy(head: Head, rest: Term, before: readonly Effect[]): Head {
  return {
    ...head,
    effects: joined(before, head.effects),
    rest: rest.kind === 'done' ? head.rest : (at) => then(head.rest(at), rest),
  };
}

function joined(first: readonly Effect[], second: readonly Effect[]): readonly Effect[] {
  if (first.length === 0) return second;
  return second.length === 0 ? first : [...first, ...second];
}

function together(one: Ending, other: Ending): Ending {
  const anchor = other.anchor.time > one.anchor.time ? other.anchor : one.anchor;
  return { effects: joined(one.effects, other.effects), anchor };
}

/** Endings that differ only in the outcome they name are one: the first that the case names stands. */
function distinct(endings: Ending[]): Ending[] {
  if (endings.length < 2) return endings;
  const kept = new Map<string, Ending>();
  for (const ending of endings) {
    const key = `${ending.anchor.time},${ending.anchor.index} ${ending.effects.map(constraintKey).join()}`;
    if (!kept.has(key)) kept.set(key, ending);
  }
  return [...kept.values()];
}

function constraintKey(effect: Effect): string {
  if (effect.kind === 'outcome') return '';
  if (effect.kind === 'count') return `c${effect.count.place.line}:${effect.count.place.column}`;
  return `q${effect.until}${effect.silence.from ?? ''}`;
}
