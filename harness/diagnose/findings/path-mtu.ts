import type { Draft, View } from '../view.js';
import { count, octets } from '../words.js';
import { icmpWords } from './syn-unanswered.js';

/** Large segments vanish while small ones pass: a path MTU that nobody was told of. */
export function pathMtu(view: View): Draft[] {
  const tooBig = view.icmp.filter(
    (fact) =>
      (fact.version === 4 && fact.type === 3 && fact.code === 4) || (fact.version === 6 && fact.type === 2),
  );
  const [first] = tooBig;
  if (first !== undefined) {
    return [
      {
        id: 'path-mtu',
        severity: 'note',
        frames: tooBig.map((fact) => fact.frame),
        title: `The path takes only ${first.mtu === undefined || first.mtu === 0 ? 'smaller packets' : `packets of ${first.mtu} octets`}: path MTU discovery at work`,
        explanation: `${first.from} could not forward a packet and said so (frame ${first.frame}: ${icmpWords(first)}${first.mtu ? `, next-hop MTU ${first.mtu}` : ''}). The sender has to send smaller segments from then on.`,
      },
    ];
  }
  return view.c.ends.flatMap((end) => {
    const series = end.longestTimeoutSeries;
    const size = end.maxPayload;
    if (series === undefined || series.frames.length < 3 || end.una > series.start || size < 1200) return [];
    const lost = end.incidents.retransmissions.items.filter((repeat) => repeat.start === series.start);
    const full = lost.length > 0 && lost.every((repeat) => repeat.end - repeat.start >= Math.min(size, 1200));
    // Its pure ACKs got through, or the peer would have repeated what they acknowledge.
    const peer = view.peer(end);
    const smallPassed = end.una > 1 || (peer.una > 1 && peer.incidents.retransmissions.count === 0);
    if (!full || !smallPassed) return [];
    const draft: Draft = {
      id: 'path-mtu-black-hole',
      severity: 'error',
      end: view.role(end),
      frames: series.frames,
      title: `Full-size segments of the ${view.role(end)} vanish, small ones pass: a path MTU black hole`,
      explanation:
        `Everything small got through, but the segment of ${octets(lost[0] === undefined ? size : lost[0].end - lost[0].start)} at octet ${series.start} was sent ${count(series.frames.length + 1, 'time')} in vain, and no ICMP "fragmentation needed" came. ` +
        `A link on the way takes only smaller packets, and the message that says so is filtered.`,
      remedy: `Let ICMP "fragmentation needed" (type 3 code 4) and ICMPv6 "packet too big" pass, clamp the MSS at the tunnel, or switch on MTU probing (net.ipv4.tcp_mtu_probing=1).`,
    };
    return [draft];
  });
}
