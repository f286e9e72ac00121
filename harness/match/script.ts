import { evaluate, ExpressionError } from '../case/expression.js';
import type { IcmpMessage } from '../case/icmp.js';
import type { Family, IutAction, ScriptedCase, Step, Time } from '../case/model.js';
import type { Packet } from '../dissect/packet.js';
import type { UpperResponse } from '../upper-tester/protocol.js';
import { binds } from './conversation.js';
import type { Seen } from './expectation.js';
import type { FailureSources } from './failure-text.js';
import { IutModel } from './iut-model.js';
import { responseDifferences, responseText } from './iut-response.js';
import type { FilterHits } from './never.js';
import type { Problem } from './problem.js';
import { resolveSend } from './resolve-send.js';
import type { ScriptSegment } from './resolve-send.js';
import { scriptResult } from './script-result.js';
import { numberedSteps, sectionsOf } from './script-sections.js';
import type { NumberedStep, Section } from './script-sections.js';
import { ScriptWire } from './script-wire.js';
import type { Upcoming } from './script-wire.js';
import type { MatchResult } from './verdict.js';

export interface ScriptContext extends FailureSources {
  /** Raw ISN of the tester: what relative numbers of its side count from. */
  testerIsn: number;
  family: Family;
  /** ms, on the clock of all times that the matcher is told. */
  startTime: number;
  /** Factor of the run: `within` grows by it, `after` shrinks. 1 by default. */
  tolerance?: number;
  /** Steps that bring the IUT to the start state; what fails in them is inconclusive. */
  recipe?: readonly Step[];
  /** How much later than on the wire a live view may see a packet, ms; 0 for a capture. */
  slack?: number;
  /** Frames that each display filter of `never` hits; without it (live) only patterns are judged. */
  filterHits?: FilterHits;
  /** What the capture holds beyond what has been told, in its order. */
  upcoming?: () => readonly Upcoming[];
}

/** What the script wants its driver to do now. */
export type ScriptWant =
  /** Send the segment `times` times, no earlier than `notBefore`; then onSent for each. */
  | { want: 'send'; step: NumberedStep; segment: ScriptSegment; times: number; notBefore: number }
  /** Hand over packets as they come; when none came until the deadline, onDeadline. */
  | { want: 'packets'; step: NumberedStep; deadline: number }
  /** Nothing to do until then; packets are handed over as always. Then onDeadline. */
  | { want: 'wait'; step: NumberedStep; until: number }
  /** Call the upper tester; then onIutResponse. */
  | { want: 'iut'; step: NumberedStep; action: IutAction }
  /** Send an ICMP error quoting the IUT's segment at this raw sequence number; then onIcmpSent. */
  | { want: 'icmp'; step: NumberedStep; message: IcmpMessage; quotedSeq: number }
  | { want: 'done'; result: MatchResult };

/**
 * A scripted case as a state machine: it says what it wants (`next`), is told what happened (`on...`), and does nothing by
 * itself, so that the same script is played against a living IUT and read again in its capture. Times are ms.
 *
 * Everything required has to come before the script goes on; what is optional may still come later, until its `within`
 * is over. Where outcomes are told apart (`one-of`), the script waits until it knows which one it was. A packet of the
 * IUT that nothing expects fails at the next expectation, silence, or at the end.
 */
export class ScriptMatcher {
  readonly #case: ScriptedCase;
  readonly #context: ScriptContext;
  readonly #model: IutModel;
  readonly #wire: ScriptWire;
  readonly #sections: readonly Section[];
  readonly #sent = new Map<Seen, number>();
  #section = 0;
  #copiesSent = 0;
  #now: number;
  /** End of the step before: what the next one counts its times from. */
  #stepEnded: number;
  #result: MatchResult | undefined;

  constructor(testCase: ScriptedCase, context: ScriptContext) {
    const { startTime, testerIsn, family, tolerance = 1, slack = 0, recipe = [] } = context;
    const { iut, mode, lab, admit } = testCase;
    const steps = numberedSteps(recipe, testCase.steps);
    this.#case = testCase;
    this.#context = context;
    this.#now = startTime;
    this.#stepEnded = startTime;
    this.#sections = sectionsOf(steps);
    this.#model = new IutModel({ testerIsn, version: family === 'ipv4' ? 4 : 6, mtu: lab.mtu });
    const terms = { tolerance, slack, defaultWithin: DEFAULT_WITHIN };
    const bindsNothing = !steps.some(({ step }) => bindsVariables(step));
    const { upcoming = () => [] } = context;
    this.#wire = new ScriptWire(this.#model, { iut, mode, bindsNothing, admit, startTime, terms, upcoming });
    this.#enter();
  }

  /** The same answer until something is told. */
  next(): ScriptWant {
    if (this.#result !== undefined) return { want: 'done', result: this.#result };
    const section = this.#sections[this.#section];
    if (section === undefined) return { want: 'done', result: this.#finish(undefined) };
    if (section.kind === 'act') return this.#act(section.numbered);
    return { want: 'packets', step: section.first, deadline: this.#wire.deadline(this.#now) };
  }

  /** How far the script is, for people: `step 3 of 7`. */
  get position(): string {
    const numbered = this.#numbered;
    if (numbered === undefined) return 'the end';
    return numbered.recipe ? this.#way : `step ${numbered.number} of ${this.#case.steps.length}`;
  }

  /** The variables of the IUT as the wire tells them. */
  get model(): IutModel {
    return this.#model;
  }

  /** One copy of the segment that `next` asked for went out, as it was on the wire. */
  onSent(packet: Packet, time: number): void {
    const current = this.#told(time);
    if (current?.step.kind !== 'send') return;
    const { send } = current.step;
    this.#sent.set(this.#wire.sent(packet, time, send.taken, send.pattern.bind), current.number);
    if (++this.#copiesSent >= send.times) this.#stepDone(time);
  }

  onIcmpSent(time: number): void {
    if (this.#told(time)?.step.kind === 'icmp') this.#stepDone(time);
  }

  /** A packet of the IUT. */
  onPacket(packet: Packet, time: number): void {
    this.#told(time);
    this.#wire.received(packet, time);
    this.#settle();
  }

  /** The time that `next` named has come, and every packet until then has been told. */
  onDeadline(time: number): void {
    const current = this.#told(time);
    this.#wire.close(time);
    if (current?.step.kind !== 'wait') {
      this.#settle();
      return;
    }
    const until = this.#stepEnded + this.#msOf(current.step.ms);
    if (time >= until) this.#stepDone(until);
  }

  onIutResponse(response: UpperResponse, time: number): void {
    const current = this.#told(time);
    if (current?.step.kind !== 'iut') return;
    const { action, place } = current.step;
    const differences = responseDifferences(action, response);
    if (differences.length > 0) {
      this.#finish({
        kind: 'iut',
        step: current.number,
        place,
        headline: `${action.op} returned something else`,
        expected: `${action.op} returns ${responseText(action.expect ?? {})}`,
        actual: `${action.op} returned ${responseText(response)}`,
        differences,
        notes: response.message === undefined ? [] : [`The implementation says: ${response.message}`],
      });
    } else if (!response.ok && action.expect === undefined) {
      // Nothing was required of the call itself: a reset that nobody asked for ended it, or the purpose was not reached.
      const reset = this.#wire.unaskedReset({ step: current.number, place });
      const why = response.message ?? response.error ?? 'no reason given';
      if (reset) this.#finish(reset);
      else this.stop(`${this.position}: ${action.op} failed: ${why}`);
    } else this.#stepDone(time);
  }

  /** Ends the script where it stands as inconclusive, because its purpose cannot be reached; `stage` says how far it came. */
  stop(stage: string): MatchResult {
    this.#result ??= this.#resultOf(undefined, stage);
    return this.#result;
  }

  /** The step where the script is, unless it is over. */
  get #numbered(): NumberedStep | undefined {
    const section = this.#sections[this.#section];
    return section?.kind === 'run' ? section.first : section?.numbered;
  }

  get #way(): string {
    return `the way to ${this.#case.start.state}`;
  }

  /** Notes the time and gives the step that waits for what is told. */
  #told(time: number): NumberedStep | undefined {
    this.#now = Math.max(this.#now, time);
    return this.#result === undefined ? this.#numbered : undefined;
  }

  #act(numbered: NumberedStep): ScriptWant {
    const { step } = numbered;
    try {
      if (step.kind === 'send') {
        const segment = resolveSend(step.send, this.#model, this.#wire.variables);
        const notBefore = this.#stepEnded + this.#msOf(step.timing.after ?? 0);
        return {
          want: 'send',
          step: numbered,
          segment,
          times: step.send.times - this.#copiesSent,
          notBefore,
        };
      }
      if (step.kind === 'wait') {
        return { want: 'wait', step: numbered, until: this.#stepEnded + this.#msOf(step.ms) };
      }
      if (step.kind === 'icmp') {
        const { message } = step;
        return { want: 'icmp', step: numbered, message, quotedSeq: this.#quotedSeq(message) };
      }
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      return { want: 'done', result: this.stop(`${this.position}: ${error.message}`) };
    }
    if (step.kind === 'iut') return { want: 'iut', step: numbered, action: step.action };
    return { want: 'wait', step: numbered, until: this.#stepEnded };
  }

  /** Throws ExpressionError. */
  #msOf(time: Time): number {
    return typeof time === 'number' ? time : evaluate(time, { variables: this.#wire.variables });
  }

  #quotedSeq({ seq }: IcmpMessage): number {
    const rfc = this.#model.names();
    const relative =
      seq === undefined ? (rfc['SND.UNA'] ?? 0) : evaluate(seq, { rfc, variables: this.#wire.variables });
    return this.#model.raw({ seq: 0, ack: relative }).ack;
  }

  #stepDone(time: number): void {
    this.#stepEnded = time;
    this.#copiesSent = 0;
    this.#section++;
    this.#enter();
  }

  #enter(): void {
    while (this.#isForAnotherOutcome(this.#sections[this.#section])) this.#section++;
    const section = this.#sections[this.#section];
    if (section?.kind === 'run') this.#wire.enter(section.items, this.#stepEnded);
    this.#settle();
  }

  #isForAnotherOutcome(section: Section | undefined): boolean {
    return section?.when !== undefined && !this.#wire.decided(section.when);
  }

  /** Goes on as far as what has been told allows. */
  #settle(): void {
    if (this.#result !== undefined) return;
    const section = this.#sections[this.#section];
    if (section?.kind !== 'run') {
      this.#wire.takePending();
      if (section === undefined) this.#finish(undefined);
      return;
    }
    const fallback = { step: section.first.number, place: section.first.step.place };
    const progress = this.#wire.progress(this.#now, fallback);
    if (progress === 'wait') return;
    if (progress !== 'go on') {
      this.#finish(progress);
      return;
    }
    this.#stepDone(Math.max(this.#stepEnded, this.#wire.leave(this.#now)));
  }

  /** Ends the script: with a problem, or with what nothing took. */
  #finish(problem: Problem | undefined): MatchResult {
    const last = this.#numbered ?? this.#lastNumbered;
    const fallback = { step: last?.number ?? 1, place: last?.step.place ?? this.#case.place };
    this.#result ??= this.#resultOf(problem ?? this.#wire.leftOver(fallback));
    return this.#result;
  }

  get #lastNumbered(): NumberedStep | undefined {
    const section = this.#sections.at(-1);
    return section?.kind === 'run' ? section.first : section?.numbered;
  }

  #resultOf(problem: Problem | undefined, stage?: string): MatchResult {
    const inRecipe = this.#numbered?.recipe ?? false;
    const end = { problem, inRecipe, sent: this.#sent, ...(stage === undefined ? {} : { stage }) };
    return scriptResult(this.#case, this.#wire, end, this.#context);
  }
}

/** ms, for an expectation that names no `within`; scaled like all others. */
const DEFAULT_WITHIN = 1000;

function bindsVariables(step: Step): boolean {
  if (step.kind === 'expect') return binds(step.item);
  return step.kind === 'send' && Object.keys(step.send.pattern.bind).length > 0;
}
