import { OPEN, type Tcb } from './tcb.js';

/**
 * What is outstanding counts as unsent again, and goes out anew from SND.UNA on as the window allows: when the window
 * shrank to nothing (RFC 9293 section 3.8.6) or the path turned out to carry less. SND.MAX remembers what was out, so
 * that late acknowledgments are still good, and nothing is timed until it is passed (Karn).
 */
export function rewind(tcb: Tcb): void {
  tcb.sndNxt = tcb.sndUna;
  tcb.retransmitAt = Infinity;
  tcb.scoreboard.clear();
  tcb.recovery = OPEN;
  tcb.recover = tcb.sndMax;
  tcb.dupAcks = 0;
  tcb.limitedOctets = 0;
  tcb.timing = false;
}
