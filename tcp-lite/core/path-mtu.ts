import type { Tcb } from './tcb.js';
import { OPEN } from './tcb.js';

/** A lower path MTU is forgotten after this long, ms (RFC 1191 section 6.3, RFC 8201 section 4: ten minutes). */
const MTU_LIFETIME_MS = 600_000;

/** MTUs of common links, for routers that do not say theirs (RFC 1191 section 7). */
const PLATEAUS = [32000, 17914, 8166, 4352, 2002, 1492, 1280, 1006, 576, 508, 296, 68];

/** Eff.snd.MSS from what is known of peer and path. */
export function updateMss(tcb: Tcb): void {
  tcb.sndMss = tcb.stack.rules.effectiveMss(tcb);
}

/**
 * A router carries only `mtu` octets (0: it did not say) on this connection's path (RFC 1191, RFC 8201). Segments too
 * big are sent again at once, smaller; the loss says nothing of congestion. Returns false if that is nothing new.
 */
export function lowerPathMtu(tcb: Tcb, mtu: number, now: number): boolean {
  const smallest = tcb.stack.rules.smallestPathMtu(tcb.version);
  const told = mtu > 0 ? mtu : (PLATEAUS.find((plateau) => plateau < tcb.pathMtu) ?? smallest);
  if (told >= tcb.pathMtu) return false;
  tcb.fragmentable = told < smallest && tcb.version === 4;
  tcb.pathMtu = Math.max(told, smallest);
  tcb.pathMtuExpiresAt = now + MTU_LIFETIME_MS;
  rescale(tcb);
  return true;
}

/** The lower MTU has had its time: try what the link carries. */
export function restorePathMtu(tcb: Tcb): void {
  tcb.pathMtuExpiresAt = Infinity;
  tcb.pathMtu = tcb.stack.linkMtu(tcb.remoteAddress);
  tcb.fragmentable = false;
  rescale(tcb);
}

function rescale(tcb: Tcb): void {
  updateMss(tcb);
  if (tcb.cwnd < tcb.sndMss) tcb.cwnd = tcb.sndMss;
  if (tcb.recovery === OPEN) tcb.dupAcks = 0;
}
