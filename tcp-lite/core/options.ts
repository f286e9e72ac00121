import type { SegmentOptions } from '../wire/segment.js';
import { updateMss } from './path-mtu.js';
import type { Tcb } from './tcb.js';

/** Send MSS where the peer names none: 576 or 1280 octets of packet less headers (MUST-15). */
export function defaultMss(version: 4 | 6): number {
  return version === 4 ? 536 : 1220;
}

/**
 * Takes the options of the peer's SYN or SYN,ACK: each is in use if both sides want it. A scale above 14 counts as 14
 * (RFC 7323 section 2.3); an MSS of 0 cannot be meant.
 */
export function negotiate(tcb: Tcb, options: SegmentOptions, now: number): void {
  const { settings } = tcb;
  tcb.peerMss = options.mss === undefined || options.mss === 0 ? defaultMss(tcb.version) : options.mss;
  tcb.sack = settings.sack && options.sackPermitted === true;
  tcb.windowScaling = settings.windowScale && options.windowScale !== undefined;
  tcb.sndScale = tcb.windowScaling ? Math.min(14, options.windowScale!) : 0;
  tcb.rcvScale = tcb.windowScaling ? tcb.stack.rules.windowShift(settings.receiveBuffer) : 0;
  tcb.timestamps = settings.timestamps && options.tsVal !== undefined;
  if (tcb.timestamps) {
    tcb.tsRecent = options.tsVal!;
    tcb.tsRecentAt = now;
  }
  updateMss(tcb);
}
