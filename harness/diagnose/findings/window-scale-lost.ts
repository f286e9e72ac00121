import type { Draft, View } from '../view.js';
import { octets } from '../words.js';

/** A SYN,ACK without the window scale that its sender goes by: from then on its windows look tiny. */
export function windowScaleLost(view: View): Draft[] {
  if (!view.sawHandshake) return [];
  return view.c.ends.flatMap((end) => {
    const peer = view.peer(end);
    const { synWindow } = end;
    // Only whoever was asked to scale believes that both do.
    const oneSided = end.synOptions?.windowScale === undefined && peer.synOptions?.windowScale !== undefined;
    if (!oneSided || synWindow === undefined || end.windows < SEEN || end.largestWindow === 0) return [];
    const shrunk = synWindow / end.largestWindow;
    // A window that only shrank as the buffer filled would have been used up by as many octets.
    if (shrunk < SHRUNK || peer.una > synWindow - end.largestWindow) return [];
    const draft: Draft = {
      id: 'window-scale-lost',
      severity: 'warning',
      end: view.role(end),
      frames: [
        ...view.c.handshake.syns.items.slice(0, 1).map((syn) => syn.frame),
        ...view.c.handshake.synAcks.items.slice(0, 1).map((synAck) => synAck.frame),
        end.firstWindowFrame,
      ],
      title: `The ${view.role(end)} scales its window, but the ${view.role(peer)} was not told: the option was lost on the way`,
      explanation:
        `Its SYN,ACK offers ${octets(synWindow)}, and from frame ${end.firstWindowFrame} on no window is above ${octets(end.largestWindow)}, although nothing had used the rest up. ` +
        `That is what a scaled window looks like to somebody who does not scale it: the SYN asked for window scaling, the ${view.role(end)} agreed, and a middlebox removed the option from its SYN,ACK. ` +
        `The ${view.role(peer)} takes the small numbers for octets and sends next to nothing in each round trip.`,
      remedy: `Switch off the option filter ("TCP normalization") of the firewall on the way; until then net.ipv4.tcp_window_scaling=0 at one end helps.`,
      facts: { synWindow, largestWindow: end.largestWindow },
    };
    return [draft];
  });
}

/** Windows that have to be seen, and how many times smaller than that of the SYN they must be: a shift of 2 at least. */
const SEEN = 3;
const SHRUNK = 4;
