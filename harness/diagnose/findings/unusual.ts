import { flagNames } from '../../dissect/packet.js';
import type { Draft, View } from '../view.js';
import { capital, count, duration, framesText, list, octets } from '../words.js';
import { icmpWords } from './syn-unanswered.js';

/** Flag combinations that no TCP sends: probes of scanners, or broken stacks. */
export function strangeFlags(view: View): Draft | undefined {
  const { strangeFlags: strange } = view.c;
  const [first] = strange.items;
  if (first === undefined) return undefined;
  view.claim(view.openResets.filter((reset) => reset.trigger?.kind === 'strange-flags'));
  const names = [...new Set(strange.items.map((item) => flagNames(item.flags)))];
  const kind = scanName(first.flags & 0x3f);
  return {
    id: 'strange-flags',
    severity: 'warning',
    frames: strange.items.map((item) => item.frame),
    title: `Packets with flags that no TCP sends: ${list(names)}`,
    explanation:
      `${capital(
        framesText(
          strange.items.map((item) => item.frame),
          strange.count,
        ),
      )}: ${kind === undefined ? 'no state of RFC 9293 produces them' : `as ${kind} sends them, to find out from the answer whether the port is open`}. ` +
      `A host answers with a reset when the port is closed, and not at all when it is open.`,
    remedy: `Find out who probes; a firewall that keeps state drops such packets.`,
    facts: { packets: strange.count },
  };
}

function scanName(flags: number): string | undefined {
  if (flags === 0) return 'a NULL scan';
  if (flags === 0x29) return 'an Xmas scan';
  if (flags === 0x01) return 'a FIN scan';
  return undefined;
}

/** Acknowledgments of what was never sent. */
export function falseAcknowledgments(view: View): Draft[] {
  return view.c.ends.flatMap((end) => {
    if (end.falseAcks === 0) return [];
    const frames = end.incidents.falseAckFrames.items;
    const peer = view.role(view.peer(end));
    const draft: Draft = {
      id: 'acknowledges-unsent-data',
      severity: 'warning',
      end: peer,
      frames: [...frames],
      title: `The ${peer} acknowledges data that were never sent`,
      explanation:
        `${capital(framesText(frames, end.falseAcks))} acknowledge${frames.length === 1 ? 's' : ''} more than the ${view.role(end)} had sent; it then went on from where it was, so nothing is missing in the capture. ` +
        `RFC 9293 section 3.10.7.4: the receiver of such an ACK answers with an ACK and drops the segment.`,
      remedy: `A broken stack, a device that rewrites sequence numbers on one side only, or an injected packet.`,
    };
    return [draft];
  });
}

/** Segments of no window: another connection's, or injected. */
export function outOfWindow(view: View): Draft | undefined {
  const { foreign } = view.c;
  const [first] = foreign.items;
  if (first === undefined) return undefined;
  return {
    id: 'out-of-window',
    severity: 'warning',
    end: view.role(first.from),
    frames: foreign.items.map((item) => item.frame),
    title: `${count(foreign.count, 'packet')} outside every window`,
    explanation:
      `${capital(
        framesText(
          foreign.items.map((item) => item.frame),
          foreign.count,
        ),
      )} of the ${view.role(first.from)} ${foreign.count === 1 ? 'has' : 'have'} sequence numbers far outside what the other end ever offered to take: left over from an older ` +
      `connection on the same ports, or made by someone else. The receiver drops them and answers with an ACK.`,
    remedy: `Look at TTL and IP identification of these frames; ports that are used again too soon cause it too.`,
  };
}

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
    const smallPassed = end.una > 1 || end.fin !== undefined;
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

/** ICMP errors about a connection that was up. */
export function icmpErrors(view: View): Draft | undefined {
  if (view.server.packets === 0) return undefined;
  const errors = view.icmp.filter(
    (fact) =>
      !(fact.version === 4 && fact.type === 3 && fact.code === 4) && !(fact.version === 6 && fact.type === 2),
  );
  const [first] = errors;
  if (first === undefined) return undefined;
  return {
    id: 'icmp-errors',
    severity: 'warning',
    frames: errors.map((fact) => fact.frame),
    title: `ICMP errors about this connection: ${icmpWords(first)}`,
    explanation: `${first.from} reports: ${icmpWords(first)} (${framesText(errors.map((fact) => fact.frame))}). On an established connection these are soft errors: the ends keep trying.`,
    remedy: `See what happened to the route or the firewall at ${first.from} at that time.`,
  };
}

/** Simultaneous open: both ends sent a SYN. */
export function simultaneousOpen(view: View): Draft | undefined {
  const { handshake } = view.c;
  if (!handshake.simultaneous) return undefined;
  return {
    id: 'simultaneous-open',
    severity: 'note',
    frames: handshake.syns.items.map((syn) => syn.frame),
    title: 'Simultaneous open: both ends sent a SYN',
    explanation: `Frames ${list(handshake.syns.items.slice(0, 4).map((syn) => String(syn.frame)))} are SYNs of both ends without ACK, which crossed. In order (RFC 9293 figure 7), and rare outside of NAT traversal.`,
  };
}

/** Ports used again within the capture. */
export function portReuse(view: View): Draft | undefined {
  if (view.c.incarnation < 2) return undefined;
  return {
    id: 'port-reuse',
    severity: 'note',
    frames: [view.c.firstFrame],
    title: `The same ports again: connection number ${view.c.incarnation} on this pair of endpoints`,
    explanation: `Frame ${view.c.firstFrame} opens a new connection between the same addresses and ports as an earlier one, with the same initial sequence number, so that Wireshark counts both as one stream. They are judged apart here.`,
  };
}

/** Data with the SYN (TCP Fast Open). */
export function fastOpen(view: View): Draft | undefined {
  const [syn] = view.c.handshake.syns.items;
  if (syn === undefined || syn.len === 0) return undefined;
  const taken = view.client.una > 1 && view.c.handshake.synAcks.count > 0;
  return {
    id: 'data-in-syn',
    severity: 'note',
    end: 'client',
    frames: [syn.frame, ...view.c.handshake.synAcks.items.slice(0, 1).map((synAck) => synAck.frame)],
    title: `The SYN carries ${octets(syn.len)} of data`,
    explanation: `TCP Fast Open (RFC 7413), or a stack that may; ${taken ? 'the connection went on' : 'the server did not answer'}${view.c.handshake.toServer === undefined ? '' : ` after ${duration(view.c.handshake.toServer * 1000)}`}.`,
  };
}
