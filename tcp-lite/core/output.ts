import { armRetransmission } from './retransmission.js';
import { forgetTiming, timeSegment } from './rtt.js';
import { sackOptionLength } from './sack-blocks.js';
import { sendAck, sendText } from './segment-out.js';
import { seqAdd, seqDiff, seqLeq, seqLt, seqMax, seqMin, type SeqNum } from './seq.js';
import { FAST_RECOVERY, OPEN, type Tcb } from './tcb.js';
import { restorePathMtu } from './path-mtu.js';

/**
 * The output engine, run after every event: sends what the peer's window, the congestion window, Nagle and silly window
 * avoidance let through, lost data first; then the acknowledgment that is due, unless it rode on data.
 */
export function output(tcb: Tcb, now: number): void {
  if (tcb.recovery !== OPEN || endOfQueue(tcb) !== tcb.sndNxt) {
    if (maySendText(tcb)) {
      if (now >= tcb.pathMtuExpiresAt) restorePathMtu(tcb);
      tcb.pipe = estimatePipe(tcb);
      while (sendNext(tcb, now));
      arrangePersist(tcb, now);
    }
  } else if (tcb.persistAt !== Infinity) {
    stopPersist(tcb);
  }
  if (tcb.ackNow) sendAck(tcb, now);
}

/** Sequence number behind everything queued, FIN counted. */
export function endOfQueue(tcb: Tcb): SeqNum {
  return seqAdd(tcb.sendBase, tcb.sendBuffer.length + (tcb.finQueued ? 1 : 0));
}

/**
 * Octets believed to be in the network: what is neither SACKed nor lost, and what was sent again (SetPipe of RFC 6675
 * section 4). Without SACK, and without loss, that is FlightSize.
 */
export function estimatePipe(tcb: Tcb): number {
  const flight = seqDiff(tcb.sndNxt, tcb.sndUna);
  if (tcb.recovery === OPEN) return flight - tcb.scoreboard.sacked;
  if (tcb.recovery === FAST_RECOVERY && !tcb.sack) return flight;
  const lost = holesBelow(tcb, seqMax(tcb.lostEdge, tcb.sndUna));
  const sentAgain = holesBelow(tcb, seqMax(tcb.highRxt, tcb.sndUna));
  return flight - tcb.scoreboard.sacked - lost + sentAgain;
}

/**
 * Sends again from `seq`, up to the next SACKed octet and one segment at most, nothing beyond the peer's window
 * (SHLD-16). False if there is nothing there to send.
 */
export function retransmit(tcb: Tcb, seq: SeqNum, now: number): boolean {
  const edge = seqAdd(tcb.sndUna, tcb.sndWnd);
  const limit = seqMin(tcb.scoreboard.holeEnd(seq, tcb.sndNxt), edge);
  const span = seqDiff(limit, seq);
  if (span <= 0) return false;
  const text = tcb.sendBuffer.length - seqDiff(seq, tcb.sendBase);
  const length = Math.min(span, text, tcb.sndMss - sackOptionLength(tcb));
  const fin = tcb.finQueued && length === text && span > length;
  forgetTiming(tcb, seq);
  tcb.retransmissions++;
  tcb.stack.counters.retransmissions++;
  tcb.pipe += length;
  tcb.lastSentAt = now;
  tcb.highRxt = seqMax(tcb.highRxt, seqAdd(seq, length + (fin ? 1 : 0)));
  if (seq === tcb.sndUna) armRetransmission(tcb, now);
  sendText(tcb, seq, length, fin, false, now);
  return true;
}

/**
 * Sends one segment of new data if everything allows it. `override`: the peer's window has stayed small for so long
 * that even a silly segment goes (RFC 9293 section 3.8.6.2.1 case 4).
 */
export function sendNew(tcb: Tcb, now: number, override = false): boolean {
  const queued = tcb.sendBuffer.length - seqDiff(tcb.sndNxt, tcb.sendBase);
  const finDue = tcb.finQueued && queued >= 0;
  if (queued <= 0 && !finDue) return false;
  const usable = tcb.sndWnd - seqDiff(tcb.sndNxt, tcb.sndUna);
  if (usable <= 0) return false;
  const rules = tcb.stack.rules;
  const mss = tcb.sndMss - sackOptionLength(tcb);
  const length = Math.min(queued, usable, mss);
  const fin = finDue && length === queued && length < usable;
  if (length === 0 && !fin) return false;
  const urgent = tcb.sndUrgent && seqLt(tcb.sndNxt, tcb.sndUp);
  if (!override && !rules.maySend(tcb, length, queued, usable, mss, fin, urgent)) return false;
  if (tcb.sndUna === tcb.sndNxt) restartAfterIdle(tcb, now);
  else if (length > congestionRoom(tcb)) return false;
  transmitNew(tcb, length, fin, now);
  return true;
}

/** FIN has left: CLOSE-WAIT becomes LAST-ACK only now (RFC 9293 section 3.10.4). */
export function finSent(tcb: Tcb): void {
  if (tcb.state === 'CLOSE-WAIT') tcb.state = 'LAST-ACK';
}

function sendNext(tcb: Tcb, now: number): boolean {
  if (tcb.recovery === OPEN) return sendNew(tcb, now);
  if (tcb.recovery === FAST_RECOVERY && !tcb.sack) return sendNew(tcb, now);
  // NextSeg of RFC 6675 section 4, rules 1 to 4.
  if (tcb.pipe > 0 && tcb.cwnd - tcb.pipe < tcb.sndMss) return false;
  return (
    sendLost(tcb, now) || sendNew(tcb, now) || (tcb.recovery === FAST_RECOVERY && sendDoubtful(tcb, now))
  );
}

/** Rule 1: the first hole not yet sent again that counts as lost. */
function sendLost(tcb: Tcb, now: number): boolean {
  const hole = tcb.scoreboard.firstHole(seqMax(tcb.highRxt, tcb.sndUna));
  return seqLt(hole, tcb.lostEdge) && seqLt(hole, tcb.sndNxt) && retransmit(tcb, hole, now);
}

/** Rule 3: a hole below the highest SACKed octet; rule 4: once, the end of what is outstanding. */
function sendDoubtful(tcb: Tcb, now: number): boolean {
  if (tcb.scoreboard.empty) return false;
  const hole = tcb.scoreboard.firstHole(seqMax(tcb.highRxt, tcb.sndUna));
  if (seqLt(hole, tcb.scoreboard.highest)) return retransmit(tcb, hole, now);
  if (tcb.rescued || seqLeq(tcb.sndNxt, tcb.scoreboard.highest)) return false;
  tcb.rescued = true;
  const kept = tcb.highRxt;
  const tail = seqMax(tcb.scoreboard.highest, seqAdd(tcb.sndNxt, -tcb.sndMss));
  const sent = retransmit(tcb, tail, now);
  tcb.highRxt = kept;
  return sent;
}

function congestionRoom(tcb: Tcb): number {
  const room = tcb.cwnd - tcb.pipe;
  if (tcb.recovery !== OPEN || tcb.sack || tcb.dupAcks === 0) return room;
  return room + tcb.stack.rules.limitedTransmit(tcb);
}

function transmitNew(tcb: Tcb, length: number, fin: boolean, now: number): void {
  const seq = tcb.sndNxt;
  const end = seqAdd(seq, length + (fin ? 1 : 0));
  const fresh = seqLeq(tcb.sndMax, seq);
  if (tcb.recovery === OPEN && tcb.dupAcks > 0) tcb.limitedOctets += length;
  tcb.sndNxt = end;
  if (fresh) {
    tcb.sndMax = end;
    timeSegment(tcb, end, now);
  } else {
    tcb.sndMax = seqMax(tcb.sndMax, end);
    tcb.retransmissions++;
    tcb.stack.counters.retransmissions++;
  }
  tcb.pipe += length;
  tcb.lastSentAt = now;
  if (tcb.retransmitAt === Infinity) {
    tcb.unackedSince = now;
    armRetransmission(tcb, now);
  }
  if (fin) finSent(tcb);
  sendText(tcb, seq, length, fin, fresh, now);
}

/** RFC 5681 section 4.1: after more than an RTO of silence the old window says nothing. */
function restartAfterIdle(tcb: Tcb, now: number): void {
  if (now - tcb.lastSentAt > tcb.rto && tcb.lastSentAt !== -Infinity) {
    tcb.cwnd = tcb.stack.rules.windowAfterIdle(tcb);
  }
}

/** Data waits and nothing is under way that would draw an ACK: the persist or override timer must run. */
function arrangePersist(tcb: Tcb, now: number): void {
  if (tcb.retransmitAt !== Infinity || endOfQueue(tcb) === tcb.sndNxt) {
    stopPersist(tcb);
    return;
  }
  const rules = tcb.stack.rules;
  const usable = tcb.sndWnd - seqDiff(tcb.sndNxt, tcb.sndUna);
  if (tcb.persistAt === Infinity) {
    tcb.unackedSince = now;
    tcb.persistAt = now + (usable > 0 ? rules.overrideMs() : rules.persistMs(tcb));
    tcb.stack.wake(tcb, tcb.persistAt);
  } else if (usable > 0 && tcb.persistAt > now + rules.overrideMs()) {
    tcb.persistAt = now + rules.overrideMs();
    tcb.stack.wake(tcb, tcb.persistAt);
  }
}

function stopPersist(tcb: Tcb): void {
  tcb.persistAt = Infinity;
  tcb.persistBackoff = 0;
}

function holesBelow(tcb: Tcb, seq: SeqNum): number {
  return seqDiff(seq, tcb.sndUna) - tcb.scoreboard.sackedBelow(seq);
}

function maySendText(tcb: Tcb): boolean {
  switch (tcb.state) {
    case 'ESTABLISHED':
    case 'CLOSE-WAIT':
    case 'FIN-WAIT-1':
    case 'CLOSING':
    case 'LAST-ACK':
      return true;
    default:
      return false;
  }
}
