import type { End } from './end.js';
import { Bounded } from './sequence.js';
import type { Step } from './step.js';

/** An answer and what it waited for. Times in ms. */
export interface Turn {
  by: End;
  request: number;
  /** The acknowledgment of the request, when it came before the answer. */
  acked: number | undefined;
  ackedAfterMs: number | undefined;
  answer: number;
  waitMs: number;
  /** The wait without the round trip. */
  applicationMs: number;
}

export interface Pause {
  by: End;
  before: number;
  after: number;
  ms: number;
  kind: 'first-data' | 'more-data';
}

/** A silence in which an unacknowledged small segment held back the next one. Times in ms. */
export interface Held {
  by: End;
  segment: number;
  ack: number;
  next: number;
  ms: number;
}

const LONG = 0.2;
/** RFC 9293 MUST-15, and what the timestamps take of each segment, octets. */
const SMALLEST_MSS = 536;
const TIMESTAMPS = 12;
/** What a stack does at once takes its soonest response and a little more, or so long where none has been seen yet, s. */
const JITTER = 0.0003;
const AT_ONCE = 0.002;
const DELAYED_ACK = { shortest: 0.03, longest: 0.6 };

/** Where the time went: who was waited for, packet by packet. Sums in s. */
export class Waits {
  readonly turns = new Bounded<Turn>(16);
  readonly pauses = new Bounded<Pause>(16);
  readonly held = new Bounded<Held>(16);
  heldSeconds = 0;
  longest: Turn | undefined;
  turnCount = 0;
  network = 0;
  /** Of that, silences that a repeat of data ended. */
  timeoutSeconds = 0;

  private last: { end: End; time: number; frame: number } | undefined;
  private acked: { frame: number; time: number } | undefined;
  private small: { end: End; time: number; frame: number; room: number } | undefined;
  private smallAck: { frame: number; time: number; delay: number } | undefined;
  private established: { frame: number; time: number } | undefined;

  handshakeDone(step: Step, roundTrip: number | undefined): void {
    this.established ??= { frame: step.frame, time: step.time };
    this.network += roundTrip ?? 0;
  }

  /** `gap`: silence of the whole conversation before this packet, s. */
  observe(step: Step, gap: number, roundTrip: number | undefined): void {
    const { from, to, kind, time, frame } = step;
    if (gap >= LONG && REPEATS.has(kind)) {
      this.network += gap;
      if (step.len > 0) this.timeoutSeconds += gap;
    }
    if (REPEATS.has(kind) && this.last?.end === from) this.last = { end: from, time, frame };
    this.observeHeld(step);
    // The end of a request may be what the answer waited for.
    if (step.fin && this.last?.end === from && step.len === 0) this.last = { end: from, time, frame };
    if (NEW_DATA.has(kind) && step.len > 0) this.observeData(step, gap, roundTrip);
    else if (step.hasAck && step.advanced && this.last?.end === to) this.acked ??= { frame, time };
  }

  /** `end` kept its window closed for so long: its application did not read. */
  closedWindow(end: End, seconds: number): void {
    end.readingSeconds += seconds;
  }

  /** Time that the window or a loss explains must not count against an application as well. */
  restart(step: Step): void {
    if (this.last !== undefined) this.last = { ...this.last, time: step.time };
  }

  private observeData(step: Step, gap: number, roundTrip: number | undefined): void {
    const { from, time, frame } = step;
    const { last } = this;
    if (last === undefined) {
      if (this.established !== undefined && time - this.established.time >= LONG) {
        this.pause(from, this.established.frame, step, time - this.established.time, 'first-data');
      }
    } else if (last.end !== from) this.turn(step, last, roundTrip);
    else if (gap >= LONG && from.una >= step.seq && !fillsTinyWindow(step))
      this.pause(from, last.frame, step, gap, 'more-data');
    this.last = { end: from, time, frame };
    this.acked = undefined;
  }

  private turn(step: Step, last: { time: number; frame: number }, roundTrip: number | undefined): void {
    const wait = step.time - last.time;
    const path = Math.min(step.from.minResponse ?? 0, wait);
    const application = Math.max(0, wait - path);
    this.turnCount++;
    this.network += Math.min(roundTrip ?? path, wait);
    step.from.applicationSeconds += application;
    const turn: Turn = {
      by: step.from,
      request: last.frame,
      acked: this.acked?.frame,
      ackedAfterMs: this.acked && (this.acked.time - last.time) * 1000,
      answer: step.frame,
      waitMs: wait * 1000,
      applicationMs: application * 1000,
    };
    if (application >= LONG) this.turns.push(turn);
    if (turn.applicationMs > (this.longest?.applicationMs ?? 0)) this.longest = turn;
  }

  private pause(by: End, before: number, step: Step, seconds: number, kind: Pause['kind']): void {
    this.pauses.push({ by, before, after: step.frame, ms: seconds * 1000, kind });
    by.applicationSeconds += seconds;
  }

  /** Small segment, late pure ACK, next segment at once: Nagle waits for an ACK that is being delayed. */
  private observeHeld(step: Step): void {
    const { from, to, time, frame, len } = step;
    if (len > 0 && NEW_DATA.has(step.kind)) {
      const { small, smallAck } = this;
      if (small?.end === from && smallAck !== undefined && len <= small.room) {
        const reaction = time - smallAck.time;
        const atOnce = from.minResponse === undefined ? AT_ONCE : 1.5 * from.minResponse + JITTER;
        if (reaction < atOnce && reaction < smallAck.delay / 2) {
          this.held.push({
            by: from,
            segment: small.frame,
            ack: smallAck.frame,
            next: frame,
            ms: smallAck.delay * 1000,
          });
          this.heldSeconds += smallAck.delay;
        }
      }
      // Room in the window after it: without any it was the window that held the next one back.
      const room = to.maxEdge - step.end;
      const full = (to.synOptions?.mss ?? SMALLEST_MSS) - TIMESTAMPS;
      const isSmall = len < full && room > 0;
      this.small = isSmall ? { end: from, time, frame, room } : undefined;
      this.smallAck = undefined;
      return;
    }
    if (this.small?.end !== to || !step.advanced || len > 0 || to.una < to.next) return;
    const path = from.minResponse ?? 0;
    const delay = time - this.small.time - path;
    const delayed = delay >= DELAYED_ACK.shortest && delay <= DELAYED_ACK.longest && delay > 2 * path;
    this.smallAck = delayed ? { frame, time, delay } : undefined;
  }
}

/** It takes all of a window that has no room for a whole segment: the sender waited for more (RFC 9293, 3.8.6.2.1). */
function fillsTinyWindow({ from, to, end }: Step): boolean {
  const full = (to.synOptions?.mss ?? SMALLEST_MSS) - TIMESTAMPS;
  return to.window < full && end - from.una >= to.window;
}

const NEW_DATA = new Set<Step['kind']>(['data', 'window-full', 'fin', 'gap']);

const REPEATS = new Set<Step['kind']>([
  'syn-repeated',
  'syn-ack-repeated',
  'fin-repeated',
  'timeout-retransmission',
  'fast-retransmission',
  'retransmission',
  'tail-probe',
  'spurious-retransmission',
]);
