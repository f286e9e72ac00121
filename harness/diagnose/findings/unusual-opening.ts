import type { Draft, View } from '../view.js';
import { duration, list, octets } from '../words.js';

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
  if (view.c.incarnation < 2 || view.c.handshake.syns.count === 0) return undefined;
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
