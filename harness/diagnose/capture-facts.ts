import type { OtherFrame, Packet } from '../dissect/packet.js';
import { attemptOf, type Attempt } from './attempt.js';
import type { Conversation } from './conversation.js';
import { addCaptureFindings } from './findings/capture-wide.js';
import type { ConversationReport } from './report.js';

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
  private lastInterface: number | undefined;
  /** By `client server`, addresses. */
  readonly attempts = new Map<string, Attempt[]>();
  private attemptCount = 0;
  /** ICMP errors by the connection they quote: `src:port>dst:port`. */
  private readonly icmp = new Map<string, IcmpFact[]>();
  private icmpCount = 0;
  /** Endpoints that accepted a connection. */
  private readonly servers = new Set<string>();
  /** Addresses that were asked for by ARP or neighbour discovery, and those that answered. */
  readonly asked = new Map<string, number[]>();
  readonly answered = new Set<string>();
  lastTime = 0;
  firstTime: number | undefined;

  packet(packet: Packet): void {
    if (packet.interfaceId !== this.lastInterface) {
      this.interfaces.add(packet.interfaceId);
      this.lastInterface = packet.interfaceId;
    }
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

  /** Takes over what a conversation shows about its ends, before it is judged and forgotten. */
  learn(conversation: Conversation): void {
    const { client, server, rolesFrom, sawSyn } = conversation;
    if (sawSyn) {
      if (conversation.handshake.synAcks.count > 0 && this.servers.size < MAX_ATTEMPTS) {
        this.servers.add(`${server.address} ${server.port}`);
      }
    } else if (rolesFrom !== 'syn-ack') {
      const known = [client, server].filter((end) => this.servers.has(`${end.address} ${end.port}`));
      const [only] = known;
      if (known.length === 1 && only !== undefined) conversation.setServer(only.address, only.port);
    }
    const attempt = attemptOf(conversation);
    if (attempt === undefined || this.attemptCount >= MAX_ATTEMPTS) return;
    this.attemptCount++;
    const key = `${conversation.client.address} ${conversation.server.address}`;
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
