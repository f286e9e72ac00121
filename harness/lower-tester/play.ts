import type { Family, ScriptedCase, Step } from '../case/model.js';
import { ACK, RST, SYN, type Packet } from '../dissect/packet.js';
import type { ScriptTrace } from '../match/judge-script.js';
import { ScriptMatcher, type ScriptWant } from '../match/script.js';
import type { MatchResult } from '../match/verdict.js';
import type { IutActions } from './iut-actions.js';
import type { LowerTester } from './tester.js';

export interface PlayOptions {
  family: Family;
  tolerance: number;
  testerIsn: number;
  recipe: readonly Step[];
  /** How much later than on the wire the live view may see a packet, ms. */
  slack: number;
}

export interface Played {
  /** The live view; the verdict is that of the capture. */
  live: MatchResult;
  trace: ScriptTrace;
  /** An action of the application that the IUT does not have: the case cannot run on it. */
  unsupported?: string;
  /** An ICMP message that the family does not have. */
  inapplicable?: string;
  /** How much later than planned the tester's own doings were, all together, ms: the machine's part in what was seen. */
  lateMs: number;
  /** The packets of the IUT, each with when it was read, ms since the epoch. */
  reads: { packet: Packet; time: number }[];
}

const DEFAULT_WINDOW = 65_535;
/** What a timer takes longer on any machine, ms, is no lateness. */
const NOTICEABLE_MS = 3;
/** Calls that wait for nobody; how long the others take is the IUT's doing. */
const AT_ONCE: ReadonlySet<string> = new Set(['listen', 'set', 'status', 'shutdown', 'close', 'abort']);

/** Plays a script against a living IUT until it is decided. Rejects when the implementation is gone. */
export async function playScript(
  testCase: ScriptedCase,
  tester: LowerTester,
  actions: IutActions,
  options: PlayOptions,
): Promise<Played> {
  return new Player(testCase, tester, actions, options).run();
}

class Player {
  private readonly matcher: ScriptMatcher;
  private readonly trace: ScriptTrace;
  private readonly clockStart: number;
  /** The IUT's latest timestamp, to be echoed. */
  private lastTsVal = 0;
  private lateMs = 0;
  private readonly reads: Played['reads'] = [];

  constructor(
    private readonly testCase: ScriptedCase,
    private readonly tester: LowerTester,
    private readonly actions: IutActions,
    private readonly options: PlayOptions,
  ) {
    const startTime = tester.now();
    this.clockStart = startTime;
    this.trace = { startTime, events: [] };
    const { family, tolerance, testerIsn, recipe, slack } = options;
    this.matcher = new ScriptMatcher(testCase, { testerIsn, family, startTime, tolerance, recipe, slack });
  }

  async run(): Promise<Played> {
    for (;;) {
      const want = this.matcher.next();
      if (want.want === 'done') return this.played(want.result);
      const stopped = await this.satisfy(want);
      if (stopped) {
        return { ...this.played(this.matcher.stop(this.matcher.position)), ...stopped };
      }
    }
  }

  private played(live: MatchResult): Played {
    return { live, trace: this.trace, lateMs: this.lateMs, reads: this.reads };
  }

  private async satisfy(
    want: Exclude<ScriptWant, { want: 'done' }>,
  ): Promise<Pick<Played, 'unsupported' | 'inapplicable'> | undefined> {
    const asked = this.tester.now();
    switch (want.want) {
      case 'packets': {
        const arrived = await this.tester.next(want.deadline);
        if (arrived) this.tell(arrived);
        else this.timeIsUp(want.deadline);
        return undefined;
      }
      case 'wait':
        await this.tellUntil(want.until);
        this.timeIsUp(want.until);
        return undefined;
      case 'send':
        await this.tellUntil(want.notBefore);
        this.noteDelay(this.tester.now() - Math.max(want.notBefore, asked));
        this.send(want);
        return undefined;
      case 'icmp': {
        const time = this.tester.now();
        if (!this.tester.sendIcmp(want.message, want.quotedSeq)) {
          return { inapplicable: `${this.options.family} has no such ICMP error` };
        }
        this.trace.events.push({ kind: 'icmp', time });
        this.matcher.onIcmpSent(time);
        return undefined;
      }
      case 'iut': {
        const response = await this.actions.perform(want.action);
        if (!response.ok && response.error === 'unsupported') {
          return { unsupported: response.message ?? `the IUT cannot ${want.action.op}` };
        }
        // What came before it failed may tell why.
        if (!response.ok) await this.tellUntil(this.tester.now());
        const time = this.tester.now();
        if (AT_ONCE.has(want.action.op)) this.noteDelay(time - asked);
        this.trace.events.push({ kind: 'iut', time, response });
        this.matcher.onIutResponse(response, time);
        return undefined;
      }
    }
  }

  private send({ segment, times }: ScriptWant & { want: 'send' }): void {
    const { options } = this.testCase.start;
    const isSyn = (segment.flags & SYN) !== 0;
    const stamped = isSyn
      ? options.timestamps === true
      : this.matcher.model.timestamps && (segment.flags & RST) === 0;
    const shift = isSyn ? 0 : this.matcher.model.testerShift;
    const window = Math.min(DEFAULT_WINDOW, Math.floor((options.window ?? DEFAULT_WINDOW) / 2 ** shift));
    const tsEcr = (segment.flags & ACK) === 0 ? 0 : this.lastTsVal;
    for (let copy = 0; copy < times; copy++) {
      const tsVal = Math.floor(this.tester.now() - this.clockStart) + 1;
      const packet = this.tester.send(segment, { window, ...(stamped ? { tsVal, tsEcr } : {}) });
      const time = packet.time * 1000;
      this.trace.events.push({ kind: 'sent', time, packet });
      this.matcher.onSent(packet, time);
    }
  }

  private async tellUntil(until: number): Promise<void> {
    for (let arrived = await this.tester.next(until); arrived; arrived = await this.tester.next(until)) {
      this.tell(arrived);
    }
  }

  private timeIsUp(deadline: number): void {
    const now = this.tester.now();
    this.noteDelay(now - deadline);
    this.matcher.onDeadline(Math.max(deadline, now));
  }

  private noteDelay(ms: number): void {
    if (ms >= NOTICEABLE_MS) this.lateMs += ms;
  }

  private tell({ packet, time }: { packet: Packet; time: number }): void {
    this.lastTsVal = packet.tcp.options.timestamp?.value ?? this.lastTsVal;
    this.reads.push({ packet, time });
    this.matcher.onPacket(packet, time);
  }
}
