import type { CaptureFacts, IcmpFact } from './capture-facts.js';
import type { Conversation } from './conversation.js';
import type { End } from './end.js';
import type { Finding, Role } from './report.js';
import type { ResetFact } from './resets.js';
import type { SynPair } from './sightings.js';
import { named, role } from './words.js';

/** A finding before its frames are put in order. */
export type Draft = Finding;

/** One question asked of a conversation's facts. */
export type Rule = (view: View) => Draft | Draft[] | undefined;

/** The facts of one conversation as the findings see them. */
export class View {
  readonly claimed = new Set<ResetFact>();
  readonly icmp: IcmpFact[];

  constructor(
    readonly c: Conversation,
    readonly facts: CaptureFacts,
    /** SYNs that two interfaces of the capture saw. */
    readonly synPairs: readonly SynPair[],
  ) {
    this.icmp = facts.icmpFor(c);
  }

  get client(): End {
    return this.c.client;
  }

  get server(): End {
    return this.c.server;
  }

  role(end: End): Role {
    return role(this.c, end);
  }

  /** `the client 10.0.0.1:12345`. */
  name(end: End): string {
    return named(this.c, end);
  }

  peer(end: End): End {
    return this.c.peerOf(end);
  }

  /** Time from the conversation's last packet to the end of the capture, ms. */
  get silentEndMs(): number {
    return Math.max(0, (this.facts.lastTime - this.c.lastTime) * 1000);
  }

  /** Resets that no earlier rule has explained. */
  get openResets(): ResetFact[] {
    return this.c.resets.items.filter((reset) => !this.claimed.has(reset));
  }

  claim(resets: readonly ResetFact[]): void {
    for (const reset of resets) this.claimed.add(reset);
  }

  /**
   * Takes the resets with which the other end answers what comes after a false reset: for it the connection is gone.
   * Returns them.
   */
  claimConsequences(first: ResetFact): ResetFact[] {
    const answers = this.openResets.filter(
      (reset) => reset.from !== first.from && reset.frame > first.frame && reset.answersSegment,
    );
    this.claim(answers);
    return answers;
  }

  get sawHandshake(): boolean {
    return this.c.handshake.syns.count > 0 && this.c.handshake.synAcks.count > 0;
  }

  /** Only one side's packets were captured, although the other side must have answered. */
  get oneDirection(): End | undefined {
    const { ends } = this.c;
    const silent = ends.find((end) => end.packets === 0);
    if (silent === undefined) return undefined;
    const speaking = this.peer(silent);
    const wasAnswered =
      silent.una > 1 || silent.next > 1 || (speaking.isn !== undefined && speaking.next > 1);
    if (this.c.resets.count === this.c.packets) return undefined;
    const synOnly = this.c.handshake.syns.count === this.c.packets;
    return !synOnly && (wasAnswered || !this.c.sawSyn) ? silent : undefined;
  }
}
