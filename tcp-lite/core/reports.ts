import type { SoftError } from './errors.js';
import { EVENT_SOFT_ERROR } from './stack.js';
import type { Tcb } from './tcb.js';

/** ERROR_REPORT of RFC 9293 section 3.9.1.8: remembered in any case, told unless the application wants none (SHLD-20). */
export function reportSoftError(tcb: Tcb, error: SoftError): void {
  tcb.softError = error;
  if (error.reason === 'icmp') tcb.icmpError = error;
  if (tcb.settings.errorReports) tcb.stack.raise(tcb, EVENT_SOFT_ERROR);
}
