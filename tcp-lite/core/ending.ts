import { ConnectionTimedOutError, type TcpError } from './errors.js';
import { EVENT_CLOSED } from './stack.js';
import type { Tcb } from './tcb.js';

/** Deletes the TCB and enters CLOSED; the application learns why, or that all went well. */
export function terminate(tcb: Tcb, error?: TcpError): void {
  if (tcb.state === 'CLOSED') return;
  tcb.state = 'CLOSED';
  stopTimers(tcb);
  tcb.heldSegment = undefined;
  tcb.sendBuffer.clear();
  tcb.scoreboard.clear();
  tcb.listener?.release(tcb);
  tcb.stack.remove(tcb);
  // "All segment queues should be flushed"; after an orderly end the application may still read what came.
  if (error !== undefined) tcb.reassembly.clear();
  reportClosed(tcb, error);
}

/** R2, user timeout or keep-alive (RFC 9293 section 3.10.8): no segment tells the peer. */
export function timeOut(tcb: Tcb, message: string): void {
  terminate(tcb, new ConnectionTimedOutError(message, tcb.icmpError));
}

/** TIME-WAIT for twice the MSL (MUST-13), all other timers off. For the application the connection is over. */
export function enterTimeWait(tcb: Tcb, now: number): void {
  tcb.state = 'TIME-WAIT';
  stopTimers(tcb);
  tcb.sendBuffer.clear();
  tcb.scoreboard.clear();
  restartTimeWait(tcb, now);
  reportClosed(tcb, undefined);
}

export function restartTimeWait(tcb: Tcb, now: number): void {
  tcb.timeWaitAt = now + tcb.stack.rules.timeWaitMs(tcb);
  tcb.stack.wake(tcb, tcb.timeWaitAt);
}

function stopTimers(tcb: Tcb): void {
  tcb.retransmitAt = Infinity;
  tcb.persistAt = Infinity;
  tcb.delayedAckAt = Infinity;
  tcb.keepAliveAt = Infinity;
  tcb.timeWaitAt = Infinity;
}

function reportClosed(tcb: Tcb, error: TcpError | undefined): void {
  if (tcb.closedReported) return;
  tcb.closedReported = true;
  tcb.error = error;
  tcb.stack.raise(tcb, EVENT_CLOSED);
}
