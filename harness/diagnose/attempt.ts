import type { Conversation } from './conversation.js';

/** How an attempt at one port ended. */
export type PortOutcome = 'open' | 'closed' | 'filtered';

/** A client's attempt at a port of a server: what scans, refusals and full queues show only together. */
export interface Attempt {
  stream: number;
  incarnation: number;
  port: number;
  outcome: PortOutcome;
  /** Octets of payload in both directions. */
  octets: number;
  /** The client completed the handshake. */
  completed: boolean;
  resetByClient: boolean;
  /** Closed by FINs of both sides. */
  closed: boolean;
  /** FIN, NULL, Xmas or ACK scan: no SYN. */
  withoutSyn: boolean;
  frame: number;
  answerFrame: number | undefined;
  answerTtl: number | undefined;
  time: number;
  until: number;
  over: boolean;
}

/** Undefined for a conversation that does not begin with an attempt to connect or to probe. */
export function attemptOf(conversation: Conversation): Attempt | undefined {
  const { handshake, client, server, resets } = conversation;
  const [syn] = handshake.syns.items;
  const [synAck] = handshake.synAcks.items;
  const probe = conversation.strangeFlags.items[0];
  const withoutSyn = syn === undefined && probe !== undefined && conversation.packets <= 4;
  if (syn === undefined && !withoutSyn) return undefined;
  const refusal = resets.items.find(
    (reset) => reset.from === server && (reset.phase === 'syn-sent' || withoutSyn),
  );
  const outcome: PortOutcome = synAck !== undefined ? 'open' : refusal !== undefined ? 'closed' : 'filtered';
  if (outcome === 'filtered' && server.packets > 0) return undefined;
  return {
    stream: conversation.stream,
    incarnation: conversation.incarnation,
    port: server.port,
    outcome,
    octets: client.octets + server.octets,
    completed: handshake.ack !== undefined,
    resetByClient: resets.items.some((reset) => reset.from === client),
    closed: client.fin !== undefined && server.fin !== undefined,
    withoutSyn,
    frame: syn?.frame ?? probe?.frame ?? conversation.firstFrame,
    answerFrame: synAck?.frame ?? refusal?.frame,
    answerTtl: synAck?.ttl ?? refusal?.ttl,
    time: conversation.startTime,
    until: conversation.lastTime,
    over: conversation.isOver,
  };
}
