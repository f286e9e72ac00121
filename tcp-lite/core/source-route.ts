import type { Segment } from '../wire/segment.js';
import { updateMss } from './path-mtu.js';
import type { Tcb } from './tcb.js';

/** The application's own route, if it gave one (RFC 9293 section 3.9.2.1, MUST-51). */
export function setSourceRoute(tcb: Tcb): void {
  if (tcb.version === 4) tcb.sourceRoute = tcb.settings.sourceRoute;
}

/**
 * A segment came along a completed source route: answer along the same, in reverse (MUST-53). A newer route takes the
 * place of an older one (SHLD-24), but never that of the application (MUST-52).
 */
export function learnSourceRoute(tcb: Tcb, segment: Segment): void {
  if (!tcb.stack.rules.learnsSourceRoute(tcb) || segment.sourceRoute === undefined) return;
  tcb.sourceRoute = [...segment.sourceRoute].reverse();
  updateMss(tcb);
}

/** Octets of IP options that the route takes: type, length, pointer, an address for each gateway, padding. */
export function sourceRouteLength(tcb: Tcb): number {
  return tcb.sourceRoute === undefined ? 0 : 4 + 4 * tcb.sourceRoute.length;
}
