import type { IcmpError } from '../wire/segment.js';
import { isGroup } from './rules-arrival.js';
import { SendingRules } from './rules-sending.js';
import { seqLeq, seqLt, type SeqNum } from './seq.js';
import type { Tcb } from './tcb.js';

/** The decisions about a connection's life: how it ends, what errors do to it. */
export class ConnectionRules extends SendingRules {
  /** MUST-46: no connection to what cannot be a peer. `broadcast`: it is the broadcast address of a subnet. */
  mayConnect(version: 4 | 6, address: string, broadcast: boolean): boolean {
    if (broadcast || isGroup(version, address)) return false;
    return version === 4 ? !address.startsWith('0.') : address !== '::';
  }

  /** MUST-13: twice the MSL, ms. */
  timeWaitMs(tcb: Tcb): number {
    return 2 * tcb.stack.limits.mslMs;
  }

  /** How long FIN-WAIT-2 lasts once the application has closed both halves, ms; for ever while it may still read. */
  finWait2Ms(tcb: Tcb): number {
    return tcb.readClosed ? 60_000 : Infinity;
  }

  /** R2 in ms: for SYN at least 3 minutes (MUST-23), else the user timeout (MUST-20, MUST-21, SHLD-11). */
  r2Ms(tcb: Tcb): number {
    return tcb.state === 'SYN-SENT' || tcb.state === 'SYN-RECEIVED'
      ? tcb.settings.synTimeoutMs
      : tcb.settings.userTimeoutMs;
  }

  /** SHLD-3, RFC 2525 section 2.17: closing over unread data is told to the peer by a reset. */
  resetsOnUnreadData(): boolean {
    return true;
  }

  /** SHLD-3, MAY-1: data that comes after the application has closed entirely is answered by a reset. */
  resetsOnLateData(tcb: Tcb): boolean {
    return tcb.readClosed;
  }

  /** RFC 5927 section 4.1: an ICMP error must quote what is outstanding, or it is forged or late. */
  quotesOutstanding(tcb: Tcb, seq: SeqNum): boolean {
    return seqLeq(tcb.sndUna, seq) && seqLt(seq, tcb.sndMax);
  }

  /** MUST-55, MUST-56, SHLD-26, section 3.9.2.2. */
  icmpVerdict(error: IcmpError): 'ignore' | 'soft' | 'hard' | 'path-mtu' {
    return error.version === 4 ? icmp4Verdict(error.type, error.code) : icmp6Verdict(error.type, error.code);
  }

  /** MUST-25, MUST-26: probes only when asked for. */
  keepAliveOn(tcb: Tcb): boolean {
    return tcb.settings.keepAlive;
  }

  /** MUST-28: idle time before probing, ms. */
  keepAliveIdleMs(tcb: Tcb): number {
    return tcb.settings.keepAliveIdleMs;
  }

  /** RFC 6528: ISS is a clock of 4 us plus a keyed hash of the pair of sockets. */
  iss(hash: number, now: number): number {
    return (hash + Math.floor(now * 250)) % 2 ** 32;
  }

  /** Smallest path MTU believed, octets (RFC 1191 section 3 as Linux bounds it; RFC 8201 section 4). */
  smallestPathMtu(version: 4 | 6): number {
    return version === 4 ? 552 : 1280;
  }
}

function icmp4Verdict(type: number, code: number): 'ignore' | 'soft' | 'hard' | 'path-mtu' {
  if (type === 11 || type === 12) return 'soft';
  if (type !== 3) return 'ignore';
  if (code === 4) return 'path-mtu';
  return code === 2 || code === 3 ? 'hard' : 'soft';
}

function icmp6Verdict(type: number, code: number): 'ignore' | 'soft' | 'hard' | 'path-mtu' {
  if (type === 2) return 'path-mtu';
  if (type === 3 || type === 4) return 'soft';
  if (type !== 1) return 'ignore';
  return code === 1 || code === 4 ? 'hard' : 'soft';
}
