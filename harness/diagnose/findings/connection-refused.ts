import type { Draft, View } from '../view.js';
import { count, duration, endpoint, framesText } from '../words.js';

/** The SYN was answered by a reset: nothing listens there, or a firewall rejects. */
export function connectionRefused(view: View): Draft | undefined {
  const { handshake } = view.c;
  const refusals = view.openResets.filter(
    (reset) => reset.phase === 'syn-sent' && reset.from === view.server,
  );
  const [first] = refusals;
  if (first === undefined || handshake.synAcks.count > 0) return undefined;
  view.claim(refusals);
  const server = endpoint(view.server);
  const after =
    first.trigger === undefined ? '' : ` ${duration((first.time - first.trigger.time) * 1000)} after the SYN`;
  const tries = handshake.syns.count;
  const fits = first.hasAck && first.trigger !== undefined && first.ackRaw === first.trigger.endRaw;
  const form = fits
    ? `RST,ACK with sequence number ${first.seqRaw}, acknowledging the SYN (${first.ackRaw} = ISN + ${view.client.next}), window ${first.window}`
    : first.hasAck
      ? `RST,ACK that acknowledges ${first.ackRaw}, which is not what the SYN asks for: the client has to ignore it`
      : `RST without ACK: the client cannot tell that it belongs to its SYN and has to ignore it`;
  return {
    id: 'connection-refused',
    severity: 'error',
    end: 'server',
    frames: [...handshake.syns.items.map((syn) => syn.frame), ...refusals.map((reset) => reset.frame)],
    title: `Connection refused: ${server} answers the SYN with a reset`,
    explanation:
      `${count(tries, 'SYN')} to ${server}${tries > 1 ? ` (the client tried again)` : ''}, answered${after} by a reset ` +
      `(${framesText(refusals.map((reset) => reset.frame))}: ${form}). The host is up and reachable, but no program listens on port ` +
      `${view.server.port} at this address - or a firewall in front of it rejects the port in the host's name.`,
    remedy:
      `Check on the server that the service runs and listens on this address and port (ss -ltn), and that no firewall rule ` +
      `rejects it with a TCP reset; check on the client that the port is the right one.`,
    facts: { syns: tries, resets: refusals.length },
  };
}
