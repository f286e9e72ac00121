import type { Packet } from '../dissect/packet.js';
import { ACK, FIN, RST, SYN } from '../dissect/packet.js';
import { Reassembly } from './reassembly.js';
import { before, distance, plus } from './sequence-space.js';

/** One connection of the IUT; a new one begins when it answers a new SYN. */
export class Connection {
  iss: number | undefined;
  sndUna: number | undefined;
  sndNxt: number | undefined;
  sndWnd = 0;
  irs: number | undefined;
  received: Reassembly | undefined;
  /** First sequence number beyond the window that the IUT last offered. */
  rightEdge: number | undefined;
  mssFromTester: number | undefined;
  /** Reset by either side, as far as the wire shows. */
  gone = false;
  #maxSndWnd = 0;
  #windowSeq = 0;
  #windowAck = 0;
  #testerSyn: Packet | undefined;
  #iutSyn: Packet | undefined;
  #recentTimestamp: number | undefined;

  get scales(): { iut: number; tester: number } | undefined {
    const iut = this.#iutSyn?.tcp.options.windowScale;
    const tester = this.#testerSyn?.tcp.options.windowScale;
    // A shift above 14 counts as 14 (RFC 7323 section 2.3).
    return iut === undefined || tester === undefined
      ? undefined
      : { iut: Math.min(iut, 14), tester: Math.min(tester, 14) };
  }

  get timestamps(): boolean {
    return (
      this.#iutSyn?.tcp.options.timestamp !== undefined &&
      this.#testerSyn?.tcp.options.timestamp !== undefined
    );
  }

  synFromIut(packet: Packet): void {
    const { seqRaw } = packet.tcp;
    this.#iutSyn = packet;
    this.iss = seqRaw;
    this.sndUna = seqRaw;
    this.sndNxt = plus(seqRaw, 1);
    this.gone = false;
  }

  synFromTester(packet: Packet): void {
    const { flags, seqRaw, ackRaw, windowRaw, options } = packet.tcp;
    this.#testerSyn = packet;
    this.gone = false;
    this.irs = seqRaw;
    this.received = new Reassembly(plus(seqRaw, 1));
    this.mssFromTester = options.mss;
    this.#recentTimestamp = options.timestamp?.value;
    this.#setSendWindow(windowRaw, seqRaw, ackRaw);
    if ((flags & ACK) !== 0) this.sndUna = ackRaw;
  }

  /** A reset that a SYN-SENT connection accepts carries an ACK of its SYN (RFC 9293 section 3.10.7.3). */
  resetBeforeSyn({ tcp }: Packet): void {
    const acksSyn = (tcp.flags & ACK) !== 0 && this.sndNxt !== undefined && tcp.ackRaw === this.sndNxt;
    if ((tcp.flags & RST) !== 0 && acksSyn) this.gone = true;
  }

  fromIut(packet: Packet): void {
    const { tcp } = packet;
    if ((tcp.flags & RST) !== 0) {
      // A reset that answers a wrong ACK carries that number and ends nothing (RFC 9293 section 3.10.7).
      if (this.sndNxt === undefined || this.sndUna === undefined) return;
      // An ACK of nothing but the ISN is as wrong as one from before it.
      const first = this.sndUna === this.iss ? plus(this.sndUna, 1) : this.sndUna;
      this.gone ||= !before(tcp.seqRaw, first) && !before(this.sndNxt, tcp.seqRaw);
      return;
    }
    const end = plus(tcp.seqRaw, segmentLength(packet));
    if (this.sndNxt !== undefined && before(this.sndNxt, end)) this.sndNxt = end;
    if ((tcp.flags & ACK) === 0 || this.received === undefined) return;
    const shift = (tcp.flags & SYN) !== 0 ? 0 : (this.scales?.iut ?? 0);
    this.rightEdge = plus(tcp.ackRaw, tcp.windowRaw * 2 ** shift);
  }

  /** The checks of RFC 9293 section 3.10.7.4 and RFC 7323 section 5, as far as they decide what is taken. */
  take(packet: Packet, forced: boolean): void {
    const { received } = this;
    const { flags, seqRaw, len } = packet.tcp;
    if (received === undefined) return;
    if (!forced) {
      if (this.gone || !this.#timestampInOrder(packet)) return;
      if ((flags & RST) !== 0 && seqRaw === received.next) this.gone = true;
      if ((flags & (RST | SYN)) !== 0 || (flags & ACK) === 0) return;
      if (!this.#inWindow(packet) || !this.#ackAcceptable(packet)) return;
    }
    this.#learn(packet);
    const limit = forced ? plus(seqRaw, len) : this.#rightEdge(received);
    const end = plus(seqRaw, len);
    const fits = !before(limit, end);
    const fin = (flags & FIN) !== 0 && fits && (forced || before(end, limit));
    received.take(seqRaw, fits ? end : limit, fin);
  }

  #learn({ tcp }: Packet): void {
    const { flags, seqRaw, ackRaw, windowRaw, options } = tcp;
    if ((flags & ACK) === 0) return;
    if (this.sndUna === undefined || before(this.sndUna, ackRaw)) this.sndUna = ackRaw;
    const newer =
      before(this.#windowSeq, seqRaw) || (this.#windowSeq === seqRaw && !before(ackRaw, this.#windowAck));
    if (newer) this.#setSendWindow(windowRaw * 2 ** (this.scales?.tester ?? 0), seqRaw, ackRaw);
    const stamp = options.timestamp?.value;
    if (stamp !== undefined && this.received !== undefined && !before(this.received.next, seqRaw)) {
      this.#recentTimestamp = stamp;
    }
  }

  #setSendWindow(window: number, seq: number, ack: number): void {
    this.sndWnd = window;
    this.#maxSndWnd = Math.max(this.#maxSndWnd, window);
    this.#windowSeq = seq;
    this.#windowAck = ack;
  }

  #timestampInOrder({ tcp }: Packet): boolean {
    if (!this.timestamps || (tcp.flags & RST) !== 0) return true;
    const stamp = tcp.options.timestamp?.value;
    if (stamp === undefined) return false;
    return this.#recentTimestamp === undefined || !before(stamp, this.#recentTimestamp);
  }

  #inWindow(packet: Packet): boolean {
    const { received } = this;
    if (received === undefined) return false;
    const window = distance(received.next, this.#rightEdge(received));
    const length = segmentLength(packet);
    const first = distance(received.next, packet.tcp.seqRaw);
    const last = first + length - 1;
    if (length === 0) return window === 0 ? first === 0 : first >= 0 && first < window;
    if (window === 0) return false;
    return (first >= 0 && first < window) || (last >= 0 && last < window);
  }

  /** SND.UNA < SEG.ACK before the SYN is acknowledged; later no older than the largest window (RFC 5961 section 5.2). */
  #ackAcceptable({ tcp }: Packet): boolean {
    const { iss, sndUna, sndNxt } = this;
    if (iss === undefined || sndUna === undefined || sndNxt === undefined) return true;
    if (before(sndNxt, tcp.ackRaw)) return false;
    if (sndUna === iss) return before(iss, tcp.ackRaw);
    return distance(plus(sndUna, -this.#maxSndWnd), tcp.ackRaw) >= 0;
  }

  #rightEdge(received: Reassembly): number {
    const edge = this.rightEdge ?? plus(received.next, 65535);
    return before(edge, received.next) ? received.next : edge;
  }
}

/** SEG.LEN: octets of payload, SYN and FIN counted (RFC 9293 section 3.4). */
export function segmentLength({ tcp }: Packet): number {
  return tcp.len + ((tcp.flags & SYN) !== 0 ? 1 : 0) + ((tcp.flags & FIN) !== 0 ? 1 : 0);
}
