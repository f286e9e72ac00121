import { diagnose } from '../diagnose/index.js';
import type { Finding } from '../diagnose/report.js';
import type { Dissection } from '../dissect/dissector.js';
import type { Packet } from '../dissect/packet.js';

/**
 * What an analyst would say about a case. A capture of the lab that lost frames is never judged, so what looks as if it had
 * is an acknowledgment of what was not sent.
 */
export function labFindings(packets: readonly Packet[], { others }: Pick<Dissection, 'others'>): Finding[] {
  return diagnose(packets, others)
    .flatMap((report) => report.findings)
    .filter(({ id }) => id !== 'capture-dropped-packets');
}
