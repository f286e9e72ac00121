import type { Packet } from '../dissect/packet.js';
import { ACK, RST, SYN } from '../dissect/packet.js';
import { Connection, segmentLength } from './iut-connection.js';
import { before, distance, plus } from './sequence-space.js';

export interface IutModelOptions {
  /** Raw ISN that the tester uses until its first SYN is taken. */
  testerIsn: number;
  version: 4 | 6;
  /** MTU of the link, octets. */
  mtu: number;
}

/**
 * The variables of the IUT's connection (RFC 9293 section 3.3.1) as the wire tells them: what an RFC 9293 receiver would
 * have after everything the tester sent, and what the IUT's own packets say. Told packet by packet, in the order in which
 * the script takes them. Holds raw numbers; names() and view() give relative ones.
 */
export class IutModel {
  readonly #options: IutModelOptions;
  /** What relative numbers of the tester's side count from. */
  #testerBase: number;
  #connection = new Connection();
  #segment = { seq: 0, ack: 0, len: 0 };
  #lastSyn: Packet | undefined;

  constructor(options: IutModelOptions) {
    this.#options = options;
    this.#testerBase = options.testerIsn >>> 0;
  }

  /** RFC names, relative to each side's ISN. */
  names(): Record<string, number> {
    const { iss, sndUna, sndNxt, sndWnd, irs, received } = this.#connection;
    const [own, tester] = [iss ?? 0, this.#testerBase];
    const { seq, ack, len } = this.#segment;
    const rcvNxt = received?.next ?? tester;
    return {
      ISS: 0,
      IRS: irs === undefined ? 0 : plus(irs, -tester),
      'SND.UNA': plus(sndUna ?? own, -own),
      'SND.NXT': plus(sndNxt ?? own, -own),
      'SND.WND': sndWnd,
      'RCV.NXT': plus(rcvNxt, -tester),
      'RCV.WND': Math.max(0, distance(rcvNxt, this.#connection.rightEdge ?? rcvNxt)),
      MSS: this.#mss(),
      'SEG.SEQ': plus(seq, -tester),
      'SEG.ACK': plus(ack, -own),
      'SEG.LEN': len,
    };
  }

  /** Raw numbers for relative ones, as the tester puts them into a segment. */
  raw(relative: { seq: number; ack: number }): { seq: number; ack: number } {
    return {
      seq: plus(this.#testerBase, relative.seq % 2 ** 32),
      ack: plus(this.#connection.iss ?? 0, relative.ack % 2 ** 32),
    };
  }

  /** Shift by which the tester's window field is scaled in segments without SYN. */
  get testerShift(): number {
    return this.#connection.scales?.tester ?? 0;
  }

  /** Both sides sent the timestamps option. */
  get timestamps(): boolean {
    return this.#connection.timestamps;
  }

  /** The packet with the numbers that a line shows: relative, and the window scaled. */
  view(packet: Packet, from: 'iut' | 'tester'): Packet {
    const { tcp } = packet;
    const { iss, scales } = this.#connection;
    const first = from === 'iut' && (tcp.flags & SYN) !== 0 && this.#opens(packet);
    const own = first ? tcp.seqRaw : (iss ?? 0);
    const tester =
      first && this.#acknowledgesNewSyn(packet) ? (this.#lastSyn?.tcp.seqRaw ?? 0) : this.#testerBase;
    const [mine, theirs] = from === 'iut' ? [own, tester] : [tester, own];
    const shift = (tcp.flags & SYN) !== 0 ? 0 : (scales?.[from] ?? 0);
    return {
      ...packet,
      tcp: {
        ...tcp,
        seq: plus(tcp.seqRaw, -mine),
        ack: (tcp.flags & ACK) !== 0 ? plus(tcp.ackRaw, -theirs) : 0,
        window: tcp.windowRaw * 2 ** shift,
      },
    };
  }

  /** A segment that the tester sent; `taken` where the case says whether the IUT is to take it. */
  fromTester(packet: Packet, taken?: boolean): void {
    const { tcp } = packet;
    const { flags, seqRaw, ackRaw } = tcp;
    this.#segment = { seq: seqRaw, ack: ackRaw, len: segmentLength(packet) };
    if (taken === false || (taken === undefined && tcp.checksumStatus === 'bad')) return;
    if ((flags & SYN) !== 0 && (flags & RST) === 0) this.#lastSyn = packet;
    if (this.#connection.received === undefined) this.#synFromTester(packet, taken === true);
    else this.#connection.take(packet, taken === true);
  }

  /** A segment that the IUT sent. */
  fromIut(packet: Packet): void {
    const { tcp } = packet;
    if ((tcp.flags & SYN) !== 0 && this.#opens(packet)) {
      if (this.#acknowledgesNewSyn(packet)) this.#reopen();
      this.#connection.synFromIut(packet);
    }
    this.#connection.fromIut(packet);
  }

  /** Whether a SYN of the IUT begins a connection rather than repeating or corrupting the one there is. */
  #opens(packet: Packet): boolean {
    const { iss, gone } = this.#connection;
    return iss === undefined || gone || this.#acknowledgesNewSyn(packet);
  }

  #acknowledgesNewSyn({ tcp }: Packet): boolean {
    const syn = this.#lastSyn?.tcp.seqRaw;
    if (syn === undefined || (syn === this.#connection.irs && !this.#connection.gone)) return false;
    return (tcp.flags & ACK) !== 0 && tcp.ackRaw === plus(syn, 1);
  }

  #reopen(): void {
    const syn = this.#lastSyn;
    if (syn === undefined) return;
    this.#connection = new Connection();
    this.#testerBase = syn.tcp.seqRaw;
    this.#connection.synFromTester(syn);
  }

  #synFromTester(packet: Packet, forced: boolean): void {
    const { flags, seqRaw, ackRaw, len } = packet.tcp;
    if ((flags & SYN) === 0 || (flags & RST) !== 0) {
      this.#connection.resetBeforeSyn(packet);
      return;
    }
    const { iss, sndNxt } = this.#connection;
    const hasAck = (flags & ACK) !== 0;
    const acceptable =
      iss === undefined ? !hasAck : !hasAck || (before(iss, ackRaw) && !before(sndNxt ?? iss, ackRaw));
    if (!acceptable && !forced) return;
    this.#testerBase = seqRaw;
    this.#connection.synFromTester(packet);
    // Text on a SYN is queued until the connection is open; few take it, so the case has to say so.
    if (forced) this.#connection.received?.take(plus(seqRaw, 1), plus(seqRaw, 1 + len), false);
  }

  #mss(): number {
    const { version, mtu } = this.#options;
    const [ipHeader, least] = version === 4 ? [20, 536] : [40, 1220];
    const { mssFromTester = least, timestamps } = this.#connection;
    return Math.min(mssFromTester, mtu - ipHeader - 20) - (timestamps ? TIMESTAMPS_LENGTH : 0);
  }
}

/** The timestamps option with its padding, octets. */
const TIMESTAMPS_LENGTH = 12;
