import type { TcpConfig } from '../../core/config.js';
import { Tcp } from '../../core/tcp.js';
import { addressVersion } from '../../wire/address.js';
import type { DropReason } from '../../wire/drop-reason.js';
import { IpPacket } from '../../wire/ip-packet.js';
import { decodeIpv4 } from '../../wire/ipv4.js';
import { decodeIpv6 } from '../../wire/ipv6.js';
import type { Segment } from '../../wire/segment.js';
import { decodeSegment, encodedLength, encodeSegment } from '../../wire/tcp.js';
import { PERFECT, type Conditions } from './conditions.js';
import { EventQueue } from './event-queue.js';
import { SeededRandom } from './seeded-random.js';

/** A host on the simulated network: a TCP and its address. */
export interface SimulatedHost {
  readonly address: string;
  readonly tcp: Tcp;
}

/** What became of the packets, in packets. */
export interface NetworkCounters {
  sent: number;
  delivered: number;
  lost: number;
  duplicated: number;
  reordered: number;
  corrupted: number;
  /** Corrupted packets that no checksum caught; a burst of eight bits cannot slip through. */
  corruptedUnnoticed: number;
  queueDrops: number;
  tooBig: number;
  marked: number;
}

/**
 * Hosts, the paths between them and a virtual clock, all from one seed: the same seed and the same calls give the same
 * run, packet for packet. Packets travel as octets through the real codecs, so that corruption meets real checksums.
 */
export class SimulatedNetwork {
  /** Virtual time, ms. */
  now: number;
  readonly random: SeededRandom;
  readonly counters: NetworkCounters = {
    sent: 0,
    delivered: 0,
    lost: 0,
    duplicated: 0,
    reordered: 0,
    corrupted: 0,
    corruptedUnnoticed: 0,
    queueDrops: 0,
    tooBig: 0,
    marked: 0,
  };
  /** Sees every segment that a host sends, before the path has its way with it. Its payload is a borrowed view. */
  onTransmit: ((segment: Segment, host: SimulatedHost) => void) | undefined;
  private readonly hosts = new Map<string, Host>();
  private readonly paths = new Map<string, Path>();
  private readonly events = new EventQueue<() => void>();
  private readonly defaults: Conditions;
  private readonly scratch = new Uint8Array(70_000);
  private readonly packet = new IpPacket();

  /** `start` is the virtual time to begin at, ms. */
  constructor(seed: number, conditions: Partial<Conditions> = {}, start = 1000) {
    this.random = new SeededRandom(seed);
    this.defaults = { ...PERFECT, ...conditions };
    this.now = start;
  }

  /** Adds a host with its own TCP. `mtu` is that of its link; the path may carry less. */
  addHost(address: string, config: Partial<TcpConfig> = {}, mtu = 1500): SimulatedHost {
    const full: TcpConfig = { random: () => this.random.next(), ...config };
    const tcp = new Tcp(full, {
      transmit: (segment) => this.transmit(host, segment),
      mtu: () => mtu,
      localAddress: (version) => (version === addressVersion(address) ? address : undefined),
      isLocal: (candidate) => candidate === address,
    });
    const host: Host = { address, tcp, wakeAt: Infinity };
    this.hosts.set(address, host);
    return host;
  }

  /** Changes a path in the direction from one address to another, from now on. */
  setPath(from: string, to: string, conditions: Partial<Conditions>): void {
    const path = this.path(from, to);
    path.conditions = { ...path.conditions, ...conditions };
  }

  /** Runs `action` at the virtual time `at`, ms. */
  at(at: number, action: () => void): void {
    this.events.add(Math.max(at, this.now), action);
  }

  /**
   * Lets the virtual time pass until `until` (ms) or until nothing is left to happen, or `stop` says so after an event.
   * Returns the number of events.
   */
  run(until = Infinity, stop?: () => boolean): number {
    let count = 0;
    for (;;) {
      const next = Math.min(this.events.next(), this.nextDeadline());
      if (next > until || next === Infinity) {
        if (until !== Infinity && until > this.now) this.now = until;
        return count;
      }
      if (next > this.now) this.now = next;
      if (this.events.next() <= this.now) this.events.take()!();
      else this.advanceDue();
      count++;
      if (stop?.() === true) return count;
    }
  }

  private nextDeadline(): number {
    let next = Infinity;
    for (const host of this.hosts.values()) next = Math.min(next, host.tcp.nextDeadline());
    return next;
  }

  private advanceDue(): void {
    for (const host of this.hosts.values())
      if (host.tcp.nextDeadline() <= this.now) host.tcp.advance(this.now);
  }

  private path(from: string, to: string): Path {
    const key = `${from}>${to}`;
    let path = this.paths.get(key);
    if (path === undefined) {
      path = { conditions: this.defaults, busyUntil: 0, lastArrival: 0 };
      this.paths.set(key, path);
    }
    return path;
  }

  private transmit(host: Host, segment: Segment): void {
    this.onTransmit?.(segment, host);
    this.counters.sent++;
    const path = this.path(segment.src, segment.dst);
    const { conditions } = path;
    if (encodedLength(segment) > conditions.mtu) {
      this.tooBig(segment, conditions);
      return;
    }
    let { ecn } = segment;
    const waiting = Math.max(0, path.busyUntil - this.now);
    if (conditions.rateBps !== Infinity) {
      const octets = (waiting * conditions.rateBps) / 8000;
      if (octets > conditions.queueOctets) {
        this.counters.queueDrops++;
        return;
      }
      if (octets > conditions.markOctets && (ecn === 1 || ecn === 2)) {
        this.counters.marked++;
        ecn = 3;
      }
    }
    const sent = ecn === segment.ecn ? segment : { ...segment, ecn };
    const length = encodeSegment(sent, this.scratch, 0, this.counters.sent & 0xffff);
    const departs = this.now + waiting;
    path.busyUntil = departs + (length * 8000) / conditions.rateBps;
    if (this.random.chance(conditions.loss)) {
      this.counters.lost++;
      return;
    }
    this.carry(path, this.scratch.slice(0, length), path.busyUntil);
  }

  private carry(path: Path, packet: Uint8Array, departs: number): void {
    const { conditions } = path;
    let arrives = Math.max(departs + conditions.delayMs, path.lastArrival);
    const corrupt = this.random.chance(conditions.corrupt);
    if (corrupt) this.corrupt(packet);
    if (this.random.chance(conditions.reorder)) {
      this.counters.reordered++;
      arrives += conditions.reorderMs * this.random.next();
    } else {
      path.lastArrival = arrives;
    }
    this.events.add(arrives, () => this.deliver(packet, corrupt));
    if (this.random.chance(conditions.duplicate)) {
      this.counters.duplicated++;
      this.events.add(arrives + conditions.reorderMs * this.random.next(), () =>
        this.deliver(packet, corrupt),
      );
    }
  }

  private deliver(octets: Uint8Array, corrupted: boolean): void {
    const segment = this.decode(octets);
    if (typeof segment === 'string') return;
    if (corrupted) this.counters.corruptedUnnoticed++;
    this.counters.delivered++;
    this.hosts.get(segment.dst)?.tcp.segmentArrives(segment, this.now);
  }

  private decode(octets: Uint8Array): Segment | DropReason {
    const { packet } = this;
    const decodeIp = octets[0]! >>> 4 === 4 ? decodeIpv4 : decodeIpv6;
    const reason = decodeIp(octets, 0, octets.length, packet);
    if (reason !== undefined) return reason;
    if (packet.protocol !== 6) return 'tcp-malformed';
    return decodeSegment(octets, packet);
  }

  private corrupt(packet: Uint8Array): void {
    this.counters.corrupted++;
    // Traffic class, flow label and hop limit of IPv6 have no checksum: spare them.
    const first = packet[0]! >>> 4 === 6 ? 64 : 0;
    const bit = first + this.random.integer(packet.length * 8 - 8 - first);
    const pattern = 1 + this.random.integer(255);
    for (let i = 0; i < 8; i++) {
      if ((pattern >> i) & 1) packet[(bit + i) >> 3]! ^= 1 << (7 - ((bit + i) & 7));
    }
  }

  private tooBig(segment: Segment, conditions: Conditions): void {
    this.counters.tooBig++;
    if (conditions.silent) return;
    const { version, src, dst, srcPort, dstPort, seq } = segment;
    const kind = version === 4 ? { type: 3, code: 4 } : { type: 2, code: 0 };
    const error = { version, ...kind, mtu: conditions.mtu, src, dst, srcPort, dstPort, seq };
    this.at(this.now + conditions.delayMs, () => this.hosts.get(src)?.tcp.icmpError(error, this.now));
  }
}

interface Host extends SimulatedHost {
  wakeAt: number;
}

/** One direction between two addresses. */
interface Path {
  conditions: Conditions;
  /** When the limited rate is free again, ms. */
  busyUntil: number;
  /** Packets that are not held back keep their order. */
  lastArrival: number;
}
