import type { ConnectionSettings } from './config.js';
import type { Connection } from './connection.js';
import type { SoftError, TcpError } from './errors.js';
import type { Listener } from './listener.js';
import { Reassembly } from './reassembly.js';
import { Scoreboard } from './scoreboard.js';
import { SendBuffer } from './send-buffer.js';
import type { SeqNum } from './seq.js';
import type { Stack } from './stack.js';
import type { Segment } from '../wire/segment.js';

/** RFC 9293 section 3.3.2. */
export type TcpState =
  | 'CLOSED'
  | 'LISTEN'
  | 'SYN-SENT'
  | 'SYN-RECEIVED'
  | 'ESTABLISHED'
  | 'FIN-WAIT-1'
  | 'FIN-WAIT-2'
  | 'CLOSE-WAIT'
  | 'CLOSING'
  | 'LAST-ACK'
  | 'TIME-WAIT';

/** How the sender stands to loss: none suspected, fast recovery (RFC 6582, 6675), or after a timeout. */
export const OPEN = 0;
export const FAST_RECOVERY = 1;
export const LOSS_RECOVERY = 2;
export type Recovery = typeof OPEN | typeof FAST_RECOVERY | typeof LOSS_RECOVERY;

/**
 * The transmission control block: everything a connection remembers (RFC 9293 section 3.3.1). Plain fields, all set
 * from the start, so that every connection has the same shape; times are ms of the caller's clock, Infinity for a timer
 * that is off.
 */
export class Tcb {
  readonly stack: Stack;
  readonly settings: ConnectionSettings;
  state: TcpState = 'CLOSED';
  /** What the application holds. */
  connection: Connection | undefined = undefined;
  /** Where a passive open came from (MUST-11); undefined for an active one. */
  listener: Listener | undefined = undefined;
  /** Counted in the listener's backlog. */
  halfOpen = false;
  /** Next connection with the same pair of ports. */
  nextInBucket: Tcb | undefined = undefined;

  readonly version: 4 | 6;
  readonly localAddress: string;
  readonly localPort: number;
  readonly remoteAddress: string;
  readonly remotePort: number;

  // Send sequence space, section 3.3.1 figure 3.
  iss: SeqNum = 0;
  sndUna: SeqNum = 0;
  sndNxt: SeqNum = 0;
  /** Highest sequence number ever sent, plus one: SND.NXT falls back behind it when a zero window is probed. */
  sndMax: SeqNum = 0;
  sndWnd = 0;
  sndWl1: SeqNum = 0;
  sndWl2: SeqNum = 0;
  /** Octet behind the urgent data; valid while `sndUrgent`. */
  sndUp: SeqNum = 0;
  sndUrgent = false;
  /** MAX.SND.WND of RFC 5961 section 5.2; also Max(SND.WND) of RFC 9293 section 3.8.6.2.1. */
  sndMaxWnd = 0;
  /** Largest payload, without options other than timestamps counted in: Eff.snd.MSS of section 3.7.1. */
  sndMss = 536;
  /** MSS option of the peer, or the default. */
  peerMss = 536;
  /** What the path carries, octets of IP packet. */
  pathMtu = 1500;
  /** The path carries less than we want to believe: let routers fragment. */
  fragmentable = false;
  /** When the path MTU may be tried higher again (RFC 1191 section 6.3). */
  pathMtuExpiresAt = Infinity;
  readonly sendBuffer = new SendBuffer();
  /** Sequence number of the oldest octet in the send buffer. */
  sendBase: SeqNum = 0;
  finQueued = false;
  /** Gateways that every segment goes through (RFC 9293 section 3.9.2.1). */
  sourceRoute: readonly string[] | undefined = undefined;

  // Receive sequence space, section 3.3.1 figure 4.
  irs: SeqNum = 0;
  rcvNxt: SeqNum = 0;
  /** Right edge of the window as announced at most: RCV.NXT + RCV.WND never falls behind it (SHLD-14). */
  rcvEdge: SeqNum = 0;
  rcvUp: SeqNum = 0;
  rcvUrgent = false;
  readonly reassembly = new Reassembly();
  /** Where the peer's FIN stands, once seen, even behind a gap. */
  finSeq: SeqNum = 0;
  finSeen = false;
  finReceived = false;
  /** The application has closed entirely: data that still comes is lost (SHLD-3). */
  readClosed = false;
  /** Text or control that came with a SYN, until the handshake is done (section 3.10.7.2). */
  heldSegment: Segment | undefined = undefined;
  lastDscp = 0;

  // Options in use.
  timestamps = false;
  tsOffset = 0;
  tsRecent = 0;
  /** When TS.Recent was taken, ms (RFC 7323 section 5.5). */
  tsRecentAt = 0;
  sack = false;
  windowScaling = false;
  sndScale = 0;
  rcvScale = 0;
  ecn = false;
  /** Echo congestion in ACKs until the peer says CWR (RFC 3168 section 6.1.3). */
  ecnEcho = false;
  /** Say CWR on the next new data segment. */
  ecnReduced = false;
  /** No second reduction before this is acknowledged. */
  ecnRecover: SeqNum = 0;

  // Acknowledgment.
  ackNow = false;
  lastAckSent: SeqNum = 0;
  delayedAckAt = Infinity;
  /** Largest segment seen, the unit of "every second full-sized segment". */
  rcvMss = 536;
  /** A duplicate to report once (RFC 2883); valid while `dsack`. */
  dsackLeft: SeqNum = 0;
  dsackRight: SeqNum = 0;
  dsack = false;
  /** Octets that arrived most recently beyond a gap, newest first (RFC 2018 section 4). */
  readonly sackRecent: SeqNum[] = [];

  // Retransmission, RFC 6298.
  retransmitAt = Infinity;
  rto = 1000;
  srtt = -1;
  rttvar = 0;
  /** Times the timer has expired without new data being acknowledged. */
  expiries = 0;
  synRetransmitted = false;
  timing = false;
  timedSeq: SeqNum = 0;
  timedAt = 0;
  /** Since when the oldest octet has gone unacknowledged, ms: what R2 measures. */
  unackedSince = 0;

  // Congestion control, RFC 5681, and loss recovery, RFC 6582 and 6675.
  cwnd = 0;
  ssthresh = 0x3fffffff;
  ackedOctets = 0;
  dupAcks = 0;
  /** Octets sent by limited transmit, which do not count for ssthresh (RFC 5681 section 3.2, step 1). */
  limitedOctets = 0;
  recovery: Recovery = OPEN;
  recover: SeqNum = 0;
  highRxt: SeqNum = 0;
  lostEdge: SeqNum = 0;
  rescued = false;
  partialAcked = false;
  readonly scoreboard = new Scoreboard();
  /** Estimate of octets in the network, kept during one run of the output engine. */
  pipe = 0;
  lastSentAt = -Infinity;

  // Persist, keep-alive, TIME-WAIT.
  persistAt = Infinity;
  persistBackoff = 0;
  keepAliveAt = Infinity;
  keepAliveProbes = 0;
  lastHeardAt = 0;
  timeWaitAt = Infinity;

  // Challenge ACKs, RFC 5961 section 7.
  challengeWindowAt = -Infinity;
  challenges = 0;

  // Timer heap.
  wakeAt = Infinity;
  heapIndex = -1;

  // Reports to the application.
  events = 0;
  wantsWritable = false;
  closedReported = false;
  error: TcpError | undefined = undefined;
  softError: SoftError | undefined = undefined;
  /** The last that came by ICMP: it may explain a timeout. */
  icmpError: SoftError | undefined = undefined;

  // Counters for status.
  retransmissions = 0;
  segmentsIn = 0;
  segmentsOut = 0;

  constructor(
    stack: Stack,
    settings: ConnectionSettings,
    version: 4 | 6,
    localAddress: string,
    localPort: number,
    remoteAddress: string,
    remotePort: number,
  ) {
    this.stack = stack;
    this.settings = settings;
    this.version = version;
    this.localAddress = localAddress;
    this.localPort = localPort;
    this.remoteAddress = remoteAddress;
    this.remotePort = remotePort;
  }
}
