import { countsIds, hops } from '../fingerprint.js';
import type { ResetFact } from '../resets.js';
import type { Draft, View } from '../view.js';
import { capital, count, duration, framesText, list } from '../words.js';

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
