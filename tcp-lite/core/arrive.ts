import type { Segment } from '../wire/segment.js';
import { arriveSynSent } from './arrive-syn-sent.js';
import { arriveSynchronized } from './arrive-synchronized.js';
import { tryFastPath } from './fast-path.js';
import type { Tcb } from './tcb.js';

/** SEGMENT ARRIVES for a connection that exists (RFC 9293 sections 3.10.7.3 and 3.10.7.4). */
export function arrive(tcb: Tcb, segment: Segment, now: number): void {
  tcb.segmentsIn++;
  tcb.lastDscp = segment.dscp;
  if (tcb.state === 'ESTABLISHED' && tryFastPath(tcb, segment, now)) return;
  if (tcb.state === 'SYN-SENT') arriveSynSent(tcb, segment, now);
  else arriveSynchronized(tcb, segment, now);
}
