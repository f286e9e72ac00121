import { canonicalAddress } from '../wire/address.js';
import { Tcp } from '../core/tcp.js';
import type { TcpConfig } from '../core/config.js';
import type { DropReason } from '../wire/drop-reason.js';
import {
  ETHER_TYPE_ARP,
  ETHER_TYPE_IPV4,
  ETHER_TYPE_IPV6,
  ETHERNET_HEADER,
  etherType,
  isGroupFrame,
  isMac,
} from '../wire/ethernet.js';
import { encodeIcmp, ICMPV4, ICMPV6, verifyIcmp } from '../wire/icmp.js';
import { IpPacket, PROTOCOL_ICMP, PROTOCOL_ICMPV6, PROTOCOL_TCP } from '../wire/ip-packet.js';
import { decodeIpv4 } from '../wire/ipv4.js';
import { decodeIpv6 } from '../wire/ipv6.js';
import { uint32 } from '../wire/octets.js';
import { HostAddresses } from './addresses.js';
import { newCounters } from './counters.js';
import type { HostCounters } from './counters.js';
import type { FrameOutput } from './frame-output.js';
import type { Neighbour, NeighbourLimits } from './neighbours.js';
import { IpReassembly } from './reassembly.js';
import type { ReassemblyLimits } from './reassembly.js';
import { HostRules } from './rules.js';
import { FrameSender } from './sender.js';
import { unreachableFromFrame } from './unreachable.js';

export interface HostConfig {
  /** Six octets. */
  mac: Uint8Array;
  /** `10.0.0.1/24`, `fd00::1/64`; without a prefix length every address is a neighbour. */
  addresses: readonly string[];
  /** Next hops for what is not on the link, one a version; without prefix length. */
  gateways?: readonly string[];
  /** Answer ARP, neighbour solicitations and echo requests. False where a kernel has the same addresses. Default true. */
  answerNeighbours?: boolean;
  tcp: TcpConfig;
  rules?: HostRules;
  neighbours?: NeighbourLimits;
  reassembly?: ReassemblyLimits;
}

/**
 * A host with one interface: frames in, frames out, TCP in between. It does no I/O; times are ms of a clock that never
 * goes back, the same for every call.
 */
export class Host {
  readonly tcp: Tcp;
  readonly addresses: HostAddresses;
  readonly counters: HostCounters = newCounters();
  private readonly sender: FrameSender;
  private readonly reassembly: IpReassembly;
  private readonly rules: HostRules;
  private readonly mac: Uint8Array;
  private readonly answers: boolean;
  private readonly packet = new IpPacket();
  private now = 0;
  // Frames of a flow come in runs: what the last one needed is most often needed again.
  private heardFrom = '';
  private heard: Neighbour | undefined;

  /** Throws AddressError, InterfaceAddressError for addresses that are none. */
  constructor(
    config: HostConfig,
    private readonly output: FrameOutput,
  ) {
    this.mac = config.mac;
    this.rules = config.rules ?? new HostRules();
    this.answers = config.answerNeighbours ?? true;
    this.addresses = new HostAddresses(config.addresses, config.gateways);
    this.sender = new FrameSender(config, this.rules, this.addresses, output, this.counters, (frame) => {
      const error = unreachableFromFrame(frame);
      if (error !== undefined) this.tcp.icmpError(error, this.now);
    });
    this.reassembly = new IpReassembly((reason) => this.drop(reason), config.reassembly);
    this.tcp = new Tcp(config.tcp, {
      transmit: (segment) => this.sender.transmit(segment, this.now),
      mtu: () => this.output.mtu,
      localAddress: (version, destination) => this.addresses.sourceFor(version, destination),
      isBroadcast: (address) => this.addresses.isBroadcast(address),
      isLocal: (address) => this.addresses.has(address),
    });
  }

  /** A frame from the wire; it is not kept. Never throws, whatever the octets. */
  receive(frame: Uint8Array, now: number): void {
    this.now = now;
    this.counters.framesIn++;
    const reason = this.receiveFrame(frame);
    if (reason !== undefined) this.drop(reason);
  }

  /** A neighbour whose hardware address is known beforehand: nobody is asked for it while it is fresh. */
  addNeighbour(address: string, mac: Uint8Array, now: number): void {
    this.sender.neighbours.learn(canonicalAddress(address), mac, now);
  }

  /** Tells the time before calls on `tcp` that may send. */
  setTime(now: number): void {
    this.now = now;
  }

  /** When `advance` is next due, ms; Infinity when nothing is. */
  nextDeadline(): number {
    return Math.min(
      this.tcp.nextDeadline(),
      this.sender.neighbours.nextDeadline(),
      this.reassembly.nextDeadline(),
    );
  }

  /** Runs the timers that are due. */
  advance(now: number): void {
    this.now = now;
    this.sender.neighbours.advance(now);
    this.reassembly.advance(now);
    this.tcp.advance(now);
  }

  private receiveFrame(frame: Uint8Array): DropReason | undefined {
    if (frame.length < ETHERNET_HEADER) return 'ethernet-truncated';
    if (!isMac(frame, 0, this.mac) && !isGroupFrame(frame, 0)) return 'ethernet-not-for-us';
    const { packet } = this;
    switch (etherType(frame, 0)) {
      case ETHER_TYPE_IPV4:
        return decodeIpv4(frame, ETHERNET_HEADER, frame.length, packet) ?? this.receivePacket(frame);
      case ETHER_TYPE_IPV6:
        return decodeIpv6(frame, ETHERNET_HEADER, frame.length, packet) ?? this.receivePacket(frame);
      case ETHER_TYPE_ARP:
        return this.sender.resolver.receiveArp(frame, ETHERNET_HEADER, this.now);
      default:
        return 'ethernet-unknown-type';
    }
  }

  private receivePacket(frame: Uint8Array): DropReason | undefined {
    const { packet } = this;
    if (!this.addresses.has(packet.dst)) {
      const discovery = packet.protocol === PROTOCOL_ICMPV6 && this.addresses.isOurGroup(packet.dst);
      if (discovery && !packet.isFragment) return this.receiveIcmp(frame, frame, true);
      const segment = packet.protocol === PROTOCOL_TCP;
      if (!segment || !this.rules.acceptsGroup())
        return segment && isGroupFrame(frame, 0) ? 'tcp-not-unicast' : 'ip-not-for-us';
    }
    let bytes = frame;
    if (packet.isFragment) {
      const whole = this.reassembly.add(frame, packet, this.now);
      if (whole === undefined) return undefined;
      bytes = whole;
    }
    if (packet.protocol === PROTOCOL_TCP) return this.receiveSegment(frame, bytes);
    const icmp = packet.version === 4 ? PROTOCOL_ICMP : PROTOCOL_ICMPV6;
    return packet.protocol === icmp ? this.receiveIcmp(frame, bytes, false) : 'ip-unknown-protocol';
  }

  private receiveSegment(frame: Uint8Array, bytes: Uint8Array): DropReason | undefined {
    const { packet } = this;
    if (isGroupFrame(frame, 0) && !this.rules.acceptsGroup()) return 'tcp-not-unicast';
    if (packet.src !== this.heardFrom && !this.possibleSource(packet.src)) return 'ip-invalid-source';
    const segment = this.rules.decode(bytes, packet);
    if (typeof segment === 'string') return segment;
    this.hear(segment.src, frame);
    this.counters.segmentsIn++;
    this.tcp.segmentArrives(segment, this.now);
    return undefined;
  }

  private possibleSource(address: string): boolean {
    if (!this.rules.acceptsSource(address)) return false;
    return !this.addresses.isBroadcast(address) && !this.addresses.has(address);
  }

  /** Where a valid segment came from is where its answer can go. */
  private hear(address: string, frame: Uint8Array): void {
    if (address !== this.heardFrom || this.heard?.forgotten === true) {
      this.heardFrom = address;
      const near = this.addresses.isNear(address) && this.possibleSource(address);
      this.heard = near ? this.sender.neighbours.entry(address) : undefined;
    }
    if (this.heard !== undefined) this.sender.neighbours.hear(this.heard, frame, 6, this.now);
  }

  private receiveIcmp(frame: Uint8Array, bytes: Uint8Array, group: boolean): DropReason | undefined {
    const { packet } = this;
    const reason = verifyIcmp(bytes, packet);
    if (reason !== undefined) return reason;
    const type = bytes[packet.payloadStart]!;
    if (
      packet.version === 6 &&
      (type === ICMPV6.neighbourSolicitation || type === ICMPV6.neighbourAdvertisement)
    ) {
      return this.sender.resolver.receiveNeighbour(bytes, packet, this.now);
    }
    if (group) return 'icmp-ignored';
    if (type === (packet.version === 4 ? ICMPV4.echoRequest : ICMPV6.echoRequest))
      return this.echo(frame, bytes);
    const error = this.rules.decodeError(bytes, packet);
    if (typeof error === 'string') return error;
    if (!this.addresses.has(error.src)) return 'icmp-ignored';
    this.counters.icmpErrors++;
    this.tcp.icmpError(error, this.now);
    return undefined;
  }

  private echo(frame: Uint8Array, bytes: Uint8Array): DropReason | undefined {
    const { src, dst, version, payloadStart, payloadEnd } = this.packet;
    if (!this.answers || isGroupFrame(frame, 0) || !this.possibleSource(src)) return 'icmp-ignored';
    const length = payloadEnd - payloadStart + (version === 4 ? 20 : 40);
    if (length > this.output.mtu) return 'packet-too-big';
    this.hear(src, frame);
    this.counters.echoReplies++;
    const message = {
      ...{ version, src: dst, dst: src, code: 0 },
      type: version === 4 ? ICMPV4.echoReply : ICMPV6.echoReply,
      rest: uint32(bytes, payloadStart + 4),
      body: bytes.subarray(payloadStart + 8, payloadEnd),
    };
    const encode = (target: Uint8Array, offset: number) => encodeIcmp(message, target, offset);
    this.sender.send(src, version, length, encode, this.now);
    return undefined;
  }

  private drop(reason: DropReason): void {
    this.counters.drops[reason]++;
  }
}
