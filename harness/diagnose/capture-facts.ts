import type { OtherFrame, Packet } from '../dissect/packet.js';
import type { Conversation } from './conversation.js';
import { addCaptureFindings } from './findings/capture-wide.js';
import type { ConversationReport } from './report.js';

/** How an attempt at one port ended. */
export type PortOutcome = 'open' | 'closed' | 'filtered';

export interface Attempt {
  stream: number;
  port: number;
  outcome: PortOutcome;
  /** Octets of payload in both directions. */
  octets: number;
  /** The handshake was completed by the client. */
  completed: boolean;
  /** The client ended it with a reset. */
  resetByClient: boolean;
  /** Probe without SYN: FIN, NULL, Xmas or ACK scan. */
  withoutSyn: boolean;
  frame: number;
  /** The packet that answered, for comparing the hosts behind two answers. */
  answerFrame: number | undefined;
  answerTtl: number | undefined;
  time: number;
  /** When the conversation ended, s. */
  until: number;
  over: boolean;
}

export interface IcmpFact {
  frame: number;
  time: number;
  from: string;
  type: number;
  code: number;
  version: 4 | 6;
  mtu: number | undefined;
  info: string;
}

const MAX_ATTEMPTS = 100_000;
const MAX_ICMP = 10_000;

/** What the capture says beyond single conversations: other ports of a host, ICMP errors, ARP without an answer. */
export class CaptureFacts {
  readonly interfaces = new Set<number>();
  /** By `client address > server address`. */
  readonly attempts = new Map<string, Attempt[]>();
  private attemptCount = 0;
  /** ICMP errors by the connection they quote: `src:port>dst:port`. */
  private readonly icmp = new Map<string, IcmpFact[]>();
  private icmpCount = 0;
  /** Addresses that were asked for by ARP or neighbour discovery, and those that answered. */
  readonly asked = new Map<string, number[]>();
  readonly answered = new Set<string>();
  lastTime = 0;
  firstTime: number | undefined;

  packet(packet: Packet): void {
    this.interfaces.add(packet.interfaceId);
    this.clock(packet.time);
  }

  other(frame: OtherFrame): void {
    this.clock(frame.time);
    if (frame.protocol === 'ARP') this.arp(frame);
    const { icmp } = frame;
    if (icmp?.quoted === undefined || this.icmpCount >= MAX_ICMP) return;
    const { quoted } = icmp;
    const key = connectionKey(quoted.src, quoted.srcPort, quoted.dst, quoted.dstPort);
    const list = this.icmp.get(key) ?? [];
    this.icmp.set(key, list);
    if (list.length >= 16) return;
    this.icmpCount++;
    list.push({
      frame: frame.frame,
      time: frame.time,
      from: frame.src,
      type: icmp.type,
      code: icmp.code,
      version: icmp.version,
      mtu: icmp.mtu,
      info: frame.info,
    });
  }

  /** ICMP errors that quote packets of this conversation, sent by either end. */
  icmpFor(conversation: Conversation): IcmpFact[] {
    const [a, b] = conversation.ends;
    const both = [
      ...(this.icmp.get(connectionKey(a.address, a.port, b.address, b.port)) ?? []),
      ...(this.icmp.get(connectionKey(b.address, b.port, a.address, a.port)) ?? []),
    ];
    return both.filter((fact) => fact.time >= conversation.startTime - 0.001);
  }

  /** An attempt at a port, kept for what only several of them show together. */
  attempt(client: string, server: string, attempt: Attempt): void {
    if (this.attemptCount >= MAX_ATTEMPTS) return;
    this.attemptCount++;
    const key = `${client} > ${server}`;
    const list = this.attempts.get(key);
    if (list === undefined) this.attempts.set(key, [attempt]);
    else list.push(attempt);
  }

  /** Adds the findings that need the whole capture to the reports they concern. */
  judge(reports: ConversationReport[]): void {
    addCaptureFindings(this, reports);
  }

  private clock(time: number): void {
    this.firstTime ??= time;
    if (time > this.lastTime) this.lastTime = time;
  }

  private arp(frame: OtherFrame): void {
    const asked = /^Who has (\S+?)\?/.exec(frame.info);
    if (asked?.[1] !== undefined) {
      const frames = this.asked.get(asked[1]) ?? [];
      if (frames.length < 16) frames.push(frame.frame);
      if (this.asked.size < 10_000) this.asked.set(asked[1], frames);
    }
    const answer = /^(\S+) is at /.exec(frame.info);
    if (answer?.[1] !== undefined && this.answered.size < 10_000) this.answered.add(answer[1]);
  }
}

function connectionKey(src: string, srcPort: number, dst: string, dstPort: number): string {
  return `${src}:${srcPort}>${dst}:${dstPort}`;
}
