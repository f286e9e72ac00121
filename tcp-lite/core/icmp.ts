import type { IcmpError } from '../wire/segment.js';
import { terminate } from './ending.js';
import { ConnectionRefusedError, UnreachableError } from './errors.js';
import { output } from './output.js';
import { lowerPathMtu } from './path-mtu.js';
import { reportSoftError } from './reports.js';
import { rewind } from './rewind.js';
import type { Tcb } from './tcb.js';

/**
 * An ICMP error that quotes a segment of this connection (RFC 9293 section 3.9.2.2). One that quotes a sequence number
 * which is not outstanding is forged or late (RFC 5927 section 4.1) and ignored.
 */
export function icmpArrives(tcb: Tcb, error: IcmpError, now: number): void {
  const { rules } = tcb.stack;
  if (!rules.quotesOutstanding(tcb, error.seq)) return;
  switch (rules.icmpVerdict(error)) {
    case 'ignore':
      return;
    case 'soft':
      reportSoftError(tcb, {
        reason: 'icmp',
        message: icmpMessage(error),
        type: error.type,
        code: error.code,
      });
      return;
    case 'path-mtu':
      if (lowerPathMtu(tcb, error.mtu, now)) resendSmaller(tcb, now);
      return;
    case 'hard':
      terminate(tcb, hardError(tcb, error));
  }
}

/** What is outstanding may be too big: it goes again from SND.UNA on, in smaller segments. */
function resendSmaller(tcb: Tcb, now: number): void {
  if (tcb.sndUna === tcb.iss || tcb.sndUna === tcb.sndNxt) return;
  rewind(tcb);
  output(tcb, now);
}

function hardError(tcb: Tcb, error: IcmpError): ConnectionRefusedError | UnreachableError {
  const opening = tcb.state === 'SYN-SENT' || tcb.state === 'SYN-RECEIVED';
  const port = error.version === 4 ? error.code === 3 : error.code === 4;
  if (port && opening) return new ConnectionRefusedError(icmpMessage(error));
  return new UnreachableError(
    error.version === 4 && error.code === 2 ? 'ENOPROTOOPT' : 'EHOSTUNREACH',
    icmpMessage(error),
  );
}

function icmpMessage(error: IcmpError): string {
  const name = error.version === 4 ? 'ICMP' : 'ICMPv6';
  return `${name} type ${error.type} code ${error.code} about ${error.dst}:${error.dstPort}`;
}
