import type { Role } from '../topology.js';

/**
 * What a relay in the middle of a lab does to the packets that pass it. Rules are asked one after another, in their
 * order; each sees what the ones before it left.
 */
export interface RelayRule {
  select: Selection;
  action: RelayAction;
}

/** Which packets a rule is about. Whatever is not named does not matter. Only TCP is selected, everything else passes. */
export interface Selection {
  /** The end that sent it. */
  from?: Role;
  /** It is one of these kinds. */
  kinds?: readonly PacketKind[];
  /**
   * Its number among the packets that this rule selects, counted from 1 for each end of each connection, in the order in
   * which they reach the relay.
   */
  numbers?: readonly NumberRange[];
  /** Port of either end, as it is when the packet reaches the relay. */
  port?: number;
  /** Its IP packet has more octets than this. */
  longerThan?: number;
}

/** Both ends included. */
export interface NumberRange {
  from: number;
  to: number;
}

export const PACKET_KINDS = {
  any: 'every packet of TCP',
  syn: 'SYN without ACK',
  'syn-ack': 'SYN with ACK',
  ack: 'nothing but an acknowledgement: no payload, no SYN, FIN or RST',
  data: 'octets that this end has not sent before on the connection',
  again: 'payload of which every octet was sent before: a retransmission, a keep-alive with an octet',
  payload: 'payload, sent before or not',
  fin: 'FIN, with payload or without',
  reset: 'RST',
} as const;

export type PacketKind = keyof typeof PACKET_KINDS;

export type RelayAction =
  | { do: 'drop' }
  /** Seeded random loss; `share` from 0 to 1. */
  | { do: 'lose'; share: number; seed: number }
  /** `jitterMs` more or less at random, without one packet overtaking another. */
  | { do: 'delay'; ms: number; jitterMs: number; seed: number }
  /** So many copies right behind it. */
  | { do: 'duplicate'; copies: number }
  /** Lets so many later packets of the same direction overtake it. */
  | { do: 'reorder'; by: number }
  /** Inverts the checksum, or one octet of the payload under a checksum that no longer fits. */
  | { do: 'corrupt'; what: 'checksum' | 'payload' }
  /** Keeps so many octets of the IP packet; its headers still tell of the whole. */
  | { do: 'truncate'; octets: number }
  /** A link of so many bits a second with room for `queue` packets that wait for it; what finds no room is lost. */
  | { do: 'rate'; bitsPerSecond: number; queue: number }
  /** Overwrites options with NOPs, and corrects the checksum. */
  | { do: 'strip'; options: readonly StrippedOption[] }
  /** Lowers the MSS option to this, where it is higher, and corrects the checksum. */
  | { do: 'clamp-mss'; mss: number }
  /** Sends a reset in the name of the other end to each of `to`; the packet itself goes on unless it is swallowed. */
  | { do: 'reset'; to: readonly Role[]; ttl: number; swallow: boolean }
  /** A destination NAT: what the client sends to `port` goes to `target`, and the answers come from `port`. */
  | { do: 'translate'; port: number; target: number }
  /** As routers do: takes so many off TTL or hop limit. */
  | { do: 'hops'; count: number };

export const STRIPPED_OPTIONS = {
  mss: [2],
  'window-scale': [3],
  sack: [4, 5],
  timestamps: [8],
} as const satisfies Record<string, readonly number[]>;

export type StrippedOption = keyof typeof STRIPPED_OPTIONS;
