import type { Draft, View } from '../view.js';
import { capital, count, duration, endpoint, framesText, list, octets } from '../words.js';
import { offload } from './capture-offload.js';

/** What the capture itself hides, doubles or turns round: said before anything is concluded from it. */
export function captureFaults(view: View): Draft[] {
  return [
    oneDirection(view),
    droppedPackets(view),
    missingBeginning(view),
    doubledPackets(view),
    backwardTimes(view),
    cutOptions(view),
    offload(view),
  ].filter((draft) => draft !== undefined);
}

function oneDirection(view: View): Draft | undefined {
  const silent = view.oneDirection;
  if (silent === undefined) return undefined;
  const { c } = view;
  return {
    id: 'capture-one-direction',
    severity: 'warning',
    end: view.role(silent),
    frames: [c.firstFrame, c.lastFrame],
    title: `Only one direction was captured: no packet from ${endpoint(silent)}`,
    explanation:
      `All ${count(c.packets, 'packet')} come from ${endpoint(view.peer(silent))}, and their acknowledgments show that the other side ` +
      `did answer. The other direction took another way (asymmetric routing, a mirror port that copies one direction, a capture ` +
      `filter). Losses, delays and resets of this conversation cannot be judged from one side.`,
    remedy: `Capture on one of the two hosts, or mirror both directions.`,
  };
}

function droppedPackets(view: View): Draft | undefined {
  const ends = view.c.ends.filter((end) => end.incidents.missed.size > 0 || end.suspectAck !== undefined);
  if (ends.length === 0 || view.oneDirection !== undefined) return undefined;
  const frames: number[] = [];
  let total = 0;
  const parts = ends.map((end) => {
    const suspect = end.suspectAck;
    const unseen =
      end.incidents.missed.octets + (suspect === undefined ? 0 : Math.max(0, suspect.ack - end.next));
    total += unseen;
    frames.push(...end.incidents.missedFrames.items, ...(suspect === undefined ? [] : [suspect.frame]));
    const ranges = end.incidents.missed.ranges
      .slice(0, 4)
      .map((range) => `${range.start} to ${range.end - 1}`);
    const where =
      ranges.length > 0 ? ` (${list(ranges)}${end.incidents.missed.size > 4 ? ', ...' : ''})` : '';
    return `${octets(unseen)} of the ${view.role(end)}${where}`;
  });
  return {
    id: 'capture-dropped-packets',
    severity: 'warning',
    frames,
    title: `The capture is incomplete: ${octets(total)} were acknowledged but never captured`,
    explanation:
      `${list(parts)} reached the other end, which acknowledged them (${framesText(frames)}), but are not in this file. So the capturing ` +
      `machine dropped packets, or part of the traffic went another way: these octets were not lost on the network, and gaps ` +
      `in this capture prove no loss.`,
    remedy: `Capture with a larger buffer (dumpcap -B 64), a capture filter and a smaller snapshot length, and look at the drop counter that dumpcap prints at the end.`,
    facts: { octets: total },
  };
}

/** Options behind the snapshot length: without those of the SYNs no window, SACK block or timestamp can be read right. */
function cutOptions(view: View): Draft | undefined {
  const ends = view.c.ends.filter((end) => end.incidents.cutOptions.count > 0);
  if (ends.length === 0) return undefined;
  const frames = ends.flatMap((end) => end.incidents.cutOptions.items);
  const total = ends.reduce((sum, end) => sum + end.incidents.cutOptions.count, 0);
  const inSyn = ends.some((end) => end.synOptions === undefined);
  return {
    id: 'capture-cut-options',
    severity: inSyn ? 'warning' : 'note',
    frames,
    title: `The capture holds ${count(total, 'packet')} only in part: TCP options were cut off`,
    explanation:
      `${capital(framesText(frames, total))} ${total === 1 ? 'ends' : 'end'} within the TCP header, at the snapshot length of the capture. ` +
      (inSyn
        ? `What the ends agreed on in their SYNs is not known, so windows may be larger than they are shown, by the window scale, ` +
          `and nothing is concluded from missing options.`
        : `SACK blocks and timestamps of these packets are not known.`),
    remedy: `Capture whole headers: a snapshot length of at least 134 octets (dumpcap -s 134), or none.`,
    facts: { packets: total },
  };
}

function missingBeginning(view: View): Draft | undefined {
  const { c } = view;
  const { syns, synAcks } = c.handshake;
  if (syns.count > 0) return undefined;
  const partly = synAcks.count > 0;
  if (c.resets.count + c.strangeFlags.count >= c.packets) return undefined;
  return {
    id: 'capture-missing-beginning',
    severity: 'note',
    frames: [c.firstFrame],
    title: partly
      ? 'The capture begins within the handshake: the SYN is missing'
      : 'The capture begins in the middle of the connection',
    explanation:
      (partly
        ? `Frame ${c.firstFrame} is the first packet, and the SYN before it is missing, with the client's options. `
        : `There is no handshake: frame ${c.firstFrame} is the first packet seen. Round-trip time and options are unknown, `) +
      (partly
        ? `The client's window scale is not known for certain.`
        : `window sizes may be wrong by the scale factor, and client and server were told apart by ${evidenceWords(c.rolesFrom)}.`),
    remedy: `Start the capture before the connection is made, where its options matter.`,
  };
}

function evidenceWords(evidence: string): string {
  if (evidence === 'ports') return 'their ports';
  if (evidence === 'other-conversations') return 'what the other conversations show';
  return 'who sent the first packet, which is a guess';
}

function doubledPackets(view: View): Draft | undefined {
  const doubled = view.c.ends.flatMap((end) => end.incidents.duplicates.items);
  const total = view.c.ends.reduce((sum, end) => sum + end.incidents.duplicates.count, 0);
  const [first] = doubled;
  if (first === undefined) return undefined;
  const frames = doubled.map((pair) => pair.frame);
  const routed = doubled.every((pair) => pair.ttlDrop !== 0);
  const all = routed || total >= 0.4 * view.c.packets;
  return {
    id: all ? 'capture-doubled-packets' : 'duplicate-packets',
    severity: all ? 'note' : 'warning',
    frames,
    title: all
      ? `The capture holds ${total >= 0.4 * view.c.packets ? '(nearly) every packet' : count(total, 'packet')} twice`
      : `${count(total, 'packet')} came twice`,
    explanation:
      `${capital(framesText(frames, total))} ${total === 1 ? 'is' : 'are'} the same as an earlier one to the last field, the IP identification included ` +
      `(frame ${first.frame} is frame ${first.original}), which a sender that repeats a segment would have changed. ` +
      (routed
        ? `The copies differ in the TTL alone (by ${Math.abs(first.ttlDrop)}): the capture sees both sides of a router.`
        : all
          ? `The capture was taken at a place that sees each packet twice: a mirror port of two ports, or the "any" interface.`
          : `Something on the network doubles packets, or the capture saw them at two places. The receiver drops the second copy.`),
    remedy: all
      ? `Remove the copies before other tools count them as retransmissions: editcap -d in.pcapng out.pcapng.`
      : `Look for a switching loop, a bonded link in broadcast mode or a mirror port fed twice.`,
    facts: { packets: total },
  };
}

function backwardTimes(view: View): Draft | undefined {
  const { backwards } = view.c;
  const worst = Math.max(0, ...backwards.items.map((item) => item.ms));
  if (backwards.count === 0 || worst < 0.01) return undefined;
  const frames = backwards.items.map((item) => item.frame);
  return {
    id: 'capture-time-backwards',
    severity: 'note',
    frames,
    title: 'Time goes backwards in the capture',
    explanation:
      `${capital(framesText(frames, backwards.count))} ${backwards.count === 1 ? 'is' : 'are'} stamped up to ${duration(worst)} before the packet in front: ` +
      `several capture queues or interfaces merged without sorting, or a clock that was set. Delays were measured as if no time had passed there.`,
    remedy: `Sort the file first: reordercap in.pcapng out.pcapng.`,
  };
}
