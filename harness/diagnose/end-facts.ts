export interface Hole {
  start: number;
  end: number;
  frame: number;
  time: number;
  /** Of the packet that jumped ahead: tells whether what fills the hole was sent before or after it. */
  openerId: number | undefined;
  openerTsval: number | undefined;
  dupAcks: number;
}

export interface SentSegment {
  seq: number;
  end: number;
  frame: number;
  firstTime: number;
  lastTime: number;
  count: number;
}

export type RetransmissionCause = 'fast' | 'timeout' | 'tail-probe' | 'spurious' | 'unexplained';

export interface Retransmission {
  frame: number;
  time: number;
  start: number;
  end: number;
  cause: RetransmissionCause;
  /** Frame that carried the first octet before, where it was captured. */
  original: number | undefined;
  /** Since that frame, or since the hole opened, ms. */
  afterMs: number;
  spurious: boolean;
}

export interface OutOfOrder {
  frame: number;
  start: number;
  end: number;
  /** Frame that overtook it. */
  overtakenBy: number;
  afterMs: number;
  evidence: string;
}

export interface DupAckRun {
  ack: number;
  count: number;
  firstFrame: number;
  lastFrame: number;
  sack: { start: number; end: number }[];
}

export interface FinFact {
  frame: number;
  time: number;
  /** Relative sequence number after the FIN. */
  end: number;
  ackedFrame?: number;
  ackedTime?: number;
  /** The packet that acknowledged it was itself a FIN. */
  ackedByFin?: boolean;
  /** It covered the peer's FIN, which was already captured. */
  coversPeerFin: boolean;
  repeats: number[];
}

export interface KeepAlive {
  frame: number;
  time: number;
  len: number;
  answered: number | undefined;
}

export interface ZeroWindow {
  frame: number;
  time: number;
  probes: { frame: number; time: number }[];
  probeCount: number;
  answers: number;
  endFrame: number | undefined;
  endTime: number | undefined;
  endedBy: 'update' | 'close' | undefined;
}

export interface BadChecksum {
  frame: number;
  /** The field holds the sum of the pseudo header alone: the network card was to finish it. */
  partial: boolean;
  len: number;
  /** Filled later: whether the peer acknowledged it although the sum is wrong. */
  end: number;
}

export interface RecentFrame {
  seq: number;
  len: number;
  flags: number;
  ack: number;
  id: number | undefined;
  checksum: number;
  ttl: number;
  time: number;
  frame: number;
}
