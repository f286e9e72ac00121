import { hops } from '../fingerprint.js';
import type { ResetFact } from '../resets.js';
import type { Draft, View } from '../view.js';
import { framesText, list } from '../words.js';

/**
 * A host's kernel resets a connection that a stack in user space on the same host owns: it answers a segment for a
 * socket that it does not know (RFC 9293 section 3.10.7.1), and the connection goes on, or was begun by another stack.
 */
export function kernelReset(view: View): Draft[] {
  const drafts: Draft[] = [];
  for (const end of view.c.ends) {
    const judged = view.openResets
      .filter((reset) => reset.from === end && isKernels(reset))
      .map((reset) => ({ reset, evidence: evidence(view, reset) }))
      .filter((entry) => entry.evidence.length > 0);
    const [first] = judged;
    if (first === undefined) continue;
    const resets = judged.map((entry) => entry.reset);
    view.claim(resets);
    const answers = view.claimConsequences(first.reset);
    drafts.push(draft(view, { resets, answers }, first.reset, first.evidence));
  }
  return drafts;
}

/** The form fits, and the routers passed are as many as for the end's other packets: the same host. */
function isKernels(reset: ResetFact): boolean {
  if (!reset.closedStyle || reset.ownFinBefore) return false;
  return reset.usualTtl === undefined || hops(reset.usualTtl) === hops(reset.ttl);
}

function evidence(view: View, reset: ResetFact): string[] {
  const { handshake } = view.c;
  const found: string[] = [];
  const [next] = reset.continued.items;
  const newSyn = reset.peerAfter.items.find(
    (packet) => packet.kind === 'syn' || packet.kind === 'syn-repeated',
  );
  const answersNewSyn =
    newSyn !== undefined && next !== undefined && newSyn.frame < next.frame && reset.phase === 'syn-sent';
  if (next !== undefined && !answersNewSyn) {
    const frames = reset.continued.items.map((packet) => packet.frame);
    found.push(
      `the same host goes on with the connection as if there had been no reset (${framesText(frames, reset.continued.count)})`,
    );
  }
  const ownSynAck = handshake.synAcks.items.find(
    (synAck) => synAck.from === reset.from && synAck.frame < reset.frame,
  );
  if (reset.phase === 'handshake' && reset.hasAck && ownSynAck !== undefined) {
    found.push(`the same host also accepted the SYN (SYN,ACK in frame ${ownSynAck.frame})`);
  }
  const ownSyn = handshake.syns.items.find((syn) => syn.from === reset.from);
  if (ownSyn !== undefined && hops(ownSyn.ttl) === hops(reset.ttl)) {
    if (ownSyn.ttl !== reset.ttl) {
      found.push(
        `its SYN in frame ${ownSyn.frame} has TTL ${ownSyn.ttl} and the reset ${reset.ttl}: two stacks on one host`,
      );
    }
    if (ownSyn.dontFragment !== reset.dontFragment && reset.from.address.includes('.')) {
      const [with_, without] = ownSyn.dontFragment ? ['SYN', 'reset'] : ['reset', 'SYN'];
      found.push(
        `its ${with_} carries the don't-fragment bit and its ${without} does not: two stacks on one host`,
      );
    }
  }
  return found;
}

function draft(
  view: View,
  { resets, answers }: { resets: ResetFact[]; answers: ResetFact[] },
  first: ResetFact,
  evidence: string[],
): Draft {
  const { from } = first;
  const host = from.address;
  const trigger = first.trigger;
  const number = first.hasAck
    ? `sequence number 0, and it acknowledges the segment of frame ${trigger?.frame}`
    : `the sequence number ${first.seqRaw} that frame ${trigger?.frame} acknowledged`;
  const frames = resets.map((reset) => reset.frame);
  const answered =
    answers.length > 0
      ? `, and answers what follows with resets of its own (${framesText(answers.map((reset) => reset.frame))})`
      : '';
  const many = frames.length > 1 ? ` The kernel did so ${frames.length} times.` : '';
  return {
    id: 'kernel-reset',
    severity: 'error',
    end: view.role(from),
    frames: [
      ...frames,
      ...answers.map((reset) => reset.frame),
      ...first.continued.items.map((packet) => packet.frame),
    ],
    title: `Packet ${first.frame} is a reset from the kernel of ${host} for a socket it does not know`,
    explanation:
      `Frame ${first.frame} comes from the operating system of ${view.name(from)}, not from the program that owns the ` +
      `connection: window ${first.window}, no options, ${number} - the form in which a host answers a segment for which it has no ` +
      `socket (RFC 9293 section 3.10.7.1). And ${list(evidence)}. So a TCP in user space shares its address with the ` +
      `kernel, both saw the packet, and the kernel answered with a reset. The peer takes it for the end of the connection${answered}.${many}`,
    remedy:
      `Keep the kernel from answering: drop its resets on that host, with nft 'add rule inet filter output ` +
      `${host.includes(':') ? 'ip6' : 'ip'} saddr ${host} tcp sport ${from.port} tcp flags & rst == rst drop' (or iptables -A OUTPUT ` +
      `-p tcp -s ${host} --sport ${from.port} --tcp-flags RST RST -j DROP; in a tcpspec case: lab: { kernel-rst: drop }), or ` +
      `give the user-space stack an address of its own that the kernel does not have.`,
    facts: { resets: frames.length, continued: first.continued.count },
  };
}
