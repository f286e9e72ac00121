import { countsIds, hops } from '../fingerprint.js';
import type { ResetFact } from '../resets.js';
import type { Draft, View } from '../view.js';
import { capital, count, duration, framesText, list, octets } from '../words.js';

/** A reset that did not come from the end whose address it bears. */
export function injectedReset(view: View): Draft | undefined {
  const judged = view.openResets
    .map((reset) => ({ reset, reasons: signs(view, reset) }))
    .filter(({ reasons }) => reasons.length > 0);
  const [first] = judged;
  if (first === undefined) return undefined;
  const resets = judged.map(({ reset }) => reset);
  view.claim(resets);
  view.claimConsequences(first.reset);
  const { from } = first.reset;
  const frames = resets.map((reset) => reset.frame);
  return {
    id: 'injected-reset',
    severity: 'error',
    end: view.role(from),
    frames,
    title: `The reset in frame ${first.reset.frame} was not sent by ${view.name(from)}: injected on the way`,
    explanation:
      `${capital(framesText(frames))} ${frames.length === 1 ? 'bears' : 'bear'} the address of ${view.name(from)}, but ${list(first.reasons)}. ` +
      `A device between the two ends made it: a firewall, an intrusion prevention or content filter, or an attacker who sees the traffic. ` +
      `${judged.length > 1 ? `${judged.length} such resets were captured. ` : ''}`,
    remedy: `Capture at ${view.name(from)} as well: it will not have sent the packet. Then ask who runs the devices between; encryption at the network layer keeps them out.`,
    facts: { resets: frames.length },
  };
}

/** Below this number of routers two initial TTLs cannot be told from two distances. */
function signs(view: View, reset: ResetFact): string[] {
  const strong: string[] = [];
  const weak: string[] = [];
  const { from, usualTtl } = reset;
  if (
    usualTtl !== undefined &&
    usualTtl !== reset.ttl &&
    reset.ownPackets >= 1 &&
    hops(usualTtl) !== hops(reset.ttl)
  ) {
    const own = from.fingerprint.ttls.find((entry) => entry.ttl === reset.ttl);
    if (own === undefined) {
      strong.push(
        `its TTL is ${reset.ttl} where the other ${count(reset.ownPackets, 'packet')} of that end ${reset.ownPackets === 1 ? 'has' : 'have'} ${usualTtl}`,
      );
    }
  }
  const print = from.fingerprint;
  if (reset.id !== undefined && reset.id !== 0 && countsIds(print) && print.lastId !== undefined) {
    const distance = Math.min((reset.id - print.lastId) & 0xffff, (print.lastId - reset.id) & 0xffff);
    if (distance > 2000)
      weak.push(
        `its IP identification ${reset.id} does not fit the count of that end (near ${print.lastId})`,
      );
  }
  const path = from.minResponse;
  const { trigger } = reset;
  if (trigger !== undefined && path !== undefined && path > 0.002 && reset.frame > trigger.frame) {
    const took = reset.time - trigger.time;
    const answers = reset.closedStyle || reset.ackRaw === trigger.endRaw;
    const ownSilent = reset.ownBefore === undefined || reset.ownBefore.frame < trigger.frame;
    if (answers && ownSilent && took < path / 3) {
      weak.push(
        `it answers frame ${trigger.frame} after ${duration(took * 1000)}, when that end needs at least ${duration(path * 1000)} to answer`,
      );
    }
  }
  const alive = reset.continued.items.filter((packet) => LIVELY.has(packet.kind));
  if (alive.length > 0 && reset.phase !== 'syn-sent') {
    const frames = alive.map((packet) => packet.frame);
    weak.push(`that end goes on as if it knew nothing of it (${framesText(frames)})`);
  }
  // A closed port's answer to the SYN,ACK tells nothing: a scanner's SYN and its kernel's reset differ as well.
  if (reset.phase === 'handshake' && reset.closedStyle && alive.length === 0) return [];
  return strong.length > 0 || weak.length >= 2 || (alive.length > 0 && weak.length > 0 && !reset.closedStyle)
    ? [...strong, ...weak]
    : [];
}

/** Kinds that an end sends only while it believes in the connection. */
const LIVELY = new Set([
  'data',
  'window-full',
  'ack',
  'fin',
  'gap',
  'keep-alive',
  'window-update',
  'timeout-retransmission',
  'fast-retransmission',
]);

/** Resets of established connections: by whom, and for which kind of reason. */
export function establishedResets(view: View): Draft[] {
  const drafts: Draft[] = [];
  for (const end of view.c.ends) {
    const resets = view.openResets.filter((reset) => reset.from === end && reset.phase !== 'syn-sent');
    const [first] = resets;
    if (first === undefined) continue;
    view.claim(resets);
    drafts.push(established(view, first, resets));
  }
  return drafts;
}

interface Cause {
  id: string;
  severity?: Draft['severity'];
  title: string;
  words: string;
  remedy: string;
}

function established(view: View, reset: ResetFact, resets: ResetFact[]): Draft {
  const cause = causeOf(view, reset);
  const frames = resets.map((one) => one.frame);
  const state = `After ${octets(view.client.uniqueOctets)} from the client and ${octets(view.server.uniqueOctets)} from the server`;
  const form = reset.hasAck ? 'RST,ACK' : 'RST';
  const lost = reset.peerOctets === 0 && reset.ownOctets === 0 ? 'No data had been exchanged.' : '';
  return {
    id: cause.id,
    severity: cause.severity ?? 'error',
    end: view.role(reset.from),
    frames: [...(reset.trigger ? [reset.trigger.frame] : []), ...frames],
    title: cause.title,
    explanation:
      `${state}, ${view.name(reset.from)} resets the connection (${form}, ${framesText(frames)}, sequence number ${reset.seqRaw}, window ${reset.window}). ` +
      `${cause.words}${lost === '' ? '' : ` ${lost}`}${positionWords(reset)}`,
    remedy: cause.remedy,
    facts: { resets: resets.length, phase: reset.phase },
  };
}

function positionWords(reset: ResetFact): string {
  if (reset.position === 'in-window') {
    return ` Its sequence number lies in the window but is not the next one: the receiver has to answer with a challenge ACK instead of closing (RFC 5961).`;
  }
  if (reset.position === 'outside')
    return ` Its sequence number lies outside the window: the receiver has to ignore it.`;
  return '';
}

function causeOf(view: View, reset: ResetFact): Cause {
  const who = view.role(reset.from);
  const other = who === 'client' ? 'server' : 'client';
  const { trigger } = reset;
  const sinceTrigger = trigger === undefined ? Infinity : (reset.time - trigger.time) * 1000;
  const answersAtOnce =
    trigger !== undefined &&
    (reset.ownBefore === undefined || reset.ownBefore.frame < trigger.frame) &&
    sinceTrigger < Math.max(50, 3000 * (reset.from.minResponse ?? 0));

  if (reset.position === 'outside' && !reset.closedStyle && reset.phase === 'established') {
    return {
      id: 'reset-out-of-window',
      severity: 'warning',
      title: `A reset in the name of the ${who} lies outside the window and has no effect`,
      words: `It does not belong to this connection: an older one on the same ports, a blind attack, or a middlebox that has lost track.`,
      remedy: `Look for the sender of frame ${reset.frame}; if the connection died nevertheless, the receiver does not check resets.`,
    };
  }
  if (reset.closedStyle && reset.ownPackets === 0 && view.c.handshake.syns.count === 0) {
    return {
      id: 'reset-unknown-connection',
      severity: 'warning',
      title: `The ${who} does not know the connection to which frame ${trigger?.frame} belongs`,
      words:
        `Its host answered with the reset that a closed port sends (RFC 9293 section 3.10.7.1): it has rebooted or ended the connection meanwhile while the ${other} still believes in it (half-open), ` +
        `the packet came long after its connection, or it is an ACK scan, which looks for ports that no firewall guards.`,
      remedy: `If the ${other}'s programs hang until this reset, switch on keep-alives there: it would learn of the lost connection sooner.`,
    };
  }
  if (reset.unansweredKeepAlives > 0) {
    const sent = reset.from.incidents.keepAlives;
    return {
      id: 'reset-keep-alive-timeout',
      title: `The ${who} gives the connection up after ${count(reset.unansweredKeepAlives, 'unanswered keep-alive')}`,
      words:
        `It had sent ${count(sent.count, 'keep-alive')} (the last ${reset.unansweredKeepAlives} without an answer: ` +
        `${framesText(
          sent.items.slice(-reset.unansweredKeepAlives).map((probe) => probe.frame),
          reset.unansweredKeepAlives,
        )}), so its keep-alive timer ran out: ` +
        `the ${other} is down or unreachable, or a device between has dropped the connection's state.`,
      remedy: `Find out whether the ${other} was down; if not, a firewall or NAT forgot the idle connection: keep-alives more often than its timeout keep it.`,
    };
  }
  if (reset.unansweredRepeats >= 2) {
    return {
      id: 'reset-retransmission-timeout',
      title: `The ${who} gives up after ${count(reset.unansweredRepeats, 'repeat')} without an acknowledgment`,
      words: `It had sent the same data again ${count(reset.unansweredRepeats, 'time')} and heard nothing: the ${other} or the way to it is gone.`,
      remedy: `Look at the ${other} and the path at that time; the data from sequence number ${reset.from.una} on never arrived.`,
    };
  }
  if (reset.phase === 'closed') {
    return {
      id: 'reset-after-close',
      severity: 'note',
      title: `The ${who} sends a reset after both sides had closed`,
      words: `Both FINs had been sent, so nothing is lost by it: a late packet met a socket that was already gone, or the program does not wait in TIME-WAIT.`,
      remedy: `Nothing to do, unless it hits new connections on the same ports.`,
    };
  }
  if (trigger !== undefined && trigger.len > 0 && answersAtOnce && reset.ownFinBefore) {
    return {
      id: 'reset-unexpected-data',
      title: `The ${who} resets because data came after it had closed`,
      words:
        `It had sent its FIN (frame ${reset.from.fin?.frame}) and its application was gone when frame ${trigger.frame} brought ${octets(trigger.len)} more; ` +
        `nobody could read them, so the host answered with a reset within ${duration(sinceTrigger)}. Those octets are lost, and the ${other} cannot know what was read before.`,
      remedy: `Let the ${other} stop sending before the ${who} closes, or let the ${who} shut down its sending side only and read to the end (shutdown, then read until end of file, then close).`,
    };
  }
  if (reset.phase === 'closing' && reset.peerFinBefore && !reset.ownFinBefore) {
    const pending = reset.peerOctets > 0 && reset.from.lastFrame < (view.peer(reset.from).fin?.frame ?? 0);
    return {
      id: 'reset-instead-of-fin',
      severity: pending || reset.outstanding > 0 ? 'warning' : 'note',
      title: `The ${who} answers the close with a reset instead of a FIN`,
      words:
        `The ${other} had closed its side (frame ${view.peer(reset.from).fin?.frame}), and the ${who} ends with an abort: it closed with unread data, or with SO_LINGER 0, or drops ` +
        `finished connections this way to avoid TIME-WAIT (some browsers, load balancers and health checks do).`,
      remedy: `If errors are reported on the ${other}, let the ${who} close in order.`,
    };
  }
  if (reset.phase === 'closing' && reset.ownFinBefore) {
    return {
      id: 'reset-after-fin',
      severity: 'warning',
      title: `The ${who} resets after it had closed its side`,
      words: `It had sent its FIN (frame ${reset.from.fin?.frame}) and then aborted: its program was gone, or it did not want to wait for the ${other} to close. What the ${other} still had to send is lost.`,
      remedy: `Give the ${other} time to finish: read to the end of file before closing.`,
    };
  }
  if (reset.idle >= 30) {
    return {
      id: 'reset-after-idle',
      title: `Reset by the ${who} after ${duration(reset.idle * 1000)} of silence`,
      words:
        `Nothing had been sent for ${duration(reset.idle * 1000)}; the first packet after that${trigger === undefined ? '' : ` (frame ${trigger.frame})`} met the reset. Either the ${who}'s application closes ` +
        `idle connections, or a firewall, NAT or load balancer on the way had forgotten this one.`,
      remedy: `Send keep-alives more often than every ${duration(reset.idle * 1000)}, or raise the idle timeout of whichever device or program resets.`,
    };
  }
  if (reset.phase === 'established' && reset.ownOctets === 0 && reset.peerOctets === 0) {
    return {
      id: 'reset-after-handshake',
      title: `The ${who} resets right after the handshake`,
      words:
        who === 'server'
          ? `The server accepted and reset ${trigger === undefined ? '' : `${duration(sinceTrigger)} after frame ${trigger.frame} `}without a word: its accept queue is full with abort-on-overflow set, it is out of ` +
            `descriptors or memory, an access list (hosts.allow, a firewall that lets the handshake pass) turns this client away, or a proxy has no back end.`
          : `The client got through and reset at once: a port check or health check (a full-connect scan), a program that gave up in between, or a second attempt that won.`,
      remedy:
        who === 'server'
          ? `On the server: nstat -az TcpExtListenOverflows, ulimit -n of the process, its log at that time, and its access lists.`
          : `Ask what runs on the client; for a health check it is normal.`,
      severity: who === 'server' ? 'error' : 'warning',
    };
  }
  if (trigger !== undefined && trigger.len > 0 && answersAtOnce) {
    return {
      id: reset.closedStyle ? 'reset-unexpected-data' : 'reset-application-abort',
      title: reset.closedStyle
        ? `The ${who} resets on data it has no socket for any more`
        : `The ${who} aborts in answer to the data of frame ${trigger.frame}`,
      words: reset.closedStyle
        ? `The reset has the form in which a host answers a segment for which it has no connection, ${duration(sinceTrigger)} after frame ${trigger.frame} brought ${octets(trigger.len)}: ` +
          `the ${who} rebooted, its program ended without a trace in this capture, a device on the way lost its state, or a filter rejected what these octets say.`
        : `It comes ${duration(sinceTrigger)} after frame ${trigger.frame} brought ${octets(trigger.len)}: the application closed while data it had not read were waiting (the kernel then sends a ` +
          `reset instead of a FIN), it rejects what it was sent (not the protocol it speaks, too large, too many), it aborts on purpose (SO_LINGER 0), its process died, or a filter on the way acts on the content.`,
      remedy: `Read the ${who}'s log for that moment and what frame ${trigger.frame} asks for; compare TTL and IP identification with its other packets if a device on the way may have done it.`,
    };
  }
  const unread = trigger !== undefined && trigger.len > 0 && reset.peerOctets > 0;
  return {
    id: 'reset-application-abort',
    title: `The ${who} aborts the established connection`,
    words:
      `Nothing forced it: the application closed ${unread ? 'with data unread, or ' : ''}with SO_LINGER 0, its process was killed or crashed, or it ran into a timeout of its own` +
      `${reset.outstanding > 0 ? `; ${octets(reset.outstanding)} it had sent were not acknowledged yet` : ''}. A device on the way (firewall, load balancer, proxy with a session limit) can do the same in its name.`,
    remedy: `Read the ${who}'s log for that moment. If it knows of nothing, capture at the ${who} to see whether it sent frame ${reset.frame} itself.`,
  };
}
