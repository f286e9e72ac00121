import { createHash } from 'node:crypto';
import type { Tcb } from './tcb.js';

/**
 * Two keyed hashes of the pair of sockets (RFC 6528 section 3): F, the offset of the initial send sequence number, and
 * the offset of the timestamp clock (RFC 7323 section 5.4). The same pair always gives the same, so that both grow with
 * the clock from one incarnation to the next.
 */
export function socketHashes(tcb: Tcb, secret: string): { iss: number; timestamp: number } {
  const pair = `${tcb.localAddress}|${tcb.localPort}|${tcb.remoteAddress}|${tcb.remotePort}`;
  const digest = createHash('sha256').update(secret).update('|').update(pair).digest();
  return { iss: digest.readUInt32BE(0), timestamp: digest.readUInt32BE(4) };
}
