import { terminate } from './ending.js';
import { ClosingError, ConnectionAbortedError, ConnectionResetError, type TcpError } from './errors.js';
import { finAcknowledged } from './ack.js';
import { output } from './output.js';
import { sendAck, sendControl, sendReset } from './segment-out.js';
import { seqAdd, seqDiff } from './seq.js';
import type { Tcb } from './tcb.js';
import { windowUpdateDue } from './window.js';

/**
 * SEND (RFC 9293 section 3.10.2): takes what fits the send buffer and returns how many octets that was. `urgent` marks
 * everything up to the end of it (MUST-30, MUST-62). Throws ClosingError once the sending side is closed.
 */
export function send(tcb: Tcb, data: Uint8Array, urgent: boolean, now: number): number {
  if (tcb.finQueued || tcb.readClosed || !maySend(tcb)) throw tcb.error ?? new ClosingError();
  const taken = tcb.sendBuffer.append(data, tcb.settings.sendBuffer);
  if (taken < data.length) tcb.wantsWritable = true;
  if (urgent && taken > 0) {
    tcb.sndUp = seqAdd(tcb.sendBase, tcb.sendBuffer.length);
    tcb.sndUrgent = true;
  }
  if (tcb.state === 'SYN-SENT' || tcb.state === 'SYN-RECEIVED') return taken;
  output(tcb, now);
  // A closed window does not keep the news that urgent data is coming (section 3.8.5).
  if (urgent && taken > 0 && tcb.sndWnd <= seqDiff(tcb.sndNxt, tcb.sndUna)) sendControl(tcb, tcb.sndNxt, now);
  return taken;
}

/**
 * RECEIVE (section 3.10.3): up to `max` octets in order, not beyond the end of urgent data; undefined when there are
 * none. May tell the peer of the window that opens.
 */
export function receive(tcb: Tcb, max: number, now: number): Uint8Array | undefined {
  const before = urgentOctets(tcb);
  const data = tcb.reassembly.read(before > 0 ? Math.min(max, before) : max);
  if (before > 0 && urgentOctets(tcb) === 0) tcb.rcvUrgent = false;
  if (data.length === 0) return undefined;
  tellWindow(tcb, now);
  return data;
}

/** There is more room: tell the peer if that is worth an ACK of its own. */
export function tellWindow(tcb: Tcb, now: number): void {
  if (receivesText(tcb) && windowUpdateDue(tcb)) sendAck(tcb, now);
}

/** Octets of urgent data not yet read, as far as the urgent pointer tells (MUST-33). */
export function urgentOctets(tcb: Tcb): number {
  if (!tcb.rcvUrgent) return 0;
  const fin = tcb.finReceived ? 1 : 0;
  const consumed = seqAdd(tcb.rcvNxt, -tcb.reassembly.ready - fin);
  return Math.max(0, seqDiff(tcb.rcvUp, consumed));
}

/** CLOSE of RFC 9293 section 3.10.4: no more will be sent, but what comes is still received. */
export function closeSending(tcb: Tcb, now: number): void {
  if (tcb.finQueued) return;
  switch (tcb.state) {
    case 'SYN-SENT':
      // As for sends: queued until the connection is established.
      tcb.finQueued = true;
      return;
    case 'SYN-RECEIVED':
      tcb.finQueued = true;
      if (tcb.sendBuffer.length > 0) return;
      tcb.state = 'FIN-WAIT-1';
      break;
    case 'ESTABLISHED':
      tcb.finQueued = true;
      tcb.state = 'FIN-WAIT-1';
      break;
    case 'CLOSE-WAIT':
      tcb.finQueued = true;
      break;
    default:
      return;
  }
  output(tcb, now);
}

/**
 * What most APIs call close: both halves. Unread data is lost, and the peer learns so by a reset (SHLD-3, RFC 2525
 * section 2.17); else a FIN goes out behind what is queued.
 */
export function closeBoth(tcb: Tcb, now: number): void {
  if (tcb.readClosed || tcb.state === 'CLOSED') return;
  const unread = tcb.reassembly.ready > 0 || tcb.reassembly.lefts.length > 0;
  tcb.readClosed = true;
  if (unread && tcb.state !== 'TIME-WAIT' && tcb.stack.rules.resetsOnUnreadData()) {
    abortConnection(tcb, now, new ConnectionResetError('the connection was closed with data unread'));
    return;
  }
  tcb.reassembly.clear();
  if (tcb.state === 'SYN-SENT') {
    // Section 3.10.4: the attempt is given up.
    terminate(tcb);
    return;
  }
  closeSending(tcb, now);
  if (tcb.state === 'FIN-WAIT-2' && tcb.timeWaitAt === Infinity && finAcknowledged(tcb)) {
    tcb.timeWaitAt = now + tcb.stack.rules.finWait2Ms(tcb);
    tcb.stack.wake(tcb, tcb.timeWaitAt);
  }
}

/** ABORT (section 3.10.5): a reset in the states that can still exchange data, silence in the others. */
export function abortConnection(tcb: Tcb, now: number, error: TcpError = new ConnectionAbortedError()): void {
  switch (tcb.state) {
    case 'SYN-RECEIVED':
    case 'ESTABLISHED':
    case 'FIN-WAIT-1':
    case 'FIN-WAIT-2':
    case 'CLOSE-WAIT':
      sendReset(tcb, now);
      break;
    default:
  }
  terminate(tcb, error);
}

/** The peer may still send text. */
function receivesText(tcb: Tcb): boolean {
  return tcb.state === 'ESTABLISHED' || tcb.state === 'FIN-WAIT-1' || tcb.state === 'FIN-WAIT-2';
}

function maySend(tcb: Tcb): boolean {
  switch (tcb.state) {
    case 'SYN-SENT':
    case 'SYN-RECEIVED':
    case 'ESTABLISHED':
    case 'CLOSE-WAIT':
      return true;
    default:
      return false;
  }
}
