import type { FindingId } from '../catalogue.js';
import type { ResetFact } from '../resets.js';
import type { Draft, View } from '../view.js';
import { count, duration, framesText, octets } from '../words.js';

/** The kind of cause that fits best, in words. */
export interface Cause {
  id: FindingId;
  severity?: Draft['severity'];
  title: string;
  words: string;
  remedy: string;
}

/** Why an end reset an established connection, from what went before. */
export function causeOf(view: View, reset: ResetFact): Cause {
  const who = view.role(reset.from);
  const other = who === 'client' ? 'server' : 'client';
  const { trigger } = reset;
  const sinceTrigger = trigger === undefined ? Infinity : (reset.time - trigger.time) * 1000;
  const answersAtOnce =
    trigger !== undefined &&
    (reset.ownBefore === undefined || reset.ownBefore.frame < trigger.frame) &&
    sinceTrigger < Math.max(50, 3000 * (reset.from.minResponse ?? 0));

  if (view.c.resets.count === view.c.packets) {
    return {
      id: 'stray-reset',
      severity: 'note',
      title: `Only resets of this connection were captured`,
      words: `What they answer is not in the capture: the connection went on elsewhere, or the packet was dropped or filtered out of the capture.`,
      remedy: `Capture both directions, and from the beginning.`,
    };
  }
  if (reset.phase === 'handshake') {
    return {
      id: 'reset-in-handshake',
      title: `The ${who} resets before the handshake is complete`,
      words:
        who === 'server'
          ? `It had accepted with a SYN,ACK and took that back: it ran out of memory or descriptors, its listener closed at that moment, or a firewall or load balancer answered in its name before it knew better.`
          : `It had asked for the connection itself, and no longer wants it.`,
      remedy: `Look at the ${who}'s log and limits at that moment, and at devices on the way that answer for it.`,
    };
  }
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
