import type { Rule } from '../view.js';
import { acceptQueueFull, handshakeReset, synAckUnanswered } from './synack-unanswered.js';
import { connectionRefused } from './connection-refused.js';
import { kernelReset } from './kernel-reset.js';
import { synRepeated, synUnanswered } from './syn-unanswered.js';

/**
 * In the order in which they are asked. What the capture itself hides or doubles comes first; of the resets each is
 * explained by the first rule that recognizes it.
 */
export const RULES: readonly Rule[] = [
  kernelReset,
  connectionRefused,
  synUnanswered,
  synRepeated,
  synAckUnanswered,
  acceptQueueFull,
  handshakeReset,
];
