import { addressVersion } from '../wire/address.js';
import { decodeArp, encodeArp } from '../wire/arp.js';
import type { DropReason } from '../wire/drop-reason.js';
import { BROADCAST_MAC, encodeEthernet, ETHER_TYPE_ARP, ETHER_TYPE_IPV6 } from '../wire/ethernet.js';
import type { IpPacket } from '../wire/ip-packet.js';
import {
  decodeNeighbour,
  encodeNeighbour,
  multicastMac,
  solicitedNodeAddress,
} from '../wire/neighbour-discovery.js';
import type { NeighbourMessage } from '../wire/neighbour-discovery.js';
import type { HostAddresses } from './addresses.js';
import { ALL_NODES } from './addresses.js';
import type { FrameOutput } from './frame-output.js';
import { isPossibleSource } from './interface-address.js';
import type { NeighbourCache } from './neighbours.js';

/** Longest ARP or neighbour discovery frame that is sent: Ethernet, IPv6, 24 octets and one option. */
const FRAME = 14 + 40 + 24 + 8;

/**
 * Address resolution on the wire: ARP for IPv4 (RFC 826), neighbour discovery for IPv6 (RFC 4861). Asks and learns; for
 * the host's own addresses it answers only when told to, since a kernel that has the same addresses does so itself.
 */
export class Resolver {
  constructor(
    private readonly addresses: HostAddresses,
    private readonly mac: Uint8Array,
    private readonly output: FrameOutput,
    private readonly cache: NeighbourCache,
    private readonly answers: boolean,
  ) {}

  /** Asks who has `address`: everybody, or only the `mac` that had it. */
  solicit(address: string, mac: Uint8Array | undefined): void {
    const version = addressVersion(address);
    const source = this.addresses.sourceFor(version, address);
    if (source === undefined) return;
    if (version === 4) {
      const request = { operation: 'request', targetMac: new Uint8Array(6), targetAddress: address } as const;
      this.sendArp({ ...request, senderMac: this.mac, senderAddress: source }, mac ?? BROADCAST_MAC);
    } else {
      const dst = mac === undefined ? solicitedNodeAddress(address) : address;
      const message = { kind: 'solicitation', src: source, dst, target: address, mac: this.mac } as const;
      this.sendNeighbour(message, mac ?? multicastMac(dst));
    }
  }

  /** An ARP packet at `start` of `frame`. */
  receiveArp(frame: Uint8Array, start: number, now: number): DropReason | undefined {
    const packet = decodeArp(frame, start, frame.length);
    if (typeof packet === 'string') return packet;
    const { senderAddress, senderMac, targetAddress } = packet;
    if (this.addresses.has(senderAddress)) return undefined;
    const forUs = this.addresses.has(targetAddress);
    if (isPossibleSource(senderAddress) && (forUs || this.cache.knows(senderAddress))) {
      this.cache.learn(senderAddress, senderMac, now);
    }
    if (packet.operation === 'request' && forUs && this.answers) {
      const reply = { operation: 'reply', senderMac: this.mac, senderAddress: targetAddress } as const;
      this.sendArp({ ...reply, targetMac: senderMac, targetAddress: senderAddress }, senderMac);
    }
    return undefined;
  }

  /** A verified ICMPv6 message of type 135 or 136. */
  receiveNeighbour(bytes: Uint8Array, packet: IpPacket, now: number): DropReason | undefined {
    const message = decodeNeighbour(bytes, packet);
    if (typeof message === 'string') return message;
    if (message.kind === 'solicitation') this.receiveSolicitation(message, now);
    else if (message.mac !== undefined && this.cache.knows(message.target)) {
      this.cache.learn(message.target, message.mac, now);
    }
    return undefined;
  }

  private receiveSolicitation({ src, target, mac }: NeighbourMessage, now: number): void {
    if (!this.addresses.has(target)) return;
    if (mac !== undefined && isPossibleSource(src) && !this.addresses.has(src))
      this.cache.learn(src, mac, now);
    if (!this.answers) return;
    const reply = { kind: 'advertisement', src: target, target, mac: this.mac, override: true } as const;
    if (!isPossibleSource(src)) {
      // Somebody checks whether the address is taken (RFC 4862): all must hear that it is.
      this.sendNeighbour({ ...reply, dst: ALL_NODES, solicited: false }, multicastMac(ALL_NODES));
      return;
    }
    const neighbour = this.cache.entry(src);
    const known = mac ?? this.cache.macOf(neighbour, now);
    const answer = { ...reply, dst: src, solicited: true };
    if (known !== undefined) this.sendNeighbour(answer, known);
    else this.cache.wait(neighbour, this.neighbourFrame(answer), now);
  }

  private sendArp(packet: Parameters<typeof encodeArp>[0], destination: Uint8Array): void {
    const frame = this.output.reserve(FRAME);
    const start = encodeEthernet(frame, 0, destination, this.mac, ETHER_TYPE_ARP);
    this.output.commit(encodeArp(packet, frame, start));
  }

  private sendNeighbour(message: NeighbourMessage, destination: Uint8Array): void {
    const frame = this.output.reserve(FRAME);
    const start = encodeEthernet(frame, 0, destination, this.mac, ETHER_TYPE_IPV6);
    this.output.commit(start + encodeNeighbour(message, frame, start));
  }

  private neighbourFrame(message: NeighbourMessage): Uint8Array {
    const frame = new Uint8Array(FRAME);
    const start = encodeEthernet(frame, 0, BROADCAST_MAC, this.mac, ETHER_TYPE_IPV6);
    return frame.subarray(0, start + encodeNeighbour(message, frame, start));
  }
}
