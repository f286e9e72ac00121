import { Connection } from './connection.js';
import {
  EVENT_CLOSED,
  EVENT_END,
  EVENT_ESTABLISHED,
  EVENT_READABLE,
  EVENT_SOFT_ERROR,
  EVENT_URGENT,
  EVENT_WRITABLE,
} from './stack.js';
import type { Tcb } from './tcb.js';

/** Tells the application what has happened on this connection, in the order in which it can have happened. */
export function deliverEvents(tcb: Tcb): void {
  const events = tcb.events;
  tcb.events = 0;
  if (events & EVENT_ESTABLISHED) established(tcb);
  const { connection } = tcb;
  if (connection === undefined) return;
  if (events & EVENT_URGENT) connection.onUrgent?.();
  if (events & EVENT_READABLE && tcb.reassembly.ready > 0) connection.onReadable?.();
  if (events & EVENT_WRITABLE) connection.onWritable?.();
  if (events & EVENT_END) connection.onEnd?.();
  if (events & EVENT_SOFT_ERROR && tcb.softError !== undefined) connection.onSoftError?.(tcb.softError);
  if (events & EVENT_CLOSED) connection.onClosed?.(tcb.error);
}

function established(tcb: Tcb): void {
  if (tcb.listener === undefined) {
    tcb.connection?.onEstablished?.();
    return;
  }
  tcb.connection = new Connection(tcb);
  if (tcb.listener.closed) tcb.connection.abort(tcb.lastHeardAt);
  else tcb.listener.offer(tcb.connection);
}
