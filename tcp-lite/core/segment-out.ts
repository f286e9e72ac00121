import type { Segment, SegmentOptions } from '../wire/segment.js';
import { ACK, CE, ECE, ECT_0, FIN, RST, SYN, URG, CWR } from './flags.js';
import { sackBlocks } from './sack-blocks.js';
import { seqAdd, seqDiff, seqLt, type SeqNum } from './seq.js';
import type { Stack } from './stack.js';
import type { Tcb } from './tcb.js';
import { announceWindow, synWindow } from './window.js';

const NOTHING = new Uint8Array(0);
const NO_OPTIONS: SegmentOptions = Object.freeze({});

/** The timestamp clock: 1 ms a tick, from an offset of the connection's own (RFC 7323 section 5.4). */
export function timestampNow(tcb: Tcb, now: number): number {
  return (tcb.tsOffset + Math.floor(now)) >>> 0;
}

/** <SEQ=ISS><CTL=SYN> with the options to offer (RFC 9293 section 3.10.1). */
export function sendSyn(tcb: Tcb, now: number): void {
  const { settings, stack } = tcb;
  const options: SegmentOptions = {};
  if (settings.mssOption) options.mss = offeredMss(tcb);
  if (settings.sack) options.sackPermitted = true;
  if (settings.windowScale) options.windowScale = stack.rules.windowShift(settings.receiveBuffer);
  if (settings.timestamps) {
    options.tsVal = timestampNow(tcb, now);
    options.tsEcr = 0;
  }
  const flags = SYN | stack.rules.ecnSynFlags(tcb);
  put(tcb, make(tcb, tcb.iss, 0, flags, synWindow(tcb), 0, NOTHING, options, 0));
}

/** <SEQ=ISS><ACK=RCV.NXT><CTL=SYN,ACK>, answering only options that the peer offered. */
export function sendSynAck(tcb: Tcb, now: number): void {
  const { settings } = tcb;
  const options: SegmentOptions = {};
  if (settings.mssOption) options.mss = offeredMss(tcb);
  if (tcb.sack) options.sackPermitted = true;
  if (tcb.windowScaling) options.windowScale = tcb.rcvScale;
  if (tcb.timestamps) addTimestamps(tcb, options, now);
  const flags = SYN | ACK | (tcb.ecn ? ECE : 0);
  const window = synWindow(tcb);
  if (seqDiff(tcb.rcvEdge, tcb.rcvNxt) < window) tcb.rcvEdge = seqAdd(tcb.rcvNxt, window);
  put(tcb, make(tcb, tcb.iss, tcb.rcvNxt, flags, window, 0, NOTHING, options, 0));
}

/** <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>. */
export function sendAck(tcb: Tcb, now: number): void {
  sendControl(tcb, acknowledgmentSeq(tcb), now);
}

/** An empty segment at `seq`: an ACK, or a keep-alive probe below SND.NXT. */
export function sendControl(tcb: Tcb, seq: SeqNum, now: number, payload = NOTHING): void {
  let flags = ACK | (tcb.ecnEcho ? ECE : 0);
  let urgent = 0;
  if (tcb.sndUrgent && seqLt(seq, tcb.sndUp)) {
    flags |= URG;
    urgent = tcb.stack.rules.urgentField(tcb, seq);
  }
  const options = currentOptions(tcb, now);
  put(tcb, make(tcb, seq, tcb.rcvNxt, flags, announceWindow(tcb), urgent, payload, options, 0));
}

/**
 * `length` octets of the send buffer from `seq` on, with FIN behind them if `fin`. `fresh`: sent for the first time, so
 * that ECN may mark it and CWR may ride on it (RFC 3168 sections 6.1.5, 6.1.2).
 */
export function sendText(
  tcb: Tcb,
  seq: SeqNum,
  length: number,
  fin: boolean,
  fresh: boolean,
  now: number,
): void {
  const rules = tcb.stack.rules;
  const offset = seqDiff(seq, tcb.sendBase);
  let flags =
    ACK | (tcb.ecnEcho ? ECE : 0) | rules.pushFlag(length > 0 && offset + length >= tcb.sendBuffer.length);
  if (fin) flags |= FIN;
  let urgent = 0;
  if (tcb.sndUrgent && seqLt(seq, tcb.sndUp)) {
    flags |= URG;
    urgent = rules.urgentField(tcb, seq);
  }
  let ecn = 0;
  if (tcb.ecn && fresh && length > 0) {
    ecn = ECT_0;
    if (tcb.ecnReduced) {
      flags |= CWR;
      tcb.ecnReduced = false;
    }
  }
  const options = currentOptions(tcb, now);
  const window = announceWindow(tcb);
  const payload = length === 0 ? NOTHING : tcb.sendBuffer.view(offset, length);
  put(tcb, make(tcb, seq, tcb.rcvNxt, flags, window, urgent, payload, options, ecn));
}

/** The reset of an abort: <SEQ=SND.NXT><ACK=RCV.NXT><CTL=RST,ACK> (RFC 9293 section 3.10.5). */
export function sendReset(tcb: Tcb, now: number): void {
  const options: SegmentOptions = tcb.timestamps ? {} : NO_OPTIONS;
  if (tcb.timestamps) addTimestamps(tcb, options, now);
  tcb.stack.counters.resetsSent++;
  put(tcb, make(tcb, acknowledgmentSeq(tcb), tcb.rcvNxt, RST | ACK, 0, 0, NOTHING, options, 0));
}

/**
 * The reset that answers a segment for which there is no connection, or an unacceptable ACK (section 3.5.2): numbered
 * so that the peer accepts it. Never answers a reset. A timestamp comes back (RFC 7323 section 5.2).
 */
export function answerWithReset(stack: Stack, offender: Segment, ttl: number): void {
  if (offender.flags & RST) return;
  const bare = (offender.flags & ACK) === 0;
  const { tsVal } = offender.options;
  const segment: Segment = {
    version: offender.version,
    src: offender.dst,
    dst: offender.src,
    srcPort: offender.dstPort,
    dstPort: offender.srcPort,
    seq: bare ? 0 : offender.ack,
    ack: bare ? seqAdd(offender.seq, segmentLength(offender)) : 0,
    flags: bare ? RST | ACK : RST,
    window: 0,
    urgent: 0,
    options: tsVal === undefined ? NO_OPTIONS : { tsVal: 0, tsEcr: tsVal },
    payload: NOTHING,
    ttl,
    dscp: 0,
    ecn: 0,
    dontFragment: true,
    sourceRoute: undefined,
  };
  stack.counters.resetsSent++;
  stack.counters.segmentsOut++;
  if (stack.rules.beforeTransmit(segment, undefined)) stack.transmit(segment);
}

/** SEG.LEN: octets of text, SYN and FIN counted (RFC 9293 section 3.4). */
export function segmentLength(segment: Segment): number {
  const flags = segment.flags;
  return segment.payload.length + (flags & SYN ? 1 : 0) + (flags & FIN ? 1 : 0);
}

/** Did a router mark the segment (RFC 3168 section 5)? */
export function congestionExperienced(segment: Segment): boolean {
  return segment.ecn === CE;
}

/** SND.NXT; where the peer pulled its window back behind it, the window's edge, so that the peer finds it acceptable. */
function acknowledgmentSeq(tcb: Tcb): SeqNum {
  const edge = seqAdd(tcb.sndUna, tcb.sndWnd);
  return seqLt(edge, tcb.sndNxt) ? edge : tcb.sndNxt;
}

function offeredMss(tcb: Tcb): number {
  const headers = tcb.version === 4 ? 40 : 60;
  return Math.min(tcb.settings.mss, tcb.stack.linkMtu(tcb.remoteAddress) - headers, 65_535);
}

function currentOptions(tcb: Tcb, now: number): SegmentOptions {
  const sack = sackBlocks(tcb);
  if (!tcb.timestamps) return sack === undefined ? NO_OPTIONS : { sack };
  if (sack === undefined) return { tsVal: timestampNow(tcb, now), tsEcr: tcb.tsRecent };
  return { sack, tsVal: timestampNow(tcb, now), tsEcr: tcb.tsRecent };
}

function addTimestamps(tcb: Tcb, options: SegmentOptions, now: number): void {
  options.tsVal = timestampNow(tcb, now);
  options.tsEcr = tcb.tsRecent;
}

function make(
  tcb: Tcb,
  seq: SeqNum,
  ack: SeqNum,
  flags: number,
  window: number,
  urgent: number,
  payload: Uint8Array,
  options: SegmentOptions,
  ecn: number,
): Segment {
  const { settings } = tcb;
  return {
    version: tcb.version,
    src: tcb.localAddress,
    dst: tcb.remoteAddress,
    srcPort: tcb.localPort,
    dstPort: tcb.remotePort,
    seq,
    ack,
    flags,
    window,
    urgent,
    options,
    payload,
    ttl: settings.ttl,
    dscp: settings.dscp,
    ecn,
    dontFragment: !tcb.fragmentable,
    sourceRoute: tcb.sourceRoute,
  };
}

/** Every segment of a connection passes here: what it acknowledges need not be acknowledged again. */
function put(tcb: Tcb, segment: Segment): void {
  const { stack } = tcb;
  tcb.lastAckSent = tcb.rcvNxt;
  tcb.ackNow = false;
  tcb.delayedAckAt = Infinity;
  tcb.segmentsOut++;
  stack.counters.segmentsOut++;
  if (stack.rules.beforeTransmit(segment, tcb)) stack.transmit(segment);
}
