import { defaultMss } from './options.js';
import { updateMss } from './path-mtu.js';
import { setSourceRoute } from './source-route.js';
import { seqAdd } from './seq.js';
import type { Tcb } from './tcb.js';

/** What active and passive open share: the path, the ISS, SND.UNA = ISS, SND.NXT = ISS+1 (RFC 9293 section 3.10.1). */
export function prepare(tcb: Tcb, now: number): void {
  const { stack, settings } = tcb;
  const numbers = stack.initialNumbers(tcb, now);
  tcb.iss = settings.isn ?? numbers.iss;
  tcb.tsOffset = numbers.tsOffset;
  tcb.sndUna = tcb.iss;
  tcb.sndNxt = seqAdd(tcb.iss, 1);
  tcb.sndMax = tcb.sndNxt;
  tcb.sendBase = tcb.sndNxt;
  tcb.recover = tcb.iss;
  tcb.pathMtu = stack.linkMtu(tcb.remoteAddress);
  tcb.peerMss = defaultMss(tcb.version);
  tcb.rcvMss = tcb.peerMss;
  setSourceRoute(tcb);
  updateMss(tcb);
  tcb.cwnd = tcb.sndMss;
  tcb.rto = stack.rules.initialRto();
  tcb.unackedSince = now;
  tcb.lastHeardAt = now;
  tcb.timing = true;
  tcb.timedSeq = tcb.sndNxt;
  tcb.timedAt = now;
}
