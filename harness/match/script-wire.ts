import type { ExpectItem, PacketPattern, Role } from '../case/model.js';
import { type Packet, RST } from '../dissect/packet.js';
import { sequenceOf } from './compile.js';
import type { TermOptions } from './compile.js';
import { bindFrom } from './match-packet.js';
import { Expectation, firstThread } from './expectation.js';
import type { Seen, Thread } from './expectation.js';
import { explainEnd, explainRefusal, incomplete } from './explain.js';
import type { Fallback } from './explain.js';
import type { IutModel } from './iut-model.js';
import { milliseconds } from './packet-line.js';
import type { Problem } from './problem.js';
import { ALWAYS, anyOrder, DONE, group } from './term.js';
import type { Head, Outcome } from './ways.js';

export interface ScriptWireOptions {
  iut: Role;
  mode: 'strict' | 'subsequence';
  bindsNothing: boolean;
  admit: readonly PacketPattern[];
  startTime: number;
  terms: TermOptions;
  /** What a capture holds beyond what has been told: shown, and looked into for reasons, but not judged. */
  upcoming?: () => readonly Upcoming[];
}

export interface Upcoming {
  packet: Packet;
  time: number;
  fromIut: boolean;
}

/**
 * The wire of a script: packets of the IUT wait here until something that the script expects takes them, in their order.
 * What was optional when the script went on stays open until its time is over.
 */
export class ScriptWire {
  /** Both sides, in the order in which they were told, with relative numbers. */
  readonly packets: Seen[] = [];
  readonly expectation: Expectation;
  readonly #model: IutModel;
  readonly #options: ScriptWireOptions;
  /** Indices in `packets` of what nothing has taken yet; those packets are still as they were dissected. */
  readonly #waiting: number[] = [];
  /** Those that the case admitted when they came, by the RFC variables of that moment. */
  readonly #admitted = new Set<number>();
  /** Everything up to here has been told, ms. */
  #closed = -Infinity;
  #revealed: Seen[] | undefined;

  constructor(model: IutModel, options: ScriptWireOptions) {
    this.#model = model;
    this.#options = options;
    const { mode, bindsNothing, admit, startTime } = options;
    const first = firstThread(DONE, { time: startTime, index: 0 });
    this.expectation = new Expectation([first], { mode, bindsNothing, admit, rfc: () => model.names() });
  }

  get variables(): Readonly<Record<string, number>> {
    return this.expectation.threads[0]?.variables ?? {};
  }

  sent(
    packet: Packet,
    time: number,
    taken: boolean | undefined,
    bind: Readonly<Record<string, string>>,
  ): Seen {
    const role = this.#options.iut === 'client' ? 'server' : 'client';
    const seen = { packet: this.#model.view(packet, 'tester'), role, time } as const;
    this.packets.push(seen);
    this.#model.fromTester(packet, taken);
    const bound = bindFrom(bind, seen.packet);
    if (bound !== undefined) {
      this.expectation.threads = this.expectation.threads.map((thread) => ({
        ...thread,
        variables: { ...thread.variables, ...bound },
      }));
    }
    return seen;
  }

  received(packet: Packet, time: number): void {
    const role = this.#options.iut;
    const seen = { packet: this.#model.view(packet, 'iut'), role, time };
    if (this.expectation.admits(seen)) this.#admitted.add(this.packets.length);
    this.#waiting.push(this.packets.length);
    this.packets.push({ packet, role, time });
  }

  /** No packet will be told any more that came until then. */
  close(time: number): void {
    this.#closed = Math.max(this.#closed, time);
  }

  /**
   * Whether the choice of that step had this outcome. From then on only readings of the packets that say the same count,
   * because what the script does next depends on it.
   */
  decided(outcome: Outcome): boolean {
    const says = ({ outcomes }: Thread) =>
      outcomes.some(({ step, label }) => step === outcome.step && label === outcome.label);
    const [first] = this.expectation.threads;
    const decided = first !== undefined && says(first);
    this.expectation.threads = this.expectation.threads.filter((thread) => says(thread) === decided);
    return decided;
  }

  /** From now on these items are expected, with their times counted from `time`. */
  enter(items: readonly { item: ExpectItem; step: number }[], time: number): void {
    const term = sequenceOf(items, this.#options.terms);
    const anchor = { time, index: this.expectation.seen.length };
    const step = items[0]?.step ?? 1;
    this.expectation.threads = this.expectation.threads.map((thread) => ({
      ...thread,
      term:
        thread.term.kind === 'done'
          ? term
          : anyOrder(
              [
                { term: thread.term, anchor: thread.anchor },
                { term, anchor },
              ],
              {},
              step,
            ),
      anchor,
    }));
  }

  /** Lets the expectation take what waits; whether the script may go on, has to wait, or cannot. */
  progress(now: number, fallback: Fallback): 'go on' | 'wait' | Problem {
    for (;;) {
      if (this.#mayGoOn(now)) return 'go on';
      const index = this.#waiting[0];
      if (index === undefined) break;
      const taken = this.#take(index, (seen) => this.#offer(index, seen));
      if (!taken) return this.#refusal(index, fallback);
    }
    if (this.#openHeads(now).length > 0 || this.#silences(now).length > 0) return 'wait';
    const problem = explainEnd(
      this.expectation,
      ({ window }) => `within ${milliseconds(window.to - window.since)}`,
      ({ window }) => window.to >= this.#closed,
      () => this.reveal(),
    );
    return problem ?? incomplete(fallback, 'when its time was over');
  }

  /**
   * The script goes on: what is still open keeps the RFC variables of this moment, but SND.NXT, which the IUT moves.
   * Returns when what was required had come, or when it was clear that no more would.
   */
  leave(now: number): number {
    const frozen = this.#model.names();
    delete frozen['SND.NXT'];
    const ended: Thread[] = [];
    const open: Thread[] = [];
    let time = this.#closed;
    for (const thread of this.expectation.threads) {
      const single = this.expectation.fork([thread]);
      const endings = single.endings(now).filter(({ silences }) => silences.length === 0);
      const [first] = endings;
      if (first !== undefined && ended.length === 0) time = Math.max(time, first.anchor.time);
      const alive = this.expectation.ways(thread).heads.some((head) => this.#isOpen(head));
      const term = group(thread.term, { window: ALWAYS, undecided: false, frozen });
      const pending = { ...thread, term, outcomes: first?.outcomes ?? thread.outcomes };
      if (alive) (endings.length > 0 ? ended : open).push(pending);
      else ended.push(...endings);
    }
    // What let pass what another reading took still waits for the same; nothing comes of it.
    const worthwhile = ended.length === 0 ? open : open.filter(({ spared }) => !spared);
    this.expectation.threads = [...ended, ...worthwhile].map((thread) => ({ ...thread, spared: false }));
    return time;
  }

  /** Between expectations only what was left open may take a packet; all others wait for the next. */
  takePending(): void {
    for (let index = this.#waiting[0]; index !== undefined; index = this.#waiting[0]) {
      if (!this.#take(index, (seen) => this.expectation.wouldTake(seen) && this.#offer(index, seen))) return;
    }
  }

  /** When it will next matter that nothing came, ms. */
  deadline(now: number): number {
    const times = [
      ...this.#openHeads(now).map(({ window }) => window.to),
      ...this.#silences(now).map(({ until }) => until),
    ];
    return times.length === 0 ? now : Math.min(...times);
  }

  /** As leftOver, where a reset of the IUT is among what nothing takes. */
  unaskedReset(fallback: Fallback): Problem | undefined {
    this.takePending();
    const isReset = (index: number) => (this.packets[index]!.packet.tcp.flags & RST) !== 0;
    return this.#waiting.some(isReset) ? this.leftOver(fallback) : undefined;
  }

  /** The first packet that nothing took, once the script is over; a subsequence does not mind. */
  leftOver(fallback: Fallback): Problem | undefined {
    let [index] = this.#waiting;
    while (index !== undefined && this.#passAdmitted(index)) [index] = this.#waiting;
    return index === undefined || this.#options.mode === 'subsequence'
      ? undefined
      : this.#refusal(index, fallback);
  }

  /** The packets that the script was about: all that it was told. */
  get told(): readonly Seen[] {
    return this.#revealed === undefined
      ? this.packets
      : this.packets.slice(0, -this.#revealed.length || undefined);
  }

  /** The script is over: what the capture holds beyond it joins the packets. Returns it, without what the tester sent. */
  reveal(): readonly Seen[] {
    if (this.#revealed === undefined) {
      const { iut, upcoming } = this.#options;
      const tester: Role = iut === 'client' ? 'server' : 'client';
      this.#revealed = (upcoming?.() ?? []).map(({ packet, time, fromIut }) => ({
        packet: this.#model.view(packet, fromIut ? 'iut' : 'tester'),
        role: fromIut ? iut : tester,
        time,
      }));
      this.packets.push(...this.#revealed);
    }
    return this.#revealed.filter(({ role }) => role === this.#options.iut);
  }

  #offer(index: number, seen: Seen): boolean {
    return this.expectation.offer(seen, this.#admitted.has(index));
  }

  #passAdmitted(index: number): boolean {
    const isAdmitted = (seen: Seen) => this.#admitted.has(index) || this.expectation.admits(seen);
    return this.#take(index, (seen) => isAdmitted(seen) && this.#offer(index, seen));
  }

  #take(index: number, offer: (seen: Seen) => boolean): boolean {
    const raw = this.packets[index];
    if (raw === undefined) return false;
    const seen = { ...raw, packet: this.#model.view(raw.packet, 'iut') };
    if (!offer(seen)) return false;
    this.packets[index] = seen;
    this.#waiting.shift();
    this.#model.fromIut(raw.packet);
    return true;
  }

  #refusal(index: number, fallback: Fallback): Problem {
    for (const waiting of this.#waiting) {
      const raw = this.packets[waiting];
      if (raw !== undefined) this.packets[waiting] = { ...raw, packet: this.#model.view(raw.packet, 'iut') };
    }
    const seen = this.packets[index];
    if (seen === undefined) throw new RangeError(`no packet ${index}`);
    const next = this.#waiting.slice(1).flatMap((waiting) => this.packets[waiting] ?? []);
    return explainRefusal(this.expectation, seen, [...next, ...this.reveal()], fallback);
  }

  #mayGoOn(now: number): boolean {
    return this.#isEnded(now) && this.#openHeads(now).length === 0;
  }

  #isEnded(now: number): boolean {
    return this.expectation.endings(now).some(({ silences }) => silences.length === 0);
  }

  /** What is worth waiting for: all of it until everything required came, then only what tells outcomes apart. */
  #openHeads(now: number): Head[] {
    const ended = this.expectation.endings(now).filter(({ silences }) => silences.length === 0);
    return this.expectation.threads.flatMap((thread) =>
      this.expectation
        .ways(thread)
        .heads.filter((head) => this.#isOpen(head))
        .filter((head) => ended.length === 0 || (head.undecided && !saysNothingNew(thread, head, ended))),
    );
  }

  #silences(now: number) {
    return this.expectation
      .endings(now)
      .flatMap(({ silences }) => silences.filter(({ until }) => until > now));
  }

  #isOpen({ window }: Head): boolean {
    return window.to > this.#closed;
  }
}

/** A reading that let an admitted packet pass waits for an outcome that another one, which took it, has seen. */
function saysNothingNew(thread: Thread, { effects }: Head, ended: readonly Thread[]): boolean {
  const outcomes = [
    ...thread.outcomes,
    ...effects.flatMap((effect) => (effect.kind === 'outcome' ? [effect.outcome] : [])),
  ];
  const isAmong = (among: readonly Outcome[]) => (outcome: Outcome) =>
    among.some(({ step, label }) => step === outcome.step && label === outcome.label);
  return thread.spared && ended.some((other) => outcomes.every(isAmong(other.outcomes)));
}
