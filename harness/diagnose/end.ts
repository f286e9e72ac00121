import type { Packet, TcpOptions } from '../dissect/packet.js';
import type { Fingerprint } from './fingerprint.js';
import { newFingerprint } from './fingerprint.js';
import { Bounded, RangeSet, unwrap } from './sequence.js';
import type {
  Hole,
  SentSegment,
  RetransmissionCause,
  Retransmission,
  OutOfOrder,
  DupAckRun,
  FinFact,
  KeepAlive,
  ZeroWindow,
  BadChecksum,
  RecentFrame,
} from './end-facts.js';

const SIZES = 6;

const NO_CAUSES: Record<RetransmissionCause, number> = {
  fast: 0,
  timeout: 0,
  'tail-probe': 0,
  spurious: 0,
  unexplained: 0,
};

/** What of an end's packets was out of the ordinary. */
export class Incidents {
  /** Data that the peer acknowledged and the capture does not hold. */
  readonly missed = new RangeSet(64);
  readonly missedFrames = new Bounded<number>(16);
  readonly falseAckFrames = new Bounded<number>(16);
  /** Data that did not reach the peer at the first attempt. */
  readonly lost = new RangeSet(256);
  readonly lossFrames = new Bounded<number>(24);
  readonly retransmissions = new Bounded<Retransmission>(64);
  readonly retransmissionCauses = { ...NO_CAUSES };
  readonly outOfOrder = new Bounded<OutOfOrder>(32);
  readonly dupAckRuns = new Bounded<DupAckRun>(32);
  readonly dsacks = new Bounded<{ frame: number; start: number; end: number }>(32);
  readonly duplicates = new Bounded<{ frame: number; original: number; ttlDrop: number }>(32);
  readonly framesAfterPeerFin = new Bounded<number>(8);
  readonly keepAlives = new Bounded<KeepAlive>(64);
  readonly zeroWindows = new Bounded<ZeroWindow>(32);
  readonly windowFull = new Bounded<number>(32);
  readonly beyondWindow = new Bounded<{ frame: number; octets: number; acked: boolean }>(16);
  readonly badChecksums = new Bounded<BadChecksum>(32);
  /** Packets of which the capture holds only a part of the options. */
  readonly cutOptions = new Bounded<number>(16);
  /** Segments larger than the MSS its peer announced: cut up later by the network card. */
  readonly oversized = new Bounded<{ frame: number; len: number }>(16);
}

/** What is known of one end of a conversation, from its own packets and its peer's acknowledgments. */
export class End {
  /** Raw number that relative numbers count from: the ISN, or one before the first octet seen. */
  base: number | undefined;
  /** Raw ISN, where its SYN was captured. */
  isn: number | undefined;
  synOptions: TcpOptions | undefined;

  packets = 0;
  octets = 0;
  uniqueOctets = 0;
  segments = 0;
  maxPayload = 0;
  /** The largest payload sizes of its segments, ascending: the largest one seen twice is the segment size in use. */
  private sizes: { size: number; count: number }[] | undefined;

  /** Relative sequence number after the last octet, SYN or FIN seen from this end (SND.NXT as captured). */
  next = 0;
  /** Highest relative acknowledgment the peer sent for it (SND.UNA as captured). */
  una = 0;
  unaFrame = 0;
  unaTime = 0;
  /** Run of duplicate acknowledgments at `una`. */
  dupAcks = 0;
  dupAckTime = 0;
  /** Highest relative right edge that the peer's SACK blocks reported. */
  sackedTo = 0;
  /** Lowest left edge above `una` in the peer's last SACK option. */
  sackedFrom: number | undefined;
  /** Where its stream begins for the capture, when it began before: what lies below cannot be judged. */
  firstSeq: number | undefined;
  /** First and last packet of it, s. */
  firstTime = 0;
  lastTime = 0;
  lastFrame = 0;

  /** Last window it advertised, octets, and whether its scale is known for certain. */
  window = 0;
  /** Highest right edge (peer's sequence space) it ever offered. */
  maxEdge = 0;
  shift: number | undefined;
  /** Window of its SYN; the largest one since, and how many there were: what a scale that got lost makes small. */
  synWindow: number | undefined;
  largestWindow = 0;
  windows = 0;
  firstWindowFrame = 0;

  /** Ranges of its stream that were skipped and not captured yet. */
  holes: Hole[] = [];
  /** Data sent and not yet acknowledged, in sequence order. */
  sent: SentSegment[] = [];
  /** Repeats below this number belong to the recovery that began earlier. */
  recoverTo = 0;
  recoverCause: RetransmissionCause | undefined;

  /** An acknowledgment beyond everything captured, until this end's next packet tells what it was. */
  suspectAck: { ack: number; frame: number; next: number } | undefined;
  /** Acknowledgments by the peer of data that this end never sent. */
  falseAcks = 0;

  /** Instants at which the same first unacknowledged octet was sent again, s; the longest such series. */
  timeoutSeries: { start: number; times: number[]; frames: number[] } | undefined;
  longestTimeoutSeries: { start: number; times: number[]; frames: number[] } | undefined;
  dupAckTotal = 0;
  sackBlocksSeen = 0;

  fin: FinFact | undefined;
  /** Octets it sent after the peer's FIN: the other half of a half-close. */
  octetsAfterPeerFin = 0;
  pendingKeepAlive: KeepAlive | undefined;
  unansweredKeepAlives = 0;
  lastProbe: { seq: number; len: number; frame: number; answered: boolean } | undefined;
  zeroWindow: ZeroWindow | undefined;
  goodChecksums = 0;
  /** Waiting for its application to answer or to send, and to read, s. */
  applicationSeconds = 0;
  readingSeconds = 0;
  readonly fingerprint: Fingerprint = newFingerprint();
  /** Recent frames by what they carry, to see the same frame captured twice: a ring. */
  readonly recent: (RecentFrame | undefined)[] = [undefined, undefined, undefined, undefined];
  recentAt = 0;
  /** The same for many more frames, once its packets are known to come twice. */
  doubled: Map<number, RecentFrame> | undefined;
  /** Shortest time from a packet towards this end to its answer, s. */
  minResponse: number | undefined;

  private ownIncidents: Incidents | undefined;

  constructor(
    readonly address: string,
    readonly port: number,
  ) {}

  /** Made when the first of them happens: most ends of most conversations have none. */
  get incidents(): Incidents {
    return (this.ownIncidents ??= new Incidents());
  }

  /** Relative sequence number of a raw one of this end's stream; fixes the base at first use. */
  relative(raw: number): number {
    if (this.base === undefined) {
      this.base = (raw - 1) >>> 0;
      this.next = 1;
      this.una = 1;
    }
    return unwrap(raw, this.base, this.next);
  }

  countPayload(size: number): void {
    this.octets += size;
    this.segments++;
    if (size > this.maxPayload) this.maxPayload = size;
    const sizes = (this.sizes ??= []);
    const known = sizes.find((entry) => entry.size === size);
    if (known !== undefined) {
      known.count++;
      return;
    }
    const smallest = sizes[0];
    if (sizes.length >= SIZES && smallest !== undefined && size < smallest.size) return;
    sizes.push({ size, count: 1 });
    sizes.sort((a, b) => a.size - b.size);
    if (sizes.length > SIZES) sizes.shift();
  }

  /** The segment size in use: the largest payload that occurs twice, within what the peer's MSS allows. */
  segmentSize(peerMss: number | undefined): number | undefined {
    const limit = peerMss ?? Infinity;
    let best: number | undefined;
    for (const { size, count } of this.sizes ?? []) if (size <= limit && count >= 2) best = size;
    if (best === undefined && this.maxPayload > 0) best = Math.min(this.maxPayload, limit);
    if (this.maxPayload > limit && Number.isFinite(limit)) {
      best = limit - (this.synOptions?.timestamp && this.timestampsSeen ? 12 : 0);
    }
    return best;
  }

  timestampsSeen = false;

  /** It repeated the same octet to the end of the capture, and nobody acknowledged it. */
  isStuck(repeats = 3): boolean {
    const series = this.longestTimeoutSeries;
    return series !== undefined && series.frames.length >= repeats && this.una <= series.start;
  }

  /** Something it sent after its SYN waits for an acknowledgment. */
  isDataOutstanding(): boolean {
    return this.next > Math.max(this.una, 1);
  }
}

export function ipId(packet: Packet): number | undefined {
  return packet.ip.version === 4 ? packet.ip.id : undefined;
}
