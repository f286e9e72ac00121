import type { ScriptedCase } from '../case/model.js';
import type { Packet } from '../dissect/packet.js';
import type { UpperResponse } from '../upper-tester/protocol.js';
import { ScriptMatcher } from './script.js';
import type { ScriptContext, ScriptWant } from './script.js';
import type { Upcoming } from './script-wire.js';
import type { MatchResult } from './verdict.js';

/** What the driver of a script did, in order. Times are ms since the epoch, on the clock of the capture. */
export interface ScriptTrace {
  startTime: number;
  events: TraceEvent[];
}

export type TraceEvent =
  /** One segment that the tester sent, as its own codec reads it back. */
  | { kind: 'sent'; time: number; packet: Packet }
  | { kind: 'icmp'; time: number }
  | { kind: 'iut'; time: number; response: UpperResponse };

/** The capture does not hold a segment that the tester sent and that tshark can dissect: the harness is at fault. */
export class CaptureMismatchError extends Error {
  override readonly name = 'CaptureMismatchError';
  readonly remedy = 'the capture lost a packet: run the case again';

  constructor(position: string) {
    super(`the capture does not hold the segment that the tester sent at ${position}`);
  }
}

/**
 * Plays the script again over what tshark dissected from its capture. The trace says what the tester did and what the
 * IUT's application answered; packets, numbers and times are those of the capture. A segment that was made wrong on
 * purpose, so that it does not show as TCP, is taken from the trace. Throws CaptureMismatchError.
 */
export function judgeScript(
  testCase: ScriptedCase,
  trace: ScriptTrace,
  packets: readonly Packet[],
  context: ReplayContext,
): MatchResult {
  return new Replay(testCase, trace, packets, context).run();
}

export interface ReplayContext extends Omit<ScriptContext, 'startTime' | 'upcoming'> {
  isFromIut(packet: Packet): boolean;
}

/**
 * Whether the capture bears the live view out; if not, the verdict is an error of the harness. What the live view let pass
 * only because it is lenient about time (`slack` of the context, as it was played with) is no disagreement: judged
 * with the same leniency the capture has to come to the same end.
 */
export function bearsOut(
  live: MatchResult,
  testCase: ScriptedCase,
  trace: ScriptTrace,
  packets: readonly Packet[],
  context: ReplayContext,
): boolean {
  const judged = judgeScript(testCase, trace, packets, context);
  return agree(live, judged) || sawSooner(judged, live);
}

/**
 * Both came to the same verdict, the capture at an earlier step: it knows when a packet really came, which the live view
 * may have taken for later, and gone on.
 */
function sawSooner(judged: MatchResult, live: MatchResult): boolean {
  if (judged.verdict !== live.verdict) return false;
  if (judged.verdict === 'inconclusive') return true;
  return (judged.failure?.step ?? Infinity) < (live.failure?.step ?? 0);
}

/** Whether the live view and the capture came to the same end. */
export function agree(live: MatchResult, judged: MatchResult): boolean {
  return live.verdict === judged.verdict && live.failure?.step === judged.failure?.step;
}

class Replay {
  readonly #matcher: ScriptMatcher;
  readonly #events: TraceEvent[];
  /** Place of each packet in the capture. */
  readonly #places: ReadonlyMap<Packet, number>;
  readonly #fromIut: Packet[];
  readonly #fromTester: Packet[];

  constructor(
    testCase: ScriptedCase,
    trace: ScriptTrace,
    packets: readonly Packet[],
    context: ReplayContext,
  ) {
    this.#matcher = new ScriptMatcher(testCase, {
      ...context,
      startTime: trace.startTime,
      upcoming: () => this.#upcoming(),
    });
    this.#events = [...trace.events];
    this.#places = new Map(packets.map((packet, index) => [packet, index]));
    // The tester may have borrowed an address, so what it sent is told apart by more than that.
    const sent = trace.events.flatMap((event) => (event.kind === 'sent' ? [event.packet] : []));
    const isFromTester = (packet: Packet) =>
      !context.isFromIut(packet) || sent.some((own) => own.ip.src === packet.ip.src && isSame(packet, own));
    this.#fromIut = packets.filter((packet) => !isFromTester(packet));
    this.#fromTester = packets.filter(isFromTester);
  }

  run(): MatchResult {
    for (;;) {
      const want = this.#matcher.next();
      if (want.want === 'done') return want.result;
      if (!this.#satisfy(want)) {
        return this.#matcher.stop(`the script was not played beyond ${this.#matcher.position}`);
      }
    }
  }

  #upcoming(): Upcoming[] {
    const place = (packet: Packet) => this.#places.get(packet) ?? 0;
    const left = [
      ...this.#fromIut.map((packet) => ({ packet, time: timeOf(packet), fromIut: true })),
      ...this.#fromTester.map((packet) => ({ packet, time: timeOf(packet), fromIut: false })),
    ];
    return left.sort((a, b) => place(a.packet) - place(b.packet));
  }

  /** False where the driver did not get this far. */
  #satisfy(want: Exclude<ScriptWant, { want: 'done' }>): boolean {
    switch (want.want) {
      case 'packets': {
        const packet = this.#fromIut[0];
        if (packet === undefined || timeOf(packet) > want.deadline) this.#matcher.onDeadline(want.deadline);
        else this.#tellNext();
        return true;
      }
      case 'wait':
        this.#tellUntil(want.until);
        this.#matcher.onDeadline(want.until);
        return true;
      case 'send':
        return this.#send(want);
      case 'icmp': {
        const event = this.#events.shift();
        if (event?.kind !== 'icmp') return false;
        this.#tellUntil(event.time);
        this.#matcher.onIcmpSent(event.time);
        return true;
      }
      case 'iut': {
        const event = this.#events.shift();
        if (event?.kind !== 'iut') return false;
        this.#tellUntil(event.time);
        this.#matcher.onIutResponse(event.response, event.time);
        return true;
      }
    }
  }

  #send({ segment }: ScriptWant & { want: 'send' }): boolean {
    const event = this.#events.shift();
    if (event?.kind !== 'sent') return false;
    const at = this.#fromTester.findIndex((packet) => isSame(packet, event.packet));
    if (at < 0 && Object.keys(segment.overrides).length === 0) {
      throw new CaptureMismatchError(this.#matcher.position);
    }
    const captured = this.#fromTester[at];
    this.#fromTester.splice(0, at + 1);
    const packet = captured ?? event.packet;
    const time = captured === undefined ? event.time : timeOf(captured);
    if (captured === undefined) this.#tellUntil(time);
    else this.#tellBefore(captured);
    this.#matcher.onSent(packet, time);
    return true;
  }

  #tellUntil(time: number): void {
    while (this.#fromIut[0] !== undefined && timeOf(this.#fromIut[0]) <= time) this.#tellNext();
  }

  /** In the order of the capture, which tells more than equal times do. */
  #tellBefore(captured: Packet): void {
    const place = (packet: Packet) => this.#places.get(packet) ?? 0;
    while (this.#fromIut[0] !== undefined && place(this.#fromIut[0]) < place(captured)) this.#tellNext();
  }

  #tellNext(): void {
    const packet = this.#fromIut.shift();
    if (packet !== undefined) this.#matcher.onPacket(packet, timeOf(packet));
  }
}

function isSame({ tcp }: Packet, sent: Packet): boolean {
  return (
    tcp.srcPort === sent.tcp.srcPort &&
    tcp.seqRaw === sent.tcp.seqRaw &&
    tcp.ackRaw === sent.tcp.ackRaw &&
    tcp.flags === sent.tcp.flags &&
    tcp.len === sent.tcp.len
  );
}

function timeOf({ time }: Packet): number {
  return time * 1000;
}
