import type { IcmpFact } from '../capture-facts.js';
import type { Draft, View } from '../view.js';
import { count, duration, endpoint, framesText, list } from '../words.js';

/** SYNs without any answer: filtered, no such host, or nobody home. */
export function synUnanswered(view: View): Draft | undefined {
  const { c, server } = view;
  const { syns } = c.handshake;
  if (syns.count === 0 || server.packets > 0 || view.oneDirection !== undefined) return undefined;
  if (c.handshake.simultaneous) return undefined;
  const frames = syns.items.map((syn) => syn.frame);
  const waited = view.silentEndMs + (c.lastTime - c.startTime) * 1000;
  const sure = syns.count > 1 || waited >= 3000;
  const icmp = view.icmp[0];
  const abandoned = c.resets.count > 0 ? ' The client then gave the attempt up itself, with a reset.' : '';
  view.claim(c.resets.items);
  return {
    id: icmp === undefined ? 'syn-unanswered' : 'destination-unreachable',
    severity: sure || icmp !== undefined ? 'error' : 'warning',
    end: 'server',
    frames: [...frames, ...view.icmp.map((fact) => fact.frame)],
    title:
      icmp === undefined
        ? `No answer to ${count(syns.count, 'SYN')} to ${endpoint(server)}`
        : `${endpoint(server)} cannot be reached: ${icmpWords(icmp)}`,
    explanation:
      `The client sent ${count(syns.count, 'SYN')} (${framesText(frames, syns.count)})${gaps(view)} and got neither a SYN,ACK nor ` +
      `a reset within ${duration(waited)}.${icmp === undefined ? reason(view, sure) : icmpReason(icmp)}${abandoned}`,
    remedy:
      icmp === undefined
        ? `Look for a firewall or security group that drops the port silently, check that the host is up and the route ` +
          `back exists, and capture on the server to see whether the SYN arrives there.`
        : `Ask the operator of ${icmp.from} for the rule or route; a captured ICMP error names the router that refused.`,
    facts: { syns: syns.count, waitedMs: Math.round(waited) },
  };
}

/** A SYN that needed repeating before it was answered. */
export function synRepeated(view: View): Draft | undefined {
  const { handshake } = view.c;
  const own = handshake.syns.items.filter((syn) => syn.from === view.client);
  const [answer] = handshake.synAcks.items;
  if (own.length < 2 || answer === undefined || handshake.simultaneous) return undefined;
  const before = own.filter((syn) => syn.frame < answer.frame);
  const [first] = before;
  if (before.length < 2 || first === undefined) return undefined;
  return {
    id: 'syn-repeated',
    severity: 'warning',
    end: 'server',
    frames: [...before.map((syn) => syn.frame), answer.frame],
    title: `The connection needed ${before.length} SYNs: set up ${duration((answer.time - first.time) * 1000)} late`,
    explanation:
      `The first SYN (frame ${first.frame}) got no answer; ${list(before.slice(1).map((syn) => `frame ${syn.frame}`))} repeated it${gaps(view)}, ` +
      `and frame ${answer.frame} answered. The SYN or its SYN,ACK was lost, or the server did not take it at first: a listen ` +
      `queue that overflows drops SYNs exactly so.`,
    remedy: `If it happens often, look at the listen queue on the server (nstat -az TcpExtListenDrops, ss -ltn) before blaming the network.`,
    facts: { syns: before.length, lateMs: Math.round((answer.time - first.time) * 1000) },
  };
}

function gaps(view: View): string {
  const syns = view.c.handshake.syns.items;
  if (syns.length < 2) return '';
  const waits = syns.slice(1).map((syn, i) => (syn.time - (syns[i]?.time ?? syn.time)) * 1000);
  const doubling = waits.length > 1 && waits.slice(1).every((wait, i) => wait > 1.5 * (waits[i] ?? 0));
  return `, ${list(waits.map(duration))} apart${doubling ? ' - the exponential back-off of the retransmission timer' : ''}`;
}

function reason(view: View, sure: boolean): string {
  if (!sure) return ` The capture ends too soon to say more.`;
  const asked = view.facts.asked.get(view.server.address);
  if (asked !== undefined && !view.facts.answered.has(view.server.address)) {
    return ` ARP requests for ${view.server.address} (${framesText(asked)}) went unanswered too: no such host on this link, or it is down.`;
  }
  return (
    ` A host that is up and has nothing listening would have answered with a reset, so the packets were dropped on the way ` +
    `(a firewall, "filtered") or the host is not there, or its listen queue is full, or the answer takes another way.`
  );
}

function icmpReason(icmp: IcmpFact): string {
  return ` ${icmp.from} said why in frame ${icmp.frame}: ${icmpWords(icmp)} (ICMP type ${icmp.type}, code ${icmp.code}).`;
}

const UNREACHABLE_4: Record<number, string> = {
  0: 'network unreachable',
  1: 'host unreachable',
  2: 'protocol unreachable',
  3: 'port unreachable',
  4: 'fragmentation needed',
  9: 'network administratively prohibited',
  10: 'host administratively prohibited',
  13: 'communication administratively prohibited by a filter',
};

const UNREACHABLE_6: Record<number, string> = {
  0: 'no route to destination',
  1: 'administratively prohibited',
  3: 'address unreachable',
  4: 'port unreachable',
  5: 'source address failed policy',
  6: 'reject route',
};

/** What an ICMP error says, in words. */
export function icmpWords(icmp: IcmpFact): string {
  if (icmp.version === 4 && icmp.type === 3) return UNREACHABLE_4[icmp.code] ?? 'destination unreachable';
  if (icmp.version === 6 && icmp.type === 1) return UNREACHABLE_6[icmp.code] ?? 'destination unreachable';
  if (icmp.version === 6 && icmp.type === 2) return 'packet too big';
  if (icmp.type === (icmp.version === 4 ? 11 : 3)) return 'time to live exceeded';
  return icmp.info;
}
