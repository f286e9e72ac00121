import type { Tcb } from './tcb.js';

/**
 * Finds the connection of a segment by both sockets. Buckets by the pair of ports, then compares addresses; the last
 * hit is tried first, since segments come in trains.
 */
export class ConnectionTable {
  size = 0;
  private readonly buckets = new Map<number, Tcb>();
  private last: Tcb | undefined;

  find(localAddress: string, localPort: number, remoteAddress: string, remotePort: number): Tcb | undefined {
    const { last } = this;
    if (last !== undefined && matches(last, localAddress, localPort, remoteAddress, remotePort)) return last;
    let tcb = this.buckets.get(localPort * 65_536 + remotePort);
    while (tcb !== undefined && !matches(tcb, localAddress, localPort, remoteAddress, remotePort)) {
      tcb = tcb.nextInBucket;
    }
    if (tcb !== undefined) this.last = tcb;
    return tcb;
  }

  add(tcb: Tcb): void {
    const key = tcb.localPort * 65_536 + tcb.remotePort;
    tcb.nextInBucket = this.buckets.get(key);
    this.buckets.set(key, tcb);
    this.size++;
  }

  remove(tcb: Tcb): void {
    if (this.last === tcb) this.last = undefined;
    const key = tcb.localPort * 65_536 + tcb.remotePort;
    const first = this.buckets.get(key);
    if (first === tcb) {
      if (tcb.nextInBucket === undefined) this.buckets.delete(key);
      else this.buckets.set(key, tcb.nextInBucket);
      this.size--;
    } else {
      for (let before = first; before !== undefined; before = before.nextInBucket) {
        if (before.nextInBucket !== tcb) continue;
        before.nextInBucket = tcb.nextInBucket;
        this.size--;
        break;
      }
    }
    tcb.nextInBucket = undefined;
  }

  *[Symbol.iterator](): Iterator<Tcb> {
    for (const first of this.buckets.values()) {
      for (let tcb: Tcb | undefined = first; tcb !== undefined; tcb = tcb.nextInBucket) yield tcb;
    }
  }
}

function matches(
  tcb: Tcb,
  localAddress: string,
  localPort: number,
  remoteAddress: string,
  remotePort: number,
): boolean {
  return (
    tcb.localPort === localPort &&
    tcb.remotePort === remotePort &&
    tcb.remoteAddress === remoteAddress &&
    tcb.localAddress === localAddress
  );
}
