import type { Segment } from '../wire/segment.js';

import type { Rules } from './rules.js';
import type { Tcb } from './tcb.js';

/** What the procedures of a connection need of the whole: the part of Tcp that they see. */
export interface Stack {
  readonly rules: Rules;
  readonly limits: StackLimits;
  readonly counters: Counters;
  /** Hands a segment to the lower layer. */
  transmit(segment: Segment): void;
  /** Octets of IP packet that the link to `dst` carries. */
  linkMtu(dst: string): number;
  isBroadcast(address: string): boolean;
  isLocal(address: string): boolean;
  /** Initial send sequence number and offset of the timestamp clock for a connection (RFC 6528, RFC 7323 section 5.4). */
  initialNumbers(tcb: Tcb, now: number): { iss: number; tsOffset: number };
  /** Notes an event for the application; delivered once the current entry point is done. */
  raise(tcb: Tcb, event: number): void;
  /** Sees to it that the timers of the connection are looked at no later than `at`. */
  wake(tcb: Tcb, at: number): void;
  insert(tcb: Tcb): void;
  /** Tells applications what has happened since. */
  deliver(): void;
  /** Deletes the TCB: no segment and no timer reaches it any more. */
  remove(tcb: Tcb): void;
}

/** Stack-wide settings with defaults filled in; ms. */
export interface StackLimits {
  mslMs: number;
  minRtoMs: number;
  maxRtoMs: number;
  ackDelayMs: number;
  r1: number;
  ignoreResetInTimeWait: boolean;
}

/** Whole-stack counters. */
export interface Counters {
  segmentsIn: number;
  segmentsOut: number;
  /** Segments for which there was no connection. */
  unmatched: number;
  resetsSent: number;
  /** SYNs dropped because the backlog was full. */
  backlogDrops: number;
  /** Segments dropped for their addresses (MUST-57, MUST-63). */
  badAddresses: number;
  retransmissions: number;
  challengeAcks: number;
  /** Challenge ACKs not sent because of the rate limit. */
  challengesSuppressed: number;
  outOfWindow: number;
  paws: number;
}

/** Bits of Tcb.events. */
export const EVENT_ESTABLISHED = 1;
export const EVENT_READABLE = 2;
export const EVENT_WRITABLE = 4;
export const EVENT_END = 8;
export const EVENT_URGENT = 16;
export const EVENT_SOFT_ERROR = 32;
export const EVENT_CLOSED = 64;
