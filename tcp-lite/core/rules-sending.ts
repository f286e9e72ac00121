import { CWR, ECE, PSH } from './flags.js';
import { ReceivingRules } from './rules-receiving.js';
import { sourceRouteLength } from './source-route.js';
import { seqDiff } from './seq.js';
import type { Tcb } from './tcb.js';

/** G of RFC 6298. */
const CLOCK_GRANULARITY_MS = 1;

/** The decisions of the sender: timeouts, congestion control, segmentation. */
export class SendingRules extends ReceivingRules {
  // --- RFC 6298

  /** Before any sample, ms (2.1). */
  initialRto(): number {
    return 1000;
  }

  /** The first sample (2.2). */
  firstRtt(tcb: Tcb, rtt: number): void {
    tcb.srtt = rtt;
    tcb.rttvar = rtt / 2;
  }

  /** Later samples: the variance first, then the mean (2.3). */
  nextRtt(tcb: Tcb, rtt: number): void {
    tcb.rttvar = 0.75 * tcb.rttvar + 0.25 * Math.abs(tcb.srtt - rtt);
    tcb.srtt = 0.875 * tcb.srtt + 0.125 * rtt;
  }

  /** RTO from the estimate, within its bounds (2.3 - 2.5). */
  rtoFromEstimate(tcb: Tcb): number {
    const { minRtoMs, maxRtoMs } = tcb.stack.limits;
    const rto = tcb.srtt + Math.max(CLOCK_GRANULARITY_MS, 4 * tcb.rttvar);
    return Math.min(maxRtoMs, Math.max(minRtoMs, rto));
  }

  /** Doubling (5.5). */
  backedOff(tcb: Tcb): number {
    return Math.min(tcb.stack.limits.maxRtoMs, tcb.rto * 2);
  }

  /** The RTO that data starts with after a SYN had to be repeated (5.7). */
  rtoAfterSynTimeout(): number {
    return 3000;
  }

  /** Karn: no sample from what was sent twice (3). */
  timesRetransmissions(): boolean {
    return false;
  }

  // --- RFC 5681

  /** Initial window in octets (3.1), or RFC 6928's where so configured. One segment after a lost SYN. */
  initialWindow(tcb: Tcb): number {
    const mss = tcb.sndMss;
    if (tcb.synRetransmitted) return mss;
    if (tcb.settings.initialWindow > 0) return tcb.settings.initialWindow * mss;
    return (mss > 2190 ? 2 : mss > 1095 ? 3 : 4) * mss;
  }

  /** Slow start: octets to add for `acked` new ones (3.1). */
  slowStartGrowth(tcb: Tcb, acked: number): number {
    return Math.min(acked, tcb.sndMss);
  }

  /** Congestion avoidance: one segment a round trip, by counting octets (3.1). */
  avoidanceGrowth(tcb: Tcb, acked: number): number {
    tcb.ackedOctets += acked;
    if (tcb.ackedOctets < tcb.cwnd) return 0;
    tcb.ackedOctets -= tcb.cwnd;
    return tcb.sndMss;
  }

  /** ssthresh at loss, equation 4. */
  thresholdAfterLoss(tcb: Tcb, flight: number): number {
    return Math.max(flight / 2, 2 * tcb.sndMss);
  }

  /** cwnd after a timeout (3.1). */
  lossWindow(tcb: Tcb): number {
    return tcb.sndMss;
  }

  /** Duplicate ACKs that mean loss (3.2). */
  duplicateThreshold(): number {
    return 3;
  }

  /** cwnd by which each duplicate inflates it in fast recovery without SACK (3.2 step 4). */
  inflation(tcb: Tcb): number {
    return tcb.sndMss;
  }

  /** The definition of section 2; `window` is the window that the ACK announces. */
  isDuplicateAck(tcb: Tcb, length: number, window: number): boolean {
    return length === 0 && window === tcb.sndWnd && tcb.sndUna !== tcb.sndNxt;
  }

  /** Octets beyond cwnd that limited transmit allows (RFC 3042). With SACK the pipe shows them already. */
  limitedTransmit(tcb: Tcb): number {
    return tcb.dupAcks < 3 ? tcb.dupAcks * tcb.sndMss : 0;
  }

  /** Restart after idling longer than the RTO (4.1). */
  windowAfterIdle(tcb: Tcb): number {
    return Math.min(tcb.cwnd, this.initialWindow(tcb));
  }

  // --- RFC 9293 section 3.8.6

  /**
   * Sender's silly window avoidance with Nagle (3.8.6.2.1, 3.7.4): may `length` octets of `queued` go, where `usable`
   * is what the window allows? `last`: a FIN goes with them; `urgent`: urgent data is among them.
   */
  maySend(
    tcb: Tcb,
    length: number,
    queued: number,
    usable: number,
    mss: number,
    last: boolean,
    urgent: boolean,
  ): boolean {
    if (length >= mss) return true;
    const quiet = tcb.settings.noDelay || last || urgent || tcb.sndUna === tcb.sndNxt;
    if (!quiet) return false;
    return queued <= usable || length >= tcb.sndMaxWnd / 2;
  }

  /** The override timer against a window that never opens wide, ms: 0.1 - 1 s. */
  overrideMs(): number {
    return 500;
  }

  /** How long until the next zero-window probe, ms: one RTO at first (SHLD-29), then doubling (SHLD-30) up to 60 s. */
  persistMs(tcb: Tcb): number {
    return Math.min(60_000, tcb.rto * 2 ** Math.min(tcb.persistBackoff, 16));
  }

  /** MUST-61: PSH on what empties the queue. */
  pushFlag(empties: boolean): number {
    return empties ? PSH : 0;
  }

  /** Eff.snd.MSS (3.7.1): the smaller of what the peer takes and what the path carries, less options. */
  effectiveMss(tcb: Tcb): number {
    const headers = tcb.version === 4 ? 40 : 60;
    const offered = Math.min(tcb.peerMss, tcb.settings.mss, tcb.pathMtu - headers);
    return Math.max(SMALLEST_MSS, offered) - (tcb.timestamps ? 12 : 0) - sourceRouteLength(tcb);
  }

  /** SND.UP to SEG.UP for a segment at `seq` (MUST-62): the distance to the octet behind the urgent data. */
  urgentField(tcb: Tcb, seq: number): number {
    return Math.min(65_535, seqDiff(tcb.sndUp, seq));
  }

  /** ECN flags of a SYN (RFC 3168 section 6.1.1). */
  ecnSynFlags(tcb: Tcb): number {
    return tcb.settings.ecn === 'request' && !tcb.synRetransmitted ? ECE | CWR : 0;
  }
}

/** No peer may make us send less at a time: header overhead as a weapon (CVE-2019-11479); Linux has the same bound. */
export const SMALLEST_MSS = 48;
