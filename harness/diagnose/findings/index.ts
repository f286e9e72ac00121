import type { Rule } from '../view.js';
import { falseAcknowledgments } from './acknowledges-unsent-data.js';
import { badChecksum } from './bad-checksum.js';
import { beyondWindow } from './beyond-window.js';
import { captureFaults } from './capture-faults.js';
import { closing } from './closing.js';
import { connectionRefused } from './connection-refused.js';
import { delayedAckNagle } from './delayed-ack-nagle.js';
import { duplicateAcks } from './duplicate-acks.js';
import { establishedResets } from './established-resets.js';
import { fastRetransmissions } from './fast-retransmission.js';
import { icmpErrors } from './icmp-errors.js';
import { injectedReset } from './injected-reset.js';
import { keepAlives } from './keep-alives.js';
import { kernelReset } from './kernel-reset.js';
import { lostSegments } from './lost-segments.js';
import { middlebox } from './middlebox.js';
import { outOfOrder } from './out-of-order.js';
import { outOfWindow } from './out-of-window.js';
import { pathMtu } from './path-mtu.js';
import { slow } from './slow.js';
import { spuriousRetransmissions } from './spurious-retransmission.js';
import { strangeFlags } from './strange-flags.js';
import { acceptQueueFull, handshakeReset, synAckRepeated, synAckUnanswered } from './synack-unanswered.js';
import { synRepeated, synUnanswered } from './syn-unanswered.js';
import { timeoutRetransmissions } from './timeout-retransmission.js';
import { fastOpen, portReuse, simultaneousOpen } from './unusual-opening.js';
import { windowScaleLost } from './window-scale-lost.js';
import { windowFull } from './window-full.js';
import { zeroWindow } from './zero-window.js';

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
  synAckRepeated,
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
  windowScaleLost,
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
