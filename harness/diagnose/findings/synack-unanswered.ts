import type { Draft, View } from '../view.js';
import { count, duration, endpoint, framesText, list } from '../words.js';

/** The SYN,ACK gets no ACK: the client is gone, never was, or does not hear it. */
export function synAckUnanswered(view: View): Draft | undefined {
  const { c, client, server } = view;
  const { syns, synAcks, ack } = c.handshake;
  const wasReset = c.resets.count > 0;
  if (synAcks.count === 0 || ack !== undefined || wasReset || client.packets > syns.count) return undefined;
  if (view.oneDirection !== undefined && syns.count === 0 && synAcks.count < 2) return undefined;
  const waited = view.silentEndMs + (c.lastTime - (synAcks.items[0]?.time ?? c.lastTime)) * 1000;
  const sure = synAcks.count > 1 || waited >= 3000;
  const frames = synAcks.items.map((synAck) => synAck.frame);
  const waits = frames
    .slice(1)
    .map((_, i) => ((synAcks.items[i + 1]?.time ?? 0) - (synAcks.items[i]?.time ?? 0)) * 1000);
  const repeats = synAcks.count > 1 ? `, repeated after ${list(waits.map(duration))}` : '';
  const lastAnswer = frames[0] ?? 0;
  const synAgain = syns.items.filter((syn) => syn.frame > lastAnswer);
  return {
    id: 'synack-unanswered',
    severity: sure ? 'error' : 'warning',
    end: 'client',
    frames: [...syns.items.map((syn) => syn.frame), ...frames],
    title: `The handshake stays half open: no ACK from ${endpoint(client)}`,
    explanation:
      `${endpoint(server)} answered with SYN,ACK (${framesText(frames, synAcks.count)}${repeats}) and the last ACK of the handshake never ` +
      `came within ${duration(waited)}. ` +
      (synAgain.length > 0
        ? `The client repeated its SYN meanwhile (${framesText(synAgain.map((syn) => syn.frame))}), so it does not get the SYN,ACK: it is lost ` +
          `or filtered between here and the client, or takes a way on which it is dropped.`
        : `The client is silent: its ACK is lost or filtered before the capture point, it went away, or the SYN had a forged ` +
          `source address (a SYN flood) or was a probe that drops the answer.`),
    remedy: `Capture at the client as well: whether the SYN,ACK arrives there separates a filter from a client that does not answer.`,
    facts: { synAcks: synAcks.count, syns: syns.count },
  };
}

/** A SYN,ACK that needed repeating before the ACK came. */
export function synAckRepeated(view: View): Draft | undefined {
  const { synAcks, ack } = view.c.handshake;
  const before = synAcks.items.filter((synAck) => ack !== undefined && synAck.frame < ack.frame);
  const [first] = before;
  if (ack === undefined || first === undefined || before.length < 2 || view.c.handshake.simultaneous)
    return undefined;
  const late = (ack.time - first.time) * 1000;
  return {
    id: 'synack-repeated',
    severity: 'warning',
    end: 'client',
    frames: [...before.map((synAck) => synAck.frame), ack.frame],
    title: `The handshake needed ${before.length} SYN,ACKs: complete ${duration(late)} after the first`,
    explanation:
      `The SYN,ACK of frame ${first.frame} was sent again (${framesText(before.slice(1).map((synAck) => synAck.frame))}) before the client's ACK came in frame ${ack.frame}: ` +
      `it, or the ACK that answered it, was lost${late > 900 ? ', and the timer of a new connection is a second long' : ''}.`,
    remedy: `If it happens often, look for losses towards the client.`,
    facts: { synAcks: before.length, lateMs: Math.round(late) },
  };
}

/** The server repeats its SYN,ACK although the client has acknowledged it: the accept queue is full, or the ACK was lost. */
export function acceptQueueFull(view: View): Draft | undefined {
  const { synAcksAfterAck, ack, syns, synAcks } = view.c.handshake;
  if (synAcksAfterAck.count === 0 || ack === undefined) return undefined;
  // A SYN that was sent twice is answered twice.
  if (synAcks.count <= syns.count) return undefined;
  const frames = synAcksAfterAck.items.map((repeat) => repeat.frame);
  const served = view.client.una > 1;
  const stuck = !served && synAcksAfterAck.count > 1;
  return {
    id: 'accept-queue-full',
    severity: stuck ? 'error' : 'warning',
    end: 'server',
    frames: [ack.frame, ...frames],
    title: `The server repeats its SYN,ACK after the ACK: its accept queue is full, or the ACK was lost`,
    explanation:
      `Frame ${ack.frame} ended the handshake for the client, yet the server sent its SYN,ACK again ` +
      `(${count(synAcksAfterAck.count, 'time')}: ${framesText(frames, synAcksAfterAck.count)}). ` +
      (stuck
        ? `It acknowledged nothing of what the client sent since. That is what Linux does when the application does not accept ` +
          `fast enough and the backlog of listen() is full: it drops the ACK and keeps the connection half open. `
        : `${served ? 'Later it went on. ' : ''}`) +
      `A lost ACK looks the same once, but not several times in a row.`,
    remedy: `On the server: ss -ltn shows Recv-Q against Send-Q (the backlog), nstat -az TcpExtListenOverflows counts. Raise the backlog and net.core.somaxconn, or accept faster.`,
    facts: { repeats: synAcksAfterAck.count },
  };
}

/** The client answers the SYN,ACK with a reset and nothing shows another stack behind it. */
export function handshakeReset(view: View): Draft | undefined {
  const { handshake } = view.c;
  const resets = view.openResets.filter((reset) => reset.phase === 'handshake' && reset.from === view.client);
  const [first] = resets;
  if (first === undefined) return undefined;
  view.claim(resets);
  const [syn] = handshake.syns.items;
  const [synAck] = handshake.synAcks.items;
  const late = syn !== undefined && synAck !== undefined ? (synAck.time - syn.time) * 1000 : 0;
  const bare = syn !== undefined && syn.optionKinds <= 1;
  const ttls =
    syn !== undefined && syn.ttl !== first.ttl
      ? ` (TTL ${syn.ttl} in the SYN, ${first.ttl} in the reset)`
      : '';
  const likely = bare
    ? `The SYN carries ${syn.optionKinds === 0 ? 'no options' : 'a single option'}${ttls}, unlike the SYN of an operating system: made by a ` +
      `scanner or another raw-socket program, whose kernel knows nothing of it and resets.`
    : late > 900
      ? `The SYN,ACK came ${duration(late)} after the SYN: the program had given up by then, and the kernel resets what is no longer wanted.`
      : `Either a half-open probe (a port scan), a program that gave up before the answer, or a TCP in user space whose kernel interferes${ttls}.`;
  return {
    id: 'handshake-reset',
    severity: 'warning',
    end: 'client',
    frames: [
      ...(syn ? [syn.frame] : []),
      ...(synAck ? [synAck.frame] : []),
      ...resets.map((reset) => reset.frame),
    ],
    title: `The client answers the SYN,ACK with a reset: the port is open, the connection is not wanted`,
    explanation: `${endpoint(view.server)} accepts (frame ${synAck?.frame}), and frame ${first.frame} resets at once. ${likely}`,
    remedy: `If a user-space stack was to own the connection, keep the kernel's resets from leaving (see kernel-reset); otherwise ask who probes.`,
  };
}
