import type { DropReason } from '../wire/drop-reason.js';
import { encodeEthernet, ETHER_TYPE_IPV4, ETHER_TYPE_IPV6, ETHERNET_HEADER } from '../wire/ethernet.js';
import type { Segment } from '../wire/segment.js';
import { encodedLength } from '../wire/tcp.js';
import type { HostAddresses } from './addresses.js';
import type { HostCounters } from './counters.js';
import type { FrameOutput } from './frame-output.js';
import type { HostConfig } from './host.js';
import { NeighbourCache } from './neighbours.js';
import type { Neighbour } from './neighbours.js';
import { Resolver } from './resolver.js';
import type { HostRules } from './rules.js';

/** The way out of a host: next hop, its hardware address, the frame; packets wait while the address is asked for. */
export class FrameSender {
  readonly neighbours: NeighbourCache;
  readonly resolver: Resolver;
  private readonly mac: Uint8Array;
  private readonly routes = new Map<string, Neighbour | undefined>();
  private identification = 0;
  // Frames of a flow go in runs: where the last one went, the next one goes.
  private sentTo = '';
  private sentVia: Neighbour | undefined;

  /** `undelivered` is told of every frame whose neighbour never answered. */
  constructor(
    config: HostConfig,
    private readonly rules: HostRules,
    private readonly addresses: HostAddresses,
    private readonly output: FrameOutput,
    private readonly counters: HostCounters,
    undelivered: (frame: Uint8Array) => void,
  ) {
    this.mac = config.mac;
    this.neighbours = new NeighbourCache(
      {
        solicit: (address, mac) => this.resolver.solicit(address, mac),
        release: (frame, mac) => this.release(frame, mac),
        giveUp: (_address, frames) => {
          for (const frame of frames) {
            this.drop('neighbour-unresolved');
            undelivered(frame);
          }
        },
        overflow: () => this.drop('neighbour-queue-overflow'),
      },
      config.neighbours,
    );
    const answers = config.answerNeighbours ?? true;
    this.resolver = new Resolver(addresses, config.mac, counting(output, counters), this.neighbours, answers);
  }

  transmit(segment: Segment, now: number): void {
    const { mtu } = this.output;
    const length = encodedLength(segment);
    if (length > mtu) {
      this.drop('packet-too-big');
      return;
    }
    const next = this.nextHop(segment.sourceRoute?.[0] ?? segment.dst);
    if (next === undefined) {
      this.drop('no-route');
      return;
    }
    const mac = this.neighbours.macOf(next, now);
    // Always room for the longest frame: devices keep a view of that length.
    const frame =
      mac === undefined
        ? new Uint8Array(ETHERNET_HEADER + length)
        : this.output.reserve(ETHERNET_HEADER + mtu);
    const type = segment.version === 4 ? ETHER_TYPE_IPV4 : ETHER_TYPE_IPV6;
    const start = encodeEthernet(frame, 0, mac ?? this.mac, this.mac, type);
    const end = start + this.rules.encode(segment, frame, start, this.nextIdentification());
    if (mac === undefined) {
      this.neighbours.wait(next, frame, now);
      return;
    }
    this.counters.framesOut++;
    this.output.commit(end);
  }

  /** Sends an IP packet of `length` octets, written by `encode`. */
  send(
    destination: string,
    version: 4 | 6,
    length: number,
    encode: (target: Uint8Array, offset: number) => number,
    now: number,
  ): void {
    const next = this.nextHop(destination);
    if (next === undefined) {
      this.drop('no-route');
      return;
    }
    const mac = this.neighbours.macOf(next, now);
    const type = version === 4 ? ETHER_TYPE_IPV4 : ETHER_TYPE_IPV6;
    const frame = new Uint8Array(ETHERNET_HEADER + length);
    encode(frame, encodeEthernet(frame, 0, mac ?? this.mac, this.mac, type));
    if (mac === undefined) this.neighbours.wait(next, frame, now);
    else this.release(frame, mac);
  }

  private nextHop(destination: string): Neighbour | undefined {
    if (destination === this.sentTo && this.sentVia?.forgotten === false) return this.sentVia;
    let next = this.routes.get(destination);
    if (next === undefined || next.forgotten) {
      const hop = this.addresses.has(destination) ? undefined : this.addresses.nextHop(destination);
      next = hop === undefined ? undefined : this.neighbours.entry(hop);
      if (this.routes.size >= ROUTES) this.routes.clear();
      this.routes.set(destination, next);
    }
    this.sentTo = destination;
    this.sentVia = next;
    return next;
  }

  /** A frame that is whole but for its destination. */
  private release(frame: Uint8Array, mac: Uint8Array): void {
    frame.set(mac, 0);
    this.output.reserve(frame.length).set(frame);
    this.output.commit(frame.length);
    this.counters.framesOut++;
  }

  private nextIdentification(): number {
    this.identification = (this.identification + 1) & 0xffff;
    return this.identification;
  }

  private drop(reason: DropReason): void {
    this.counters.drops[reason]++;
  }
}

const ROUTES = 4096;

function counting(output: FrameOutput, counters: HostCounters): FrameOutput {
  return {
    mtu: output.mtu,
    reserve: (maxLength) => output.reserve(maxLength),
    commit: (length) => {
      counters.framesOut++;
      output.commit(length);
    },
  };
}
