import type { ConnState } from './report.js';
import type { End } from './end.js';
import type { Step } from './step.js';

type State = 'inactive' | 'partial' | 'syn-sent' | 'established' | 'closed' | 'reset';

/**
 * The connection state in Zeek's words. Per end Zeek's own small state machine; the names it gives to the outcome are
 * used with their documented meaning (so `RSTOS0` and `SH` need a SYN, `RSTRH` and `SHR` a SYN,ACK that was captured,
 * and traffic without either is `OTH`).
 */
export class ZeekState {
  private originator: State = 'inactive';
  private responder: State = 'inactive';
  private originatorWas: State = 'inactive';
  private responderWas: State = 'inactive';
  private synSeen = false;
  private synAckSeen = false;
  private octets = 0;
  /** Which end reset first, where both did: that one aborted the connection. */
  private originatorResetFirst = false;

  observe(step: Step, client: End): void {
    const own = step.from === client;
    this.octets += step.rst ? 0 : step.len;
    const state = own ? this.originator : this.responder;
    const next = this.nextState(step, own, state);
    if (next !== state) this.set(own, next);
  }

  get state(): ConnState {
    const { originator: o, responder: r } = this;
    const originatorIdle = o === 'inactive' || o === 'partial';
    const responderIdle = r === 'inactive' || r === 'partial';
    if (!this.synSeen && !this.synAckSeen) return 'OTH';
    if (r === 'reset' && !(o === 'reset' && this.originatorResetFirst)) {
      if (o === 'syn-sent' || (o === 'reset' && this.octets === 0 && !this.synAckSeen)) return 'REJ';
      if (originatorIdle) return this.synAckSeen ? 'RSTRH' : 'OTH';
      return 'RSTR';
    }
    if (o === 'reset') {
      if (responderIdle) return this.synSeen ? 'RSTOS0' : 'OTH';
      return 'RSTO';
    }
    if (o === 'closed' && r === 'closed') return 'SF';
    if (o === 'closed') return responderIdle ? (this.synSeen ? 'SH' : 'OTH') : 'S2';
    if (r === 'closed') return originatorIdle ? (this.synAckSeen ? 'SHR' : 'OTH') : 'S3';
    if (o === 'syn-sent' && r === 'inactive') return 'S0';
    if (o === 'established' && r === 'established') return 'S1';
    return 'OTH';
  }

  private nextState(step: Step, own: boolean, state: State): State {
    switch (state) {
      case 'inactive':
        return this.fromInactive(step, own);
      case 'syn-sent':
        if (step.rst) return 'reset';
        return step.fin ? 'closed' : state;
      case 'partial':
        if (step.syn && !step.rst) return this.fromInactive(step, own);
        return this.fromEstablished(step, own, state);
      case 'established':
        return this.fromEstablished(step, own, state);
      case 'closed':
        return step.rst && this.peer(own) !== 'closed' ? 'reset' : state;
      case 'reset':
        return state;
    }
  }

  private fromInactive(step: Step, own: boolean): State {
    if (step.rst) return 'reset';
    if (step.syn) {
      if (step.hasAck) this.synAckSeen = true;
      else this.synSeen = true;
      if (own) return step.fin ? 'closed' : 'syn-sent';
      if (this.originator === 'syn-sent') this.set(true, 'established');
      return 'established';
    }
    if (step.fin) return 'closed';
    if (!own && step.len === 0 && this.originator === 'syn-sent') return 'inactive';
    if (step.hasAck && this.peer(own) === 'established') return 'established';
    return 'partial';
  }

  private fromEstablished(step: Step, own: boolean, state: State): State {
    if (step.rst) return 'reset';
    if (!step.fin) return state;
    const peerWas = own ? this.responderWas : this.originatorWas;
    if (this.peer(own) === 'reset' && peerWas === 'closed') this.set(!own, 'closed');
    return 'closed';
  }

  private peer(own: boolean): State {
    return own ? this.responder : this.originator;
  }

  private set(own: boolean, state: State): void {
    if (state === 'reset' && own && this.responder !== 'reset') this.originatorResetFirst = true;
    if (own) {
      this.originatorWas = this.originator;
      this.originator = state;
    } else {
      this.responderWas = this.responder;
      this.responder = state;
    }
  }
}

/** Wireshark's tcp.completeness, by its rules: the first packet counts only when it is a SYN. */
export class Completeness {
  value = 0;
  private first = true;

  observe(step: Step): void {
    const { syn, hasAck, len } = step;
    if (this.first) {
      this.first = false;
      if (syn && !hasAck) this.value |= 1 | (len > 0 ? 8 : 0);
      return;
    }
    if (syn && !hasAck) this.value |= 1;
    if (syn && hasAck) this.value |= 2;
    if (!syn && hasAck) this.value |= len > 0 ? 8 : 4;
    if (step.fin && hasAck) this.value |= 16;
    if (step.rst) this.value |= 32;
  }
}
