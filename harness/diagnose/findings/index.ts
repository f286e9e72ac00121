import type { Rule } from '../view.js';
import { badChecksum, captureFaults } from './capture-faults.js';
import { closing } from './closing.js';
import { connectionRefused } from './connection-refused.js';
import { keepAlives } from './keep-alives.js';
import { kernelReset } from './kernel-reset.js';
import {
  duplicateAcks,
  fastRetransmissions,
  lostSegments,
  outOfOrder,
  spuriousRetransmissions,
  timeoutRetransmissions,
} from './losses.js';
import { middlebox } from './middlebox.js';
import { establishedResets, injectedReset } from './resets.js';
import { delayedAckNagle, slow } from './slow.js';
import { acceptQueueFull, handshakeReset, synAckUnanswered } from './synack-unanswered.js';
import { synRepeated, synUnanswered } from './syn-unanswered.js';
import {
  falseAcknowledgments,
  fastOpen,
  icmpErrors,
  outOfWindow,
  pathMtu,
  portReuse,
  simultaneousOpen,
  strangeFlags,
} from './unusual.js';
import { beyondWindow, windowFull, zeroWindow } from './windows.js';

/**
 * In the order in which they are asked. What the capture itself hides or doubles comes first; of the resets each is
 * explained by the first rule that recognizes it.
 */
export const RULES: readonly Rule[] = [
  captureFaults,
  strangeFlags,
  kernelReset,
  connectionRefused,
  synUnanswered,
  injectedReset,
  handshakeReset,
  establishedResets,
  synRepeated,
  synAckUnanswered,
  acceptQueueFull,
  lostSegments,
  timeoutRetransmissions,
  fastRetransmissions,
  spuriousRetransmissions,
  outOfOrder,
  duplicateAcks,
  pathMtu,
  icmpErrors,
  zeroWindow,
  windowFull,
  beyondWindow,
  middlebox,
  keepAlives,
  slow,
  delayedAckNagle,
  badChecksum,
  falseAcknowledgments,
  outOfWindow,
  simultaneousOpen,
  fastOpen,
  portReuse,
  closing,
];
