import type { Segment } from '../wire/segment.js';
import { seqDiff, seqLeq, seqLt, type SeqNum } from './seq.js';
import type { Tcb } from './tcb.js';

/** TS.Recent of a connection idle for longer than this says nothing: 24 days, ms (RFC 7323 section 5.5). */
const STALE_TIMESTAMP_MS = 24 * 86_400_000;

/** The decisions about arriving segments (RFC 9293 section 3.10.7, RFC 5961, RFC 7323, RFC 6191). */
export class ArrivalRules {
  /** Table 6 of section 3.10.7.4; `length` counts SYN and FIN. A bare segment at the right edge itself passes. */
  acceptable(tcb: Tcb, seq: SeqNum, length: number): boolean {
    if (length === 0) return seqLeq(tcb.rcvNxt, seq) && seqLeq(seq, tcb.rcvEdge);
    return seqLt(seq, tcb.rcvEdge) && seqDiff(seq, tcb.rcvNxt) + length > 0;
  }

  /** With a closed window, segments at RCV.NXT lose their text but keep ACK, URG and RST (section 3.4, MUST-66). */
  admitsAtClosedWindow(tcb: Tcb, seq: SeqNum): boolean {
    return seq === tcb.rcvNxt && tcb.rcvEdge === tcb.rcvNxt;
  }

  /** An ACK answers what is not acceptable (section 3.10.7.4 step 1). */
  answersUnacceptable(): boolean {
    return true;
  }

  /** RFC 5961 section 3.2: exact resets, inside the window draws a challenge, outside is dropped. */
  resetVerdict(tcb: Tcb, seq: SeqNum): 'reset' | 'challenge' | 'drop' {
    if (seq === tcb.rcvNxt) return 'reset';
    return seqLt(tcb.rcvNxt, seq) && seqLt(seq, tcb.rcvEdge) ? 'challenge' : 'drop';
  }

  /** RFC 1337 fix F1, where configured; RFC 9293 lets a reset end TIME-WAIT. */
  ignoresReset(tcb: Tcb): boolean {
    return tcb.state === 'TIME-WAIT' && tcb.stack.limits.ignoreResetInTimeWait;
  }

  /** RFC 5961 section 4.2. `listen`: back to LISTEN, for a passive open in SYN-RECEIVED (section 3.10.7.4 step 4). */
  synVerdict(tcb: Tcb): 'challenge' | 'listen' | 'reset' | 'drop' {
    return tcb.state === 'SYN-RECEIVED' && tcb.listener !== undefined ? 'listen' : 'challenge';
  }

  /** At most 10 challenge ACKs in 5 s on one connection (RFC 5961 section 7). */
  challengeAllowed(tcb: Tcb, now: number): boolean {
    if (now - tcb.challengeWindowAt >= 5000) {
      tcb.challengeWindowAt = now;
      tcb.challenges = 0;
    }
    return tcb.challenges++ < 10;
  }

  /** Step 5 of section 3.10.7.4: without ACK nothing is processed. */
  needsAck(): boolean {
    return true;
  }

  /** SND.UNA < SEG.ACK =< SND.NXT. */
  acknowledgesNew(tcb: Tcb, ack: SeqNum): boolean {
    return seqLt(tcb.sndUna, ack) && seqLeq(ack, tcb.sndMax);
  }

  /** MAY-12, RFC 5961 section 5.2: (SND.UNA - MAX.SND.WND) =< SEG.ACK =< SND.NXT. */
  ackInRange(tcb: Tcb, ack: SeqNum): boolean {
    return seqLeq(ack, tcb.sndMax) && seqDiff(tcb.sndUna, ack) <= tcb.sndMaxWnd;
  }

  /** WL1 and WL2 keep old segments from updating the window (section 3.10.7.4 step 5). */
  updatesWindow(tcb: Tcb, seq: SeqNum, ack: SeqNum): boolean {
    return seqLt(tcb.sndWl1, seq) || (tcb.sndWl1 === seq && seqLeq(tcb.sndWl2, ack));
  }

  /** SND.WND from the window field (RFC 7323 section 2.3). */
  windowFrom(tcb: Tcb, field: number): number {
    return field << tcb.sndScale;
  }

  /**
   * PAWS, RFC 7323 section 5.3 R1, with the 24 days of section 5.5. RST is exempt (section 5.2). Older is what lies less
   * than half the circle back.
   */
  pawsRejects(tcb: Tcb, tsVal: number, now: number): boolean {
    return seqDiff(tcb.tsRecent, tsVal) > 0 && now - tcb.tsRecentAt <= STALE_TIMESTAMP_MS;
  }

  /** RFC 7323 section 3.2: negotiated, but missing on a segment that is no reset. */
  dropsMissingTimestamp(): boolean {
    return true;
  }

  /** RFC 7323 section 4.3 (2): the stamp of what the next ACK will cover, and no older one. */
  updatesTsRecent(tcb: Tcb, seq: SeqNum, tsVal: number, now: number): boolean {
    return (
      seqLeq(seq, tcb.lastAckSent) &&
      (seqDiff(tsVal, tcb.tsRecent) >= 0 || now - tcb.tsRecentAt > STALE_TIMESTAMP_MS)
    );
  }

  /** Urgent pointers count from SEG.SEQ and name the octet behind the urgent data (MUST-62). */
  urgentFrom(seq: SeqNum, field: number): SeqNum {
    return (seq + field) >>> 0;
  }

  /** MUST-52, MUST-53: a passive open learns the route back from what arrives, unless the application gave one. */
  learnsSourceRoute(tcb: Tcb): boolean {
    return tcb.listener !== undefined && tcb.settings.sourceRoute === undefined;
  }

  /** SHLD-31: what comes behind a gap waits. */
  keepsOutOfOrder(): boolean {
    return true;
  }

  /**
   * A SYN in TIME-WAIT: RFC 6191 section 2 where timestamps can tell, else MAY-2. `ack`: RFC 5961's challenge; `drop`:
   * RFC 6191's silence.
   */
  timeWaitSyn(tcb: Tcb, segment: Segment): 'accept' | 'ack' | 'drop' {
    const higher = seqLt(tcb.rcvNxt, segment.seq);
    const tsVal = segment.options.tsVal;
    if (tcb.timestamps && tsVal !== undefined) {
      const newer = seqDiff(tsVal, tcb.tsRecent);
      return newer > 0 || (newer === 0 && higher) ? 'accept' : 'drop';
    }
    return higher ? 'accept' : 'ack';
  }

  /** MUST-57, MUST-63: group addresses at either end, and sources that no peer can have. */
  addressesValid(
    tcb: { isBroadcast(a: string): boolean; isLocal(a: string): boolean },
    segment: Segment,
  ): boolean {
    const { src, dst, version } = segment;
    if (isGroup(version, dst) || tcb.isBroadcast(dst)) return false;
    if (isGroup(version, src) || tcb.isBroadcast(src) || tcb.isLocal(src)) return false;
    return version === 4 ? !src.startsWith('127.') && !src.startsWith('0.') : src !== '::' && src !== '::1';
  }
}

/** Multicast, limited broadcast and the reserved class E of IPv4; multicast of IPv6. */
export function isGroup(version: 4 | 6, address: string): boolean {
  if (version === 6) return address.startsWith('ff');
  const first = address.charCodeAt(0) === 50 ? parseInt(address, 10) : 0;
  return first >= 224;
}
