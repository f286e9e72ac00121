import type { Role } from '../topology.js';
import type { PacketKind } from './rules.js';
import { ACK, FIN, RST, SYN } from './segment.js';
import type { SegmentView } from './segment.js';

/** Tells the kinds of packets apart; for that it remembers how far each end of each connection has sent. */
export class Classifier {
  readonly #sent = new Map<string, number>();
  readonly #opened = new Map<string, number>();

  /** The kinds that a segment is of, and what to count it under: end and connection, from its latest SYN on. */
  classify(segment: SegmentView, from: Role): { kinds: ReadonlySet<PacketKind>; flow: string } {
    const end = `${from} ${segment.connection}`;
    const kinds = new Set<PacketKind>(['any']);
    const { flags, length, seq } = segment;
    if (flags & SYN) {
      kinds.add(flags & ACK ? 'syn-ack' : 'syn');
      // Another SYN of the same number is that SYN again; a new number is a new connection.
      if (this.#opened.get(end) !== seq) this.#sent.delete(end);
      this.#opened.set(end, seq);
    }
    if (flags & FIN) kinds.add('fin');
    if (flags & RST) kinds.add('reset');
    if (length > 0) kinds.add('payload').add(this.#isNew(segment, end) ? 'data' : 'again');
    else if ((flags & (SYN | FIN | RST)) === 0) kinds.add('ack');
    return { kinds, flow: `${end} ${this.#opened.get(end) ?? ''}` };
  }

  #isNew({ seq, length, flags }: SegmentView, end: string): boolean {
    const last = (seq + length + (flags & SYN ? 1 : 0)) | 0;
    const before = this.#sent.get(end);
    if (before !== undefined && ((last - before) | 0) <= 0) return false;
    // A keep-alive's octet lies before the first data that were ever sent.
    const opened = this.#opened.get(end);
    if (before === undefined && opened !== undefined && ((last - opened - 1) | 0) <= 0) return false;
    this.#sent.set(end, last);
    return true;
  }
}
