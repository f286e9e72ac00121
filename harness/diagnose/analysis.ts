import type { OtherFrame, Packet } from '../dissect/packet.js';
import { ACK, RST, SYN } from '../dissect/packet.js';
import { CaptureFacts } from './capture-facts.js';
import { Conversation } from './conversation.js';
import type { ConversationReport, PacketVerdict } from './report.js';
import { Sightings } from './sightings.js';
import { summarize } from './summary.js';
import { isNotable, raiseVerdicts, verdictOf } from './verdicts.js';

export interface AnalysisOptions {
  /**
   * Which packets get a verdict with a sentence: `all` (memory grows with the capture), `notable` (only what is not
   * as expected) or `none`, the default.
   */
  verdicts?: VerdictScope;
  /** Seconds of capture time after which a conversation that is over is judged and its memory freed. */
  settleAfter?: number;
  /** Conversations in memory beyond which the idlest are judged although they are not over. */
  maxOpen?: number;
}

export type VerdictScope = 'all' | 'notable' | 'none';

interface Tracked {
  conversation: Conversation;
  verdicts: PacketVerdict[];
}

const SWEEP_EVERY = 65_536;

/**
 * The whole analysis of a capture, packet by packet: `packet()` and `other()` in capture order, then `finish()`.
 * Memory depends on the conversations that are open at once, not on the length of the capture.
 */
export class CaptureAnalysis {
  readonly facts = new CaptureFacts();
  packets = 0;
  others = 0;
  /** TCP headers and payload so far. */
  octets = 0;
  private readonly open = new Map<number, Tracked>();
  private readonly done: ConversationReport[] = [];
  private readonly sightings = new Sightings();
  private readonly incarnations = new Map<number, number>();
  private readonly options: Required<AnalysisOptions>;

  constructor(options: AnalysisOptions = {}) {
    this.options = { verdicts: 'none', settleAfter: 120, maxOpen: 25_000, ...options };
  }

  packet(packet: Packet): void {
    this.packets++;
    this.octets += packet.tcp.headerLen + packet.tcp.len;
    this.facts.packet(packet);
    if (!this.sightings.isFirst(packet)) return;
    const tracked = this.track(packet);
    const { conversation } = tracked;
    const step = conversation.observe(packet, packet.time);
    if (this.options.verdicts === 'all' || (this.options.verdicts === 'notable' && isNotable(step))) {
      tracked.verdicts.push(verdictOf(conversation, step));
    }
    if (this.packets % SWEEP_EVERY === 0) this.sweep(packet.time);
  }

  /** Keeps fewer verdicts from here on, and of those there are: for captures that turn out to be large. */
  limitVerdicts(scope: VerdictScope): void {
    this.options.verdicts = scope;
    for (const tracked of this.open.values()) tracked.verdicts = limited(tracked.verdicts, scope);
    for (const report of this.done) {
      if (report.verdicts !== undefined) report.verdicts = limited(report.verdicts, scope);
    }
  }

  other(frame: OtherFrame): void {
    this.others++;
    this.facts.other(frame);
  }

  /** Reports in the order of the streams. */
  finish(): ConversationReport[] {
    for (const stream of [...this.open.keys()]) this.close(stream);
    this.done.sort((a, b) => a.stream - b.stream || a.incarnation - b.incarnation);
    this.facts.judge(this.done);
    return this.done;
  }

  private track(packet: Packet): Tracked {
    const { stream } = packet.tcp;
    const known = this.open.get(stream);
    if (known !== undefined && !beginsAnew(known.conversation, packet)) return known;
    if (known !== undefined) this.close(stream);
    const incarnation = (this.incarnations.get(stream) ?? 0) + 1;
    const tracked: Tracked = {
      conversation: new Conversation(stream, incarnation, packet, packet.time),
      verdicts: [],
    };
    this.open.set(stream, tracked);
    return tracked;
  }

  private close(stream: number): void {
    const tracked = this.open.get(stream);
    if (tracked === undefined) return;
    this.open.delete(stream);
    const { conversation, verdicts } = tracked;
    this.incarnations.set(stream, conversation.incarnation);
    this.facts.learn(conversation);
    const report = summarize(conversation, this.sightings.synPairs(stream), this.facts);
    this.sightings.forget(stream);
    if (this.options.verdicts !== 'none') report.verdicts = raiseVerdicts(verdicts, report);
    this.done.push(report);
  }

  /** Judges what is over and long silent; under pressure also the idlest of the rest. */
  private sweep(now: number): void {
    for (const [stream, { conversation }] of this.open) {
      if (conversation.isSettled && now - conversation.lastTime > this.options.settleAfter)
        this.close(stream);
    }
    if (this.open.size <= this.options.maxOpen) return;
    const idlest = [...this.open].sort((a, b) => a[1].conversation.lastTime - b[1].conversation.lastTime);
    const surplus = this.open.size - Math.floor(this.options.maxOpen * 0.8);
    for (const [stream] of idlest.slice(0, surplus)) this.close(stream);
  }
}

function limited(verdicts: PacketVerdict[], scope: VerdictScope): PacketVerdict[] {
  if (scope === 'all') return verdicts;
  return scope === 'none' ? [] : verdicts.filter((verdict) => verdict.verdict !== 'as-expected');
}

/** A SYN on a conversation that is over: the ports are used again, with the same ISN as far as Wireshark can tell. */
function beginsAnew(conversation: Conversation, packet: Packet): boolean {
  return (packet.tcp.flags & (SYN | ACK | RST)) === SYN && conversation.isOver;
}
