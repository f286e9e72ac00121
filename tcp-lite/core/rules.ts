import type { Segment } from '../wire/segment.js';
import { ConnectionRules } from './rules-connection.js';
import type { Tcb } from './tcb.js';

/**
 * Every single decision of TCP Lite, one method each: the procedures ask, the rules answer. To break one rule on
 * purpose, or to try another, override one method and pass the object in TcpConfig:
 *
 *     class AlwaysAtOnce extends Rules { override acknowledgesAtOnce() { return true; } }
 */
export class Rules extends ConnectionRules {
  /** The first look at a segment that has arrived; `tcb` is undefined where there is no connection. False drops it. */
  // eslint-disable-next-line @typescript-eslint/no-unused-vars -- named for those who override
  beforeArrival(segment: Segment, tcb: Tcb | undefined, now: number): boolean {
    return true;
  }

  /** The last look at a segment before it leaves; `tcb` is undefined for resets without a connection. False keeps it. */
  // eslint-disable-next-line @typescript-eslint/no-unused-vars -- named for those who override
  beforeTransmit(segment: Segment, tcb: Tcb | undefined): boolean {
    return true;
  }
}
