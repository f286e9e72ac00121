import { touchKeepAlive } from './keep-alive.js';
import { EVENT_ESTABLISHED } from './stack.js';
import type { Tcb } from './tcb.js';

/** Both SYNs are acknowledged: data may flow. */
export function establish(tcb: Tcb, now: number): void {
  const rules = tcb.stack.rules;
  tcb.state = tcb.finQueued ? 'FIN-WAIT-1' : 'ESTABLISHED';
  tcb.listener?.release(tcb);
  tcb.cwnd = rules.initialWindow(tcb);
  tcb.recover = tcb.iss;
  tcb.ecnRecover = tcb.sndUna;
  tcb.expiries = 0;
  if (tcb.synRetransmitted) tcb.rto = rules.rtoAfterSynTimeout();
  touchKeepAlive(tcb, now);
  tcb.stack.raise(tcb, EVENT_ESTABLISHED);
}
