import { terminate } from './ending.js';
import { sendControl, sendReset } from './segment-out.js';
import { seqAdd } from './seq.js';
import type { Tcb } from './tcb.js';
import { ConnectionTimedOutError } from './errors.js';

const GARBAGE = new Uint8Array(1);

/** A segment came in, or keep-alive was switched: the idle time starts afresh (RFC 9293 section 3.8.4). */
export function touchKeepAlive(tcb: Tcb, now: number): void {
  tcb.lastHeardAt = now;
  tcb.keepAliveProbes = 0;
  if (!tcb.stack.rules.keepAliveOn(tcb)) {
    tcb.keepAliveAt = Infinity;
    return;
  }
  tcb.keepAliveAt = now + tcb.stack.rules.keepAliveIdleMs(tcb);
  tcb.stack.wake(tcb, tcb.keepAliveAt);
}

/**
 * The connection has been idle for long: probe below SND.NXT, empty or with one garbage octet (SHLD-12, MAY-6). Only
 * when nothing is outstanding (MUST-26); only several unanswered probes end the connection (MUST-29).
 */
export function keepAliveTimeout(tcb: Tcb, now: number): void {
  const { settings, stack } = tcb;
  if (!stack.rules.keepAliveOn(tcb)) {
    tcb.keepAliveAt = Infinity;
    return;
  }
  if (tcb.sndUna !== tcb.sndNxt || tcb.persistAt !== Infinity) {
    touchKeepAlive(tcb, now);
    return;
  }
  if (tcb.keepAliveProbes >= Math.max(2, settings.keepAliveCount)) {
    const message = `no answer to ${tcb.keepAliveProbes} keep-alive probes`;
    sendReset(tcb, now);
    terminate(tcb, new ConnectionTimedOutError(message, tcb.icmpError));
    return;
  }
  tcb.keepAliveProbes++;
  tcb.keepAliveAt = now + settings.keepAliveIntervalMs;
  stack.wake(tcb, tcb.keepAliveAt);
  sendControl(tcb, seqAdd(tcb.sndNxt, -1), now, settings.keepAliveOctet ? GARBAGE : undefined);
}
