import type { Scope } from '../case/expression.js';
import type { PacketPattern, Place, Role } from '../case/model.js';
import type { Packet } from '../dissect/packet.js';
import { bindFrom, matchPacket, packetMatches } from './match-packet.js';
import { DONE, isWithin, SILENCE_PRECISION } from './term.js';
import type { Anchor, Count, Silence, Term } from './term.js';
import { waysOf } from './ways.js';
import type { Effect, Head, Outcome, Ways } from './ways.js';
import type { Difference } from './verdict.js';

/** A packet as the matcher needs it: who sent it, and when in ms of one clock. */
export interface Seen {
  packet: Packet;
  role: Role;
  time: number;
}

/** One way in which everything seen so far fits the case. */
export interface Thread {
  readonly term: Term;
  readonly anchor: Anchor;
  readonly variables: Readonly<Record<string, number>>;
  readonly silences: readonly ActiveSilence[];
  readonly counts: readonly Count[];
  readonly outcomes: readonly Outcome[];
  /** It let an admitted packet pass that it could have taken: another thread took it. */
  readonly spared: boolean;
  readonly taken: Taken | undefined;
}

export interface ActiveSilence {
  silence: Silence;
  until: number;
}

/** Which packet was taken by which step, newest first. */
export interface Taken {
  index: number;
  step: number;
  pattern: PacketPattern;
  before: Taken | undefined;
}

/** The one thread there is before any packet was seen; times of the first items count from the anchor. */
export function firstThread(term: Term, anchor: Anchor): Thread {
  return {
    term,
    anchor,
    variables: {},
    silences: [],
    counts: [],
    outcomes: [],
    spared: false,
    taken: undefined,
  };
}

/** Labels of the outcomes that were seen, in order. */
export function outcomesOf(thread: Pick<Thread, 'outcomes'> | undefined): string[] {
  return (thread?.outcomes ?? []).map(({ label }) => label);
}

/** The case admits so many readings of the packets that following them all would never end. */
export class AmbiguousCaseError extends Error {
  override readonly name = 'AmbiguousCaseError';
  readonly remedy =
    'name more fields in the items of any-order and one-of, so that fewer of them fit the same packet';

  constructor(readonly place: Place | undefined) {
    super(`more than ${MAX_THREADS} ways to read the packets against the case`);
  }
}

export interface ExpectationOptions {
  mode: 'strict' | 'subsequence';
  /** No pattern of the case binds a variable: where a packet is taken then matters less. */
  bindsNothing: boolean;
  /** Packets that may come at any time: nothing has to expect them, and they break no silence. */
  admit?: readonly PacketPattern[];
  /** RFC variables of the IUT at this moment, where the case is about one. */
  rfc?: () => Readonly<Record<string, number>>;
}

/**
 * Follows every way in which packets can fit a term, all at once: after each packet it holds the threads that are still
 * possible, those that the case names first coming first. A packet that fits no thread is refused and changes nothing.
 * Throws AmbiguousCaseError.
 */
export class Expectation {
  readonly seen: Seen[];
  threads: Thread[];
  readonly #options: ExpectationOptions;
  readonly #ways = new WeakMap<Thread, Ways>();
  /** Packets seen that were admitted, told by the RFC variables of their moment. */
  readonly #admitted: WeakSet<Seen>;

  constructor(
    threads: Thread[],
    options: ExpectationOptions,
    seen: Seen[] = [],
    admitted: WeakSet<Seen> = new WeakSet(),
  ) {
    this.threads = threads;
    this.#options = options;
    this.seen = seen;
    this.#admitted = admitted;
  }

  /** A second expectation that goes on from here without touching this one. */
  fork(threads: Thread[] = this.threads): Expectation {
    return new Expectation(threads, this.#options, [...this.seen], this.#admitted);
  }

  ways(thread: Thread): Ways {
    let ways = this.#ways.get(thread);
    if (ways === undefined) {
      ways = waysOf(thread.term, thread.anchor, thread.variables);
      this.#ways.set(thread, ways);
    }
    return ways;
  }

  /** Whether the packet was taken (or, in a subsequence or where it is admitted, passed over). */
  offer(seen: Seen, wasAdmitted = false): boolean {
    const next = new ThreadSet();
    const admitted = wasAdmitted || this.admits(seen);
    for (const thread of this.threads) this.#advance(thread, seen, next, admitted);
    if (next.threads.length === 0) return false;
    if (admitted) this.#admitted.add(seen);
    this.threads = next.threads;
    this.seen.push(seen);
    return true;
  }

  /** Whether the case admits the packet at any time. */
  admits({ packet, role }: Seen): boolean {
    const { admit = [] } = this.#options;
    return admit.some(
      (pattern) =>
        pattern.from === role &&
        this.threads.some((thread) => packetMatches(pattern, packet, this.scope(thread))),
    );
  }

  /** Whether the packet was let pass because the case admits it at any time. */
  wasAdmitted(seen: Seen): boolean {
    return this.#admitted.has(seen);
  }

  /** Whether a thread would take the packet, rather than pass it over. */
  wouldTake(seen: Seen): boolean {
    return this.threads.some((thread) =>
      this.ways(thread).heads.some((head) => this.take(thread, head, seen) !== undefined),
    );
  }

  /** Counts the packet as seen without any thread taking it: what a failure text does to look further. */
  passOver(seen: Seen): void {
    this.seen.push(seen);
  }

  /** The thread after the head took the packet, or undefined where it cannot. */
  take(thread: Thread, head: Head, seen: Seen): Thread | undefined {
    if (head.pattern.from !== seen.role) return undefined;
    if (!isWithin(head.window, seen.time)) return undefined;
    if (!packetMatches(head.pattern, seen.packet, this.scope(thread, head))) return undefined;
    return this.follow(thread, head, seen);
  }

  /** The thread after the head, as if the packet were what it expects; undefined where a silence forbids it. */
  follow(thread: Thread, head: Head, seen: Seen): Thread | undefined {
    const passed = this.#pass(thread, head.effects, seen.time);
    if (passed === undefined || passed.silences.some((active) => breaks(active, seen))) return undefined;
    const anchor = { time: seen.time, index: this.seen.length + 1 };
    const since = head.window.since === -Infinity ? thread.anchor.time : head.window.since;
    const bound = bindFrom(head.pattern.bind, seen.packet, seen.time - since);
    return {
      term: head.rest(anchor),
      anchor,
      variables: bound === undefined ? thread.variables : { ...thread.variables, ...bound },
      silences: passed.silences.filter((active) => active.until > seen.time),
      counts: passed.counts,
      outcomes: passed.outcomes,
      spared: thread.spared,
      taken: { index: this.seen.length, step: head.step, pattern: head.pattern, before: thread.taken },
    };
  }

  differences(thread: Thread, head: Head, packet: Packet): Difference[] {
    return matchPacket(head.pattern, packet, this.scope(thread, head));
  }

  scope(thread: Thread, head?: Pick<Head, 'frozen'>): Scope {
    const rfc = this.#options.rfc?.();
    if (rfc === undefined) return { variables: thread.variables };
    return {
      variables: thread.variables,
      rfc: head?.frozen === undefined ? rfc : { ...rfc, ...head.frozen },
    };
  }

  /** Threads for which nothing more has to come, each with what ending it passes over; silences may still be running. */
  endings(now: number): Thread[] {
    const ended: Thread[] = [];
    for (const thread of this.threads) {
      for (const ending of this.ways(thread).endings) {
        const passed = this.#pass(thread, ending.effects, now);
        if (passed === undefined) continue;
        const silences = passed.silences.filter(({ until }) => until > now);
        ended.push({ ...thread, ...passed, silences, term: DONE, anchor: ending.anchor });
      }
    }
    return ended;
  }

  /** The first silence among these that a packet seen before has broken, with that packet. */
  brokenSilence(effects: readonly Effect[]): (ActiveSilence & { culprit: Seen }) | undefined {
    for (const effect of effects) {
      const culprit = effect.kind === 'silence' ? this.#broken(effect) : undefined;
      if (effect.kind === 'silence' && culprit !== undefined) {
        return { silence: effect.silence, until: effect.until, culprit };
      }
    }
    return undefined;
  }

  #advance(thread: Thread, seen: Seen, next: ThreadSet, admitted: boolean): void {
    let dominated = false;
    let taken = false;
    for (const head of this.ways(thread).heads) {
      const after = this.take(thread, head, seen);
      if (after === undefined) continue;
      taken = true;
      next.add(after);
      dominated ||= this.#options.bindsNothing && canSpare(head, after);
    }
    const isStrict = this.#options.mode === 'strict';
    // A strict case may need the place that the admitted packet took for another one.
    if (admitted && (isStrict || !dominated)) next.add(taken ? { ...thread, spared: true } : thread);
    if (admitted || isStrict || dominated) return;
    if (!thread.silences.some((active) => breaks(active, seen))) next.add(thread);
  }

  /** Passes over outcomes, silences and counts; undefined where a silence was broken before `seen` packets' end. */
  #pass(
    thread: Thread,
    effects: readonly Effect[],
    now: number,
  ): Pick<Thread, 'silences' | 'counts' | 'outcomes'> | undefined {
    if (effects.length === 0) return thread;
    let { silences, counts, outcomes } = thread;
    for (const effect of effects) {
      if (effect.kind === 'outcome') outcomes = withOutcome(outcomes, effect.outcome);
      else if (effect.kind === 'count') counts = [...counts, effect.count];
      else {
        if (this.#broken(effect) !== undefined) return undefined;
        if (effect.until > now) silences = [...silences, { silence: effect.silence, until: effect.until }];
      }
    }
    return { silences, counts, outcomes };
  }

  /** The first packet seen within a silence that has not been entered until now. */
  #broken({ silence, after, until }: Effect & { kind: 'silence' }): Seen | undefined {
    for (let index = after.index; index < this.seen.length; index++) {
      const seen = this.seen[index];
      if (seen === undefined || this.#admitted.has(seen)) continue;
      if (breaks({ silence, until }, seen)) return seen;
    }
    return undefined;
  }
}

/** What stays open passes its choices again when it ends; each was decided once. */
function withOutcome(outcomes: readonly Outcome[], outcome: Outcome): readonly Outcome[] {
  const known = outcomes.some(({ step, label }) => step === outcome.step && label === outcome.label);
  return known ? outcomes : [...outcomes, outcome];
}

/** Whether the packet comes while that side has to be silent, to the millisecond. */
export function breaks({ silence, until }: ActiveSilence, seen: Seen): boolean {
  return seen.time < until - SILENCE_PRECISION && (silence.from === undefined || silence.from === seen.role);
}

const MAX_THREADS = 4000;

/**
 * In a subsequence a thread that took the packet may stand for the one that did not, where all that is expected after it
 * does not care when it came: whatever the other could still take, this one can.
 */
function canSpare(head: Head, after: Thread): boolean {
  return !head.undecided && !after.term.timed && after.silences.length === 0;
}

/** Threads without doubles: of two that expect the same under the same conditions the first stands. */
class ThreadSet {
  readonly threads: Thread[] = [];
  #keys: Set<string> | undefined;

  add(thread: Thread): void {
    if (this.#keys === undefined) {
      const [first] = this.threads;
      if (first === undefined) {
        this.threads.push(thread);
        return;
      }
      this.#keys = new Set([keyOf(first)]);
    }
    const key = keyOf(thread);
    if (this.#keys.has(key)) return;
    if (this.threads.length >= MAX_THREADS)
      throw new AmbiguousCaseError(this.threads[0]?.taken?.pattern.place);
    this.#keys.add(key);
    this.threads.push(thread);
  }
}

function keyOf(thread: Thread): string {
  const { term, anchor, variables, silences, counts } = thread;
  return [
    term.key,
    term.timed ? `${anchor.time},${anchor.index}` : '',
    Object.keys(variables).length === 0 ? '' : JSON.stringify(variables),
    silences.map(({ silence, until }) => `${until}${silence.from ?? ''}`).join(),
    counts.map(({ place }) => `${place.line}:${place.column}`).join(),
  ].join('|');
}
