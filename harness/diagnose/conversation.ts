import type { Packet } from '../dissect/packet.js';
import { observeAck } from './acks.js';
import { isPartialChecksum } from './checksum.js';
import { observeClose } from './close.js';
import { findDuplicate } from './duplicates.js';
import { End } from './end.js';
import { observeFingerprint, usualTtl } from './fingerprint.js';
import { Handshake } from './handshake.js';
import { placeCorrupt, placeEmpty, placeSegment } from './loss.js';
import type { PathTimes } from './path-times.js';
import { describeReset, type Phase, type ResetFact, type Trace } from './resets.js';
import { guessClient, type RoleEvidence } from './roles.js';
import { Bounded } from './sequence.js';
import { Completeness, ZeekState } from './states.js';
import { readStep, type Kind, type Step } from './step.js';
import { Waits } from './waits.js';
import { Witness } from './witness.js';
import { closeZeroWindow, isProbe, observeProbeAnswer, observeWindow, observeWindowUse } from './windows.js';

/** Filled anew for every packet, of whichever conversation. */
const STEP = {} as Step;
/**
 * Follows one conversation packet by packet and collects the facts that the findings are judged from. Time and memory
 * per packet are bounded; what a capture repeats without end is counted, and its first frames kept.
 */
export class Conversation {
  readonly ends: [End, End];
  private clientIndex: 0 | 1;
  rolesFrom: RoleEvidence;

  readonly handshake = new Handshake();
  readonly waits = new Waits();
  readonly resets = new Bounded<ResetFact>(32);
  readonly strangeFlags = new Bounded<{ frame: number; flags: number; answered: boolean }>(16);
  readonly zeek = new ZeekState();
  readonly completeness = new Completeness();
  readonly witness = new Witness();
  /** Frames whose packets are of an older connection or of nobody: outside every window. */
  readonly foreign = new Bounded<{ frame: number; from: End }>(16);

  packets = 0;
  readonly firstFrame: number;
  lastFrame = 0;
  readonly startTime: number;
  lastTime: number;
  firstKind: Kind | undefined;
  /** Times that went back, which no network does. */
  readonly backwards = new Bounded<{ frame: number; ms: number }>(8);
  sawSyn = false;

  private readonly recent: [Trace[], Trace[]] = [[], []];

  constructor(
    readonly stream: number,
    readonly incarnation: number,
    first: Packet,
    time: number,
  ) {
    this.ends = [new End(first.ip.src, first.tcp.srcPort), new End(first.ip.dst, first.tcp.dstPort)];
    const guess = guessClient(first);
    this.clientIndex = guess.index;
    this.rolesFrom = guess.evidence;
    this.firstFrame = first.frame;
    this.startTime = time;
    this.lastTime = time;
  }

  get client(): End {
    return this.ends[this.clientIndex];
  }

  get server(): End {
    return this.ends[this.clientIndex === 0 ? 1 : 0];
  }

  peerOf(end: End): End {
    return end === this.ends[0] ? this.ends[1] : this.ends[0];
  }

  /** The handshake was completed, or the capture begins after it. */
  get established(): boolean {
    return this.handshake.ack !== undefined || !this.sawSyn;
  }

  /** Both ends have closed, or one has reset: a SYN after this begins another connection. */
  get isOver(): boolean {
    const [a, b] = this.ends;
    return (
      (a.fin !== undefined && b.fin !== undefined) ||
      (this.resets.count > 0 && this.handshake.ack !== undefined)
    );
  }

  /** Nothing more is to be expected of it, once it has been silent for a while. */
  get isSettled(): boolean {
    return this.isOver || this.resets.count > 0 || (this.sawSyn && this.handshake.ack === undefined);
  }

  /** Roles from what other conversations showed, where this one does not tell by itself. */
  setServer(address: string, port: number): void {
    const index = this.ends.findIndex((end) => end.address === address && end.port === port);
    if (index < 0) return;
    this.clientIndex = index === 0 ? 1 : 0;
    this.rolesFrom = 'other-conversations';
  }

  /** Round trips between the capture point and each end, as far as known, s. */
  paths(sender: End): PathTimes {
    return { toSender: sender.minResponse, toReceiver: this.peerOf(sender).minResponse };
  }

  /** Takes the next packet; the step returned is valid until the next call. */
  observe(packet: Packet, time: number): Step {
    const index = this.sideOf(packet);
    const from = this.ends[index];
    const to = this.ends[index === 0 ? 1 : 0];
    const gap = this.clock(packet, time);
    const now = this.lastTime;

    const duplicate = findDuplicate(from, packet, now);
    const corrupt = duplicate === undefined && this.isCorrupt(from, packet);
    const step = STEP;
    readStep(step, packet, now, from, to);
    this.count(step);
    if (duplicate !== undefined) {
      step.kind = 'duplicate-frame';
      step.refersTo = duplicate;
    } else if (corrupt) placeCorrupt(step);
    else this.follow(step, gap, index);

    from.lastTime = now;
    from.lastFrame = packet.frame;
    if (from.packets === 1) from.firstTime = now;
    this.firstKind ??= step.kind;
    return step;
  }

  private follow(step: Step, gap: number, index: 0 | 1): void {
    const { from } = step;
    this.learnRoles(step, index);
    this.zeek.observe(step, this.client);
    this.completeness.observe(step);
    const strange = isStrange(step);

    if (step.rst) this.reset(step, gap, index);
    else {
      observeFingerprint(from.fingerprint, step.packet);
      const closedBefore = from.zeroWindow;
      if (strange) step.kind = 'strange-flags';
      else if (step.syn) this.handshake.observeSyn(step);
      else if (!isProbe(step)) {
        if (step.len > 0 || step.fin) placeSegment(step, this.paths(from));
        else placeEmpty(step);
      }
      if (step.kind === 'out-of-window') this.foreign.push({ frame: step.frame, from });
      else if (!strange) this.followAccepted(step, gap, closedBefore);
    }
    if (strange) {
      this.strangeFlags.push({ frame: step.frame, flags: step.packet.tcp.flags, answered: false });
    }
    if (!step.rst) this.noteAfterReset(step);
    this.keepTrace(step, index);
  }

  private followAccepted(step: Step, gap: number, closedBefore: End['zeroWindow']): void {
    const { from } = step;
    const { handshake, waits } = this;
    observeAck(step);
    const hadAck = handshake.ack !== undefined;
    handshake.observeLater(step);
    if (!hadAck && handshake.ack !== undefined) waits.handshakeDone(step, handshake.total);
    observeProbeAnswer(step);
    observeWindow(step);
    observeWindowUse(step);
    observeClose(step);
    if (closedBefore !== undefined && from.zeroWindow === undefined) {
      waits.closedWindow(from, step.time - closedBefore.time);
      waits.restart(step);
    }
    waits.observe(step, gap, handshake.total);
  }

  private reset(step: Step, gap: number, index: 0 | 1): void {
    const { from } = step;
    const other = index === 0 ? 1 : 0;
    const idle = this.recent[other][0] === undefined ? gap : Math.max(gap, this.idleBefore);
    const fact = describeReset(
      step,
      this.phase(step),
      this.recent[other],
      this.recent[index][0],
      idle,
      usualTtl(from.fingerprint),
    );
    step.kind = fact.phase === 'syn-sent' && fact.hasAck ? 'refusal' : 'reset';
    step.refersTo = fact.trigger?.frame;
    this.resets.push(fact);
    for (const end of this.ends)
      if (end.zeroWindow !== undefined) closeZeroWindow({ ...step, from: end }, 'close');
  }

  private phase(step: Step): Phase {
    const { handshake } = this;
    const { from, to } = step;
    if (from.fin !== undefined && to.fin !== undefined) return 'closed';
    if (from.fin !== undefined || to.fin !== undefined) return 'closing';
    if (handshake.ack !== undefined) return 'established';
    if (handshake.synAcks.count > 0) return 'handshake';
    if (handshake.syns.count > 0) return 'syn-sent';
    return this.packets > 1 ? 'established' : 'unknown';
  }

  private noteAfterReset(step: Step): void {
    for (const fact of this.resets.items) {
      const list = fact.from === step.from ? fact.continued : fact.peerAfter;
      list.push({ frame: step.frame, kind: step.kind });
    }
  }

  private count(step: Step): void {
    const { from, to, packet } = step;
    const { len } = packet.tcp;
    this.packets++;
    this.lastFrame = packet.frame;
    this.witness.observe(packet);
    from.packets++;
    if (packet.tcp.options.cut !== undefined) from.incidents.cutOptions.push(packet.frame);
    if (packet.tcp.options.timestamp !== undefined && !step.syn) from.timestampsSeen = true;
    if (len === 0 || step.rst) return;
    from.countPayload(len);
    const mss = to.synOptions?.mss;
    if (mss !== undefined && len > mss) from.incidents.oversized.push({ frame: packet.frame, len });
  }

  /** A wrong sum is damage on the way, unless the sending host leaves sums to its network card. */
  private isCorrupt(from: End, packet: Packet): boolean {
    if (packet.tcp.checksumStatus === 'good') from.goodChecksums++;
    if (packet.tcp.checksumStatus !== 'bad') return false;
    // In one's complement 0xffff is 0x0000: right for every receiver, though Wireshark calls it bad (RFC 1624).
    if (packet.tcp.checksum === 0xffff) {
      from.goodChecksums++;
      return false;
    }
    const partial = isPartialChecksum(packet);
    const end = from.base === undefined ? 0 : from.relative(packet.tcp.seqRaw) + packet.tcp.len;
    from.incidents.badChecksums.push({ frame: packet.frame, partial, len: packet.tcp.len, end });
    return !partial && from.goodChecksums > 0;
  }

  private learnRoles(step: Step, index: 0 | 1): void {
    if (!step.syn || step.rst) return;
    if (step.hasAck && this.rolesFrom !== 'syn') {
      this.clientIndex = index === 0 ? 1 : 0;
      this.rolesFrom = 'syn-ack';
    } else if (!step.hasAck && !this.sawSyn) {
      this.clientIndex = index;
      this.rolesFrom = 'syn';
    }
    this.sawSyn = true;
  }

  private sideOf(packet: Packet): 0 | 1 {
    const [first] = this.ends;
    return packet.tcp.srcPort === first.port && packet.ip.src === first.address ? 0 : 1;
  }

  private idleBefore = 0;

  /** Silence before this packet, s; the conversation's clock never goes back. */
  private clock(packet: Packet, time: number): number {
    const gap = time - this.lastTime;
    if (gap < -0.000_001) this.backwards.push({ frame: packet.frame, ms: -gap * 1000 });
    if (gap > 0) this.lastTime = time;
    this.idleBefore = Math.max(gap, 0) > 1 ? gap : this.idleBefore * (gap > 0.5 ? 0 : 1);
    return Math.max(0, gap);
  }

  private keepTrace(step: Step, index: 0 | 1): void {
    const list = this.recent[index];
    const { tcp } = step.packet;
    const trace = list.length < 3 ? ({} as Trace) : list.pop();
    if (trace === undefined) return;
    trace.frame = step.frame;
    trace.time = step.time;
    trace.kind = step.kind;
    trace.syn = step.syn;
    trace.fin = step.fin;
    trace.hasAck = step.hasAck;
    trace.ackRaw = tcp.ackRaw;
    trace.endRaw = (tcp.seqRaw + tcp.len + (step.syn ? 1 : 0) + (step.fin ? 1 : 0)) >>> 0;
    trace.len = tcp.len;
    list.unshift(trace);
  }
}

/** Flags that no TCP sends: without SYN and RST every segment carries ACK, and SYN, FIN and RST exclude each other. */
function isStrange({ syn, fin, rst, hasAck }: Step): boolean {
  if ((syn && fin) || (syn && rst) || (fin && rst)) return true;
  return !syn && !rst && !hasAck;
}
