import { ACK, FIN, RST, SYN, type Packet } from './packet.js';

/** Sets `tcp.seq` and `tcp.ack` of every packet, which must be in the order of the capture. */
export function assignRelativeNumbers(packets: Iterable<Packet>): void {
  const numbers = new RelativeNumbers();
  for (const packet of packets) numbers.assign(packet);
}

/** The SACK edges of a packet relative to the ISN of the side whose data they speak of. */
export function relativeSackBlocks({ tcp }: Packet): [number, number][] {
  const base = tcp.ackRaw - tcp.ack;
  return (tcp.options.sackBlocks ?? []).map(({ left, right }) => [(left - base) >>> 0, (right - base) >>> 0]);
}

/**
 * Computes sequence numbers relative to the ISN of each side, packet by packet, from the raw numbers and the SYNs.
 * (Wireshark counts from the first packet it saw, so a lost SYN shifts its numbers.)
 *
 * One pair of addresses and ports may carry several connections one after the other. A SYN with another ISN begins a
 * new one, except inside the window of a live connection, where it is a segment of that connection (RFC 9293,
 * 3.10.7.4). Other packets belong to the connection whose numbers they continue: the answer to a SYN out of the blue
 * is counted as the old connection counts. Without a SYN in the capture the first octet seen is number 1.
 *
 * Memory is bounded: of conversations beyond a hundred thousand the longest idle ones are forgotten.
 */
export class RelativeNumbers {
  #recent = new Map<string, Conversation>();
  #older = new Map<string, Conversation>();
  readonly #limit: number;

  constructor(limit = 50_000) {
    this.#limit = limit;
  }

  assign(packet: Packet): void {
    const { tcp, ip } = packet;
    const from = `${ip.src} ${tcp.srcPort}`;
    const to = `${ip.dst} ${tcp.dstPort}`;
    const swapped = from > to;
    const conversation = this.#find(`${packet.interfaceId} ${swapped ? to : from} ${swapped ? from : to}`);
    conversation.take(packet, swapped ? 1 : 0);
  }

  #find(key: string): Conversation {
    const known = this.#recent.get(key);
    if (known !== undefined) return known;
    if (this.#recent.size >= this.#limit) {
      this.#older = this.#recent;
      this.#recent = new Map();
    }
    const conversation = this.#older.get(key) ?? new Conversation();
    this.#older.delete(key);
    this.#recent.set(key, conversation);
    return conversation;
  }
}

type Direction = 0 | 1;

/** The connections of one pair of addresses and ports: the current one and the one before it. */
class Conversation {
  #current = new Connection();
  #previous: Connection | undefined;
  /** A SYN that was taken for a segment of a live connection, until it is answered. */
  #syn: { packet: Packet; direction: Direction } | undefined;

  take(packet: Packet, direction: Direction): void {
    const { flags } = packet.tcp;
    const connection =
      flags & SYN
        ? flags & ACK
          ? this.#ofSynAck(packet, direction)
          : this.#ofSyn(packet, direction)
        : this.#continued(packet, direction);
    connection.take(packet, direction);
  }

  #ofSyn(packet: Packet, direction: Direction): Connection {
    const side = this.#current.sides[direction];
    if (side.isn === undefined && !this.#current.closed) return this.#current;
    if (side.fromSyn && side.isn === packet.tcp.seqRaw && !this.#current.closed) return this.#current;
    const previous = this.#previous?.sides[direction];
    if (previous?.fromSyn === true && previous.isn === packet.tcp.seqRaw && this.#previous?.closed === false)
      return this.#previous;
    if (this.#current.isAlive(direction) && this.#current.isInWindow(packet, direction)) {
      this.#syn = { packet, direction };
      return this.#current;
    }
    return this.#begin();
  }

  #ofSynAck(packet: Packet, direction: Direction): Connection {
    const other: Direction = direction === 0 ? 1 : 0;
    if (this.#syn?.direction === other && acknowledgesSyn(packet, this.#syn.packet)) {
      // The peer took it for a new connection after all.
      const syn = this.#syn.packet;
      this.#begin().take(syn, other);
      this.#syn = undefined;
    }
    for (const connection of [this.#current, this.#previous]) {
      if (connection === undefined) continue;
      const client = connection.sides[other];
      const answers = client.isn !== undefined && client.fromSyn && acknowledges(packet, client);
      if (!answers) continue;
      this.#renumber(connection, packet, direction);
      return connection;
    }
    const client = this.#current.sides[other];
    const server = this.#current.sides[direction];
    if (server.isn !== undefined && !client.fromSyn) {
      const known = server.isn === packet.tcp.seqRaw;
      const within = this.#current.isAlive(direction) && this.#current.isInWindow(packet, direction);
      if (this.#current.closed || !(known || within)) return this.#begin();
    }
    this.#renumber(this.#current, packet, direction);
    return this.#current;
  }

  /** A SYN,ACK with another ISN replaces what the server's numbers were counted from, unless it is in mid-connection. */
  #renumber(connection: Connection, packet: Packet, direction: Direction): void {
    const server = connection.sides[direction];
    if (server.isn === undefined || server.isn === packet.tcp.seqRaw) return;
    if (connection.isAlive(direction) && server.fromSyn && connection.isInWindow(packet, direction)) return;
    connection.sides[direction] = new Side();
  }

  #continued(packet: Packet, direction: Direction): Connection {
    const previous = this.#previous;
    if (previous === undefined) return this.#current;
    const toCurrent = this.#current.distance(packet, direction);
    const toPrevious = previous.distance(packet, direction);
    if (toPrevious >= toCurrent) return this.#current;
    // What has ended may still see a late segment, but must fit much better.
    if (previous.closed && toPrevious > 0 && toCurrent <= SMALLEST_REACH) return this.#current;
    return previous;
  }

  #begin(): Connection {
    if (!this.#current.isEmpty) this.#previous = this.#current;
    this.#current = new Connection();
    return this.#current;
  }
}

class Connection {
  readonly sides: [Side, Side] = [new Side(), new Side()];
  /** Reset, or finished by both sides. */
  closed = false;

  get isEmpty(): boolean {
    return this.sides.every((side) => side.isn === undefined);
  }

  /** Whether the other side takes part, so that a segment of `direction` may be one of this connection. */
  isAlive(direction: Direction): boolean {
    return !this.closed && this.sides[direction === 0 ? 1 : 0].spoke;
  }

  /** Whether the packet's sequence number lies within a window of what its sender would send next. */
  isInWindow({ tcp }: Packet, direction: Direction): boolean {
    const { next } = this.sides[direction];
    const { window } = this.sides[direction === 0 ? 1 : 0];
    return next !== undefined && Math.abs(difference(tcp.seqRaw, next)) <= Math.max(window, SMALLEST_REACH);
  }

  /** How far the packet's numbers are from those that this connection would go on with. */
  distance({ tcp }: Packet, direction: Direction): number {
    const sender = this.sides[direction];
    const receiver = this.sides[direction === 0 ? 1 : 0];
    let distance: number | undefined;
    if (sender.next !== undefined) distance = Math.abs(difference(tcp.seqRaw, sender.next));
    if (tcp.flags & ACK && receiver.next !== undefined)
      distance = (distance ?? 0) + Math.abs(difference(tcp.ackRaw, receiver.next));
    return distance ?? Infinity;
  }

  take(packet: Packet, direction: Direction): void {
    const { tcp } = packet;
    const sender = this.sides[direction];
    const receiver = this.sides[direction === 0 ? 1 : 0];
    const reset = (tcp.flags & RST) !== 0;
    sender.learnFromSegment(packet, receiver.fromSyn);
    if (tcp.flags & ACK) receiver.learnFromAck(tcp.ackRaw);
    if (!reset) {
      sender.spoke = true;
      sender.window = tcp.window;
      // Who answers a reset has not accepted it.
      if (receiver.reset) {
        receiver.reset = false;
        this.closed = false;
      }
    }
    if (reset) sender.reset = true;
    if (tcp.flags & FIN) sender.finished = true;
    if (reset || (sender.finished && receiver.finished)) this.closed = true;

    tcp.seq = (tcp.seqRaw - (sender.isn ?? 0)) >>> 0;
    tcp.ack = tcp.flags & ACK ? (tcp.ackRaw - (receiver.isn ?? 0)) >>> 0 : 0;
  }
}

/** What is known of one side of a connection. */
class Side {
  /** What its numbers are counted from: its ISN, or one before the first number seen. */
  isn: number | undefined;
  /** The ISN was seen in a SYN. */
  fromSyn = false;
  /** The sequence number after the last one it used. */
  next: number | undefined;
  window = 0;
  /** It has sent something other than a reset. */
  spoke = false;
  finished = false;
  reset = false;

  learnFromSegment({ tcp }: Packet, peerSentSyn: boolean): void {
    const syn = (tcp.flags & SYN) !== 0;
    if (syn && (this.isn === undefined || (!this.fromSyn && this.isn === tcp.seqRaw))) {
      this.isn = tcp.seqRaw;
      this.fromSyn = true;
    }
    if (this.isn === undefined) {
      // The reset that refuses a SYN has no ISN behind it: its number is 0, or the SYN's own acknowledgment.
      if (tcp.flags & RST && (peerSentSyn || tcp.seqRaw === 0)) return;
      this.isn = (tcp.seqRaw - 1) >>> 0;
    }
    const end = (tcp.seqRaw + tcp.len + (syn ? 1 : 0) + (tcp.flags & FIN ? 1 : 0)) >>> 0;
    this.#reach(end, FARTHEST_STEP);
  }

  learnFromAck(ackRaw: number): void {
    this.isn ??= (ackRaw - 1) >>> 0;
    this.#reach(ackRaw, FARTHEST_STEP);
  }

  #reach(end: number, farthest: number): void {
    const step = this.next === undefined ? 0 : difference(end, this.next);
    if (this.next === undefined || (step > 0 && step <= farthest)) this.next = end;
  }
}

function acknowledgesSyn(packet: Packet, syn: Packet): boolean {
  return packet.tcp.ackRaw === (syn.tcp.seqRaw + 1) >>> 0;
}

/** Whether the packet acknowledges the SYN of `client`, perhaps with data that came with it. */
function acknowledges(packet: Packet, client: Side): boolean {
  if (client.isn === undefined) return false;
  const acknowledged = difference(packet.tcp.ackRaw, client.isn);
  return acknowledged >= 1 && acknowledged <= difference(client.next ?? client.isn, client.isn);
}

/** a - b in sequence space, from -2^31 to 2^31 - 1. */
const difference = (a: number, b: number): number => (a - b) | 0;

/** A window without scaling: the least that counts as near. */
const SMALLEST_REACH = 65535;
/** A number farther ahead than this is a stray, not progress. */
const FARTHEST_STEP = 2 ** 24;
