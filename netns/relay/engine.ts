import type { Role } from '../topology.js';
import { Classifier } from './classify.js';
import { forgeReset } from './forge-reset.js';
import { seededRandom } from './random.js';
import { clampMss, corrupt, countHops, setPort, stripOptions } from './rewrite.js';
import type { RelayAction, RelayRule, Selection } from './rules.js';
import { ETHERNET_HEADER, viewSegment } from './segment.js';
import type { SegmentView } from './segment.js';

/** A frame on its way out of the relay. */
export interface Departure {
  frame: Uint8Array;
  to: Role;
  /** ms, on the clock of the arrivals. */
  at: number;
}

/** What became of a frame that arrived. */
export interface Fate {
  from: Role;
  /** As it arrived. */
  frame: Uint8Array;
  /** Nothing of it goes on to the other end. */
  lost: boolean;
}

/**
 * Decides what becomes of each frame that reaches the middle of a lab: frames and times in, frames and times out. The same
 * frames in the same order have the same fate everywhere; no clock and no other randomness is looked at.
 */
export class RelayEngine {
  readonly #rules: readonly RunningRule[];
  readonly #classifier = new Classifier();
  readonly #fates: Fate[] = [];
  #held: Held[] = [];

  constructor(rules: readonly RelayRule[]) {
    this.#rules = rules.map((rule) => new RunningRule(rule));
  }

  /** Takes a frame that arrives at `now` (ms) from `from`; keeps no reference to it. */
  take(arrived: Uint8Array, from: Role, now: number): Departure[] {
    const to = otherRole(from);
    const frame = arrived.slice();
    const segment = viewSegment(frame);
    if (segment === undefined) {
      this.#note(arrived, from, false);
      return [{ frame, to, at: now }];
    }
    const { kinds, flow } = this.#classifier.classify(segment, from);
    let passages: Passage[] = [{ frame, to, at: now, overtakenBy: 0, forged: false }];
    for (const rule of this.#rules) {
      if (!rule.selects(segment, from, kinds, flow)) continue;
      passages = passages.flatMap((passage) =>
        passage.forged ? [passage] : rule.apply(passage, segment, from),
      );
    }
    this.#note(arrived, from, !passages.some((passage) => passage.to === to && !passage.forged));
    return this.#depart(passages, from, now);
  }

  /** When `release` has something to do, ms; undefined when nothing is held back. */
  get releaseAt(): number | undefined {
    return this.#held.length === 0 ? undefined : Math.min(...this.#held.map((held) => held.until));
  }

  /** Lets go what waited in vain to be overtaken. */
  release(now: number): Departure[] {
    const over = this.#held.filter((held) => held.until <= now);
    this.#held = this.#held.filter((held) => held.until > now);
    return over.map(({ frame, to }) => ({ frame, to, at: now }));
  }

  /** What has become of the frames so far, in the order in which they arrived; the latest 20,000 of them. */
  get fates(): readonly Fate[] {
    return this.#fates;
  }

  /** Holds back what is to be overtaken, and lets go what has been. */
  #depart(passages: readonly Passage[], from: Role, now: number): Departure[] {
    const departures: Departure[] = [];
    for (const { frame, to, at, overtakenBy } of passages) {
      if (overtakenBy > 0) {
        this.#held.push({ frame, to, from, left: overtakenBy, until: now + PATIENCE_MS });
        continue;
      }
      departures.push({ frame, to, at });
      if (to !== otherRole(from)) continue;
      for (const held of this.#held) if (held.from === from) held.left--;
      departures.push(
        ...this.#held.filter((held) => held.left <= 0).map((held) => ({ ...departure(held), at })),
      );
      this.#held = this.#held.filter((held) => held.left > 0);
    }
    return departures;
  }

  #note(frame: Uint8Array, from: Role, lost: boolean): void {
    this.#fates.push({ from, frame: frame.slice(), lost });
    if (this.#fates.length > FATES_KEPT) this.#fates.shift();
  }
}

/** A frame between two rules. */
interface Passage extends Departure {
  overtakenBy: number;
  /** Made by the relay: no later rule changes it. */
  forged: boolean;
}

interface Held {
  frame: Uint8Array;
  to: Role;
  from: Role;
  left: number;
  until: number;
}

/** A rule with what it remembers. */
class RunningRule {
  readonly #select: Selection;
  readonly #action: RelayAction;
  readonly #counts = new Map<string, number>();
  readonly #random: () => number;
  /** Of a delay with jitter, by direction: no packet leaves before the one before it. */
  readonly #latest: Partial<Record<Role, number>> = {};
  /** Ends of connections that a NAT has translated: only their answers it translates back. */
  readonly #translated = new Set<string>();
  /** When each packet that the link still holds will have left it, by direction. */
  readonly #leaving: Record<Role, number[]> = { client: [], server: [] };

  constructor({ select, action }: RelayRule) {
    this.#select = select;
    this.#action = action;
    this.#random = seededRandom('seed' in action ? action.seed : 0);
  }

  selects(segment: SegmentView, from: Role, kinds: ReadonlySet<string>, flow: string): boolean {
    const select = this.#select;
    if (select.from !== undefined && select.from !== from) return false;
    if (select.kinds !== undefined && !select.kinds.some((kind) => kinds.has(kind))) return false;
    if (select.port !== undefined && segment.srcPort !== select.port && segment.dstPort !== select.port)
      return false;
    if (select.longerThan !== undefined && segment.end - segment.ip <= select.longerThan) return false;
    if (select.numbers === undefined) return true;
    const number = (this.#counts.get(flow) ?? 0) + 1;
    this.#counts.set(flow, number);
    return select.numbers.some((range) => number >= range.from && number <= range.to);
  }

  apply(passage: Passage, segment: SegmentView, from: Role): Passage[] {
    const action = this.#action;
    const { frame } = passage;
    // What was cut short has no fields to be rewritten any more.
    if (REWRITING.has(action.do) && frame.length < segment.end) return [passage];
    switch (action.do) {
      case 'drop':
        return [];
      case 'lose':
        return this.#random() < action.share ? [] : [passage];
      case 'delay':
        return [{ ...passage, at: this.#delayed(passage, action) }];
      case 'duplicate':
        return Array.from({ length: action.copies + 1 }, (_, copy) =>
          copy === 0 ? passage : { ...passage, frame: frame.slice() },
        );
      case 'reorder':
        return [{ ...passage, overtakenBy: action.by }];
      case 'corrupt':
        corrupt(frame, segment, action.what);
        return [passage];
      case 'truncate':
        return [{ ...passage, frame: frame.subarray(0, ETHERNET_HEADER + action.octets) }];
      case 'rate':
        return this.#queued(passage, action);
      case 'strip':
        stripOptions(frame, segment, action.options);
        return [passage];
      case 'clamp-mss':
        clampMss(frame, segment, action.mss);
        return [passage];
      case 'reset':
        return resets(passage, segment, from, action);
      case 'translate':
        this.#translate(frame, segment, from, action);
        return [passage];
      case 'hops':
        return countHops(frame, segment, action.count) ? [passage] : [];
    }
  }

  #delayed({ at, to }: Passage, { ms, jitterMs }: RelayAction & { do: 'delay' }): number {
    if (jitterMs === 0) return at + ms;
    const drawn = at + Math.max(0, ms + (2 * this.#random() - 1) * jitterMs);
    const ordered = Math.max(drawn, this.#latest[to] ?? 0);
    this.#latest[to] = ordered;
    return ordered;
  }

  #translate(
    frame: Uint8Array,
    segment: SegmentView,
    from: Role,
    { port, target }: RelayAction & { do: 'translate' },
  ): void {
    if (from === 'client' && segment.dstPort === port) {
      this.#translated.add(segment.source);
      setPort(frame, segment, 'destination', target);
    } else if (from === 'server' && segment.srcPort === target && this.#translated.has(segment.destination)) {
      setPort(frame, segment, 'source', port);
    }
  }

  #queued(passage: Passage, { bitsPerSecond, queue }: RelayAction & { do: 'rate' }): Passage[] {
    const leaving = this.#leaving[passage.to];
    while (leaving[0] !== undefined && leaving[0] <= passage.at) leaving.shift();
    // The first of them is on the link itself, the others wait.
    if (leaving.length > queue) return [];
    const start = Math.max(passage.at, leaving.at(-1) ?? 0);
    const left = start + (passage.frame.length * 8000) / bitsPerSecond;
    leaving.push(left);
    return [{ ...passage, at: left }];
  }
}

function resets(
  passage: Passage,
  segment: SegmentView,
  from: Role,
  { to, ttl, swallow }: RelayAction & { do: 'reset' },
): Passage[] {
  const forged = to.map((role): Passage => ({
    frame: forgeReset(passage.frame, segment, role === from ? 'sender' : 'receiver', {
      ttl,
      delivered: !swallow,
    }),
    to: role,
    at: passage.at,
    overtakenBy: 0,
    forged: true,
  }));
  return swallow ? forged : [passage, ...forged];
}

function departure({ frame, to }: Held): Omit<Departure, 'at'> {
  return { frame, to };
}

export function otherRole(role: Role): Role {
  return role === 'client' ? 'server' : 'client';
}

const REWRITING = new Set<RelayAction['do']>(['corrupt', 'strip', 'clamp-mss', 'reset', 'translate', 'hops']);
/** Longest that a packet waits to be overtaken, ms: nothing may come behind it. */
const PATIENCE_MS = 1000;
const FATES_KEPT = 20_000;
