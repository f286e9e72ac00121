import type { End } from './end.js';
import { noteResponse } from './acks.js';
import { Bounded } from './sequence.js';
import type { Step } from './step.js';

export interface SynFact {
  frame: number;
  time: number;
  from: End;
  ttl: number;
  dontFragment: boolean;
  optionKinds: number;
  window: number;
  len: number;
}

/** SYN, SYN,ACK and the ACK that ends the handshake, with every repeat. */
export class Handshake {
  readonly syns = new Bounded<SynFact>(32);
  readonly synAcks = new Bounded<SynFact>(32);
  /** First packet of the client that acknowledges the SYN,ACK. */
  ack: { frame: number; time: number } | undefined;
  /** SYN,ACKs captured after that: the server did not take the ACK. */
  readonly synAcksAfterAck = new Bounded<{ frame: number; time: number }>(16);
  /** Both ends sent a SYN without ACK. */
  simultaneous = false;
  /** An ACK that answers a SYN without being a SYN,ACK. */
  oddAnswer: { frame: number; ack: number } | undefined;
  toServer: number | undefined;
  toClient: number | undefined;
  total: number | undefined;

  observeSyn(step: Step): void {
    const { from, to } = step;
    const fact = synFact(step);
    if (step.hasAck) this.synAck(step, fact);
    else this.syn(step, fact);
    const { options } = step.packet.tcp;
    // What was cut off is not known to be absent.
    if (options.cut === undefined) from.synOptions ??= options;
    this.agreeOnScale(from, to);
    if (step.end > from.next) from.next = step.end;
    if (step.len > 0 && step.seq === 0) from.uniqueOctets = Math.max(from.uniqueOctets, step.len);
  }

  /** Any later packet: is it the ACK that ends the handshake? */
  observeLater(step: Step): void {
    const latest = this.synAcks.latest;
    if (this.ack !== undefined || latest === undefined || step.ack === undefined || step.rst) return;
    if (step.from === latest.from || step.ack < 1) return;
    this.ack = { frame: step.frame, time: step.time };
    if (step.len === 0 && !step.fin && step.kind === 'ack') step.kind = 'handshake-ack';
    this.toClient = step.time - latest.time;
    noteResponse(step.from, this.toClient);
    // The sum of both halves: repeats in between are waiting, not distance.
    if (this.toServer !== undefined) this.total = this.toServer + this.toClient;
  }

  private syn(step: Step, fact: SynFact): void {
    const repeated = this.syns.items.some((syn) => syn.from === step.from);
    step.kind = repeated ? 'syn-repeated' : 'syn';
    if (repeated) step.refersTo = this.syns.items.find((syn) => syn.from === step.from)?.frame;
    else if (this.syns.items.some((syn) => syn.from === step.to)) this.simultaneous = true;
    this.syns.push(fact);
  }

  private synAck(step: Step, fact: SynFact): void {
    const repeated = this.synAcks.items.some((synAck) => synAck.from === step.from);
    step.kind = repeated ? 'syn-ack-repeated' : 'syn-ack';
    if (repeated) {
      step.refersTo = this.synAcks.items[0]?.frame;
      if (this.ack !== undefined) this.synAcksAfterAck.push({ frame: step.frame, time: step.time });
    } else {
      const syn = this.synBefore(fact);
      if (syn !== undefined) {
        this.toServer = step.time - syn.time;
        noteResponse(step.from, this.toServer);
      }
      // Data in the SYN that the server did not take (RFC 7413) is sent again, which is no loss.
      if (step.ack === 1 && step.to.next > 1 && (syn?.len ?? 0) > 0) {
        step.to.next = 1;
        step.to.uniqueOctets = 0;
      }
    }
    this.synAcks.push(fact);
  }

  private synBefore(answer: SynFact): SynFact | undefined {
    const own = this.syns.items.filter((syn) => syn.from !== answer.from && syn.time <= answer.time);
    const latest = this.syns.latest;
    if (latest !== undefined && latest.from !== answer.from && this.syns.count > this.syns.items.length)
      return latest;
    return own.at(-1);
  }

  /** RFC 7323 section 2.2: windows are scaled only where both SYNs carried the option. */
  private agreeOnScale(from: End, to: End): void {
    if (from.synOptions === undefined || to.synOptions === undefined) return;
    const both = from.synOptions.windowScale !== undefined && to.synOptions.windowScale !== undefined;
    for (const end of [from, to]) end.shift = both ? Math.min(14, end.synOptions?.windowScale ?? 0) : 0;
  }
}

function synFact(step: Step): SynFact {
  const { packet } = step;
  return {
    frame: step.frame,
    time: step.time,
    from: step.from,
    ttl: packet.ip.ttl,
    dontFragment: packet.ip.dontFragment ?? false,
    optionKinds: packet.tcp.options.kinds.filter((kind) => kind > 1).length,
    window: packet.tcp.windowRaw,
    len: packet.tcp.len,
  };
}
