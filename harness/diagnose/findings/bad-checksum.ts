import type { Draft, View } from '../view.js';
import { count, endpoint, framesText } from '../words.js';
import { isOffloaded } from './capture-offload.js';

/** A checksum that is really wrong: damage on the way, or a sender that cannot sum. */
export function badChecksum(view: View): Draft[] {
  return view.c.ends.flatMap((end) => {
    const bad = end.incidents.badChecksums.items.filter((item) => !item.partial);
    if (bad.length === 0 || isOffloaded(end)) return [];
    const frames = bad.map((item) => item.frame);
    const always = end.goodChecksums === 0;
    const draft: Draft = {
      id: 'bad-checksum',
      severity: always ? 'error' : 'warning',
      end: view.role(end),
      frames,
      title: `${count(bad.length, 'packet')} of the ${view.role(end)} with a wrong TCP checksum`,
      explanation:
        `The checksum of ${framesText(frames, bad.length)} does not fit the content` +
        (always
          ? `, and no packet of ${endpoint(end)} has a right one, none of which the peer accepts: its stack computes the sum wrongly (the pseudo header, ` +
            `the odd last octet and the byte order are the usual places), or a device on the way rewrites packets without correcting it.`
          : `, while ${count(end.goodChecksums, 'other packet')} of the same end are right: damaged on the way (cable, memory of a device, a ` +
            `rewriting middlebox). The receiver must drop ${bad.length === 1 ? 'it' : 'them'} without an answer (RFC 9293, MUST-3), and the sender repeats.`),
      remedy: always
        ? `Check the sender's checksum code against RFC 9293 section 3.1.`
        : `Look at the error counters of interfaces and switches on the way (ethtool -S, CRC errors).`,
      facts: { packets: bad.length },
    };
    return [draft];
  });
}
