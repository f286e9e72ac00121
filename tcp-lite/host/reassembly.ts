import type { DropReason } from '../wire/drop-reason.js';
import type { IpPacket } from '../wire/ip-packet.js';
import { walkExtensionHeaders } from '../wire/ipv6.js';

export interface ReassemblyLimits {
  /** Packets being put together at once. */
  packets: number;
  fragments: number;
  /** Octets of all of them together. */
  octets: number;
  /** RFC 1122 section 3.3.2, RFC 8200 section 4.5: 60 s. */
  timeoutMs: number;
}

export const REASSEMBLY_LIMITS: ReassemblyLimits = {
  packets: 64,
  fragments: 64,
  octets: 1024 * 1024,
  timeoutMs: 60_000,
};

/**
 * Puts fragments of IP packets back together, within bounds of memory. A fragment that overlaps another without being
 * its exact copy ends the whole packet: honest senders do not do that (RFC 5722).
 */
export class IpReassembly {
  private readonly partials = new Map<string, Partial>();
  private octets = 0;
  private deadline = Infinity;

  constructor(
    private readonly drop: (reason: DropReason) => void,
    private readonly limits: ReassemblyLimits = REASSEMBLY_LIMITS,
  ) {}

  /** Octets held. */
  get held(): number {
    return this.octets;
  }

  /**
   * Takes a fragment. When the packet is whole, makes `packet` describe it and returns its octets: the two addresses,
   * then the payload; there is no IP header any more. Returns undefined while something is missing.
   */
  add(bytes: Uint8Array, packet: IpPacket, now: number): Uint8Array | undefined {
    const length = packet.payloadEnd - packet.payloadStart;
    const end = packet.fragmentOffset + length;
    if (length === 0 || end > 65_515 || (packet.moreFragments && length % 8 !== 0)) {
      this.drop('ip-fragment-malformed');
      return undefined;
    }
    const key = `${packet.src} ${packet.dst} ${packet.version === 4 ? packet.protocol : ''} ${packet.identification}`;
    const partial = this.partials.get(key) ?? this.open(key, now);
    if (
      partial.fragments.some(
        ({ offset, octets }) => offset < end && offset + octets.length > packet.fragmentOffset,
      )
    ) {
      if (!isCopy(partial, bytes, packet)) this.discard(partial, 'ip-fragment-malformed');
      return undefined;
    }
    if (!packet.moreFragments && partial.end === undefined) partial.end = end;
    const beyond = partial.fragments.some(
      ({ offset, octets }) => offset + octets.length > (partial.end ?? Infinity),
    );
    if (end > (partial.end ?? Infinity) || beyond) {
      this.discard(partial, 'ip-fragment-malformed');
      return undefined;
    }
    if (this.octets + length > this.limits.octets || partial.fragments.length >= this.limits.fragments) {
      this.discard(partial, 'ip-fragment-overflow');
      return undefined;
    }
    this.store(partial, bytes, packet, length);
    return partial.octets === partial.end ? this.finish(partial, bytes, packet) : undefined;
  }

  /** ms; Infinity when nothing is held. */
  nextDeadline(): number {
    return this.deadline;
  }

  advance(now: number): void {
    if (now < this.deadline) return;
    for (const partial of [...this.partials.values()]) {
      if (partial.expiresAt <= now) this.discard(partial, 'ip-fragment-timeout');
    }
  }

  private open(key: string, now: number): Partial {
    const partial: Partial = {
      ...{ key, fragments: [], octets: 0, end: undefined, protocol: 0, ecn: 0 },
      expiresAt: now + this.limits.timeoutMs,
    };
    if (this.partials.size >= this.limits.packets) {
      const [oldest] = this.partials.values();
      this.discard(oldest!, 'ip-fragment-overflow');
    }
    this.partials.set(key, partial);
    this.deadline = Math.min(this.deadline, partial.expiresAt);
    return partial;
  }

  private store(partial: Partial, bytes: Uint8Array, packet: IpPacket, length: number): void {
    const octets = bytes.slice(packet.payloadStart, packet.payloadEnd);
    partial.fragments.push({ offset: packet.fragmentOffset, octets });
    partial.octets += length;
    this.octets += length;
    // The first fragment says what the payload is; any fragment may say that there was congestion (RFC 3168 5.3).
    if (packet.fragmentOffset === 0) partial.protocol = packet.protocol;
    if (packet.ecn === CE || partial.fragments.length === 1) partial.ecn = packet.ecn;
  }

  private finish(partial: Partial, bytes: Uint8Array, packet: IpPacket): Uint8Array | undefined {
    const addresses = packet.version === 4 ? 8 : 32;
    const whole = new Uint8Array(addresses + partial.octets);
    whole.set(bytes.subarray(packet.addressOffset, packet.addressOffset + addresses));
    for (const { offset, octets } of partial.fragments) whole.set(octets, addresses + offset);
    this.remove(partial);
    packet.addressOffset = 0;
    packet.payloadStart = addresses;
    packet.payloadEnd = whole.length;
    packet.headerStart = 0;
    packet.isFragment = false;
    packet.fragmentOffset = 0;
    packet.moreFragments = false;
    packet.protocol = partial.protocol;
    packet.ecn = partial.ecn;
    if (packet.version === 4) return whole;
    const reason = walkExtensionHeaders(whole, addresses, partial.protocol, packet);
    if (reason === undefined && !packet.isFragment) return whole;
    this.drop(reason ?? 'ip-fragment-malformed');
    return undefined;
  }

  private discard(partial: Partial, reason: DropReason): void {
    for (let i = 0; i < Math.max(1, partial.fragments.length); i++) this.drop(reason);
    this.remove(partial);
  }

  private remove(partial: Partial): void {
    if (!this.partials.delete(partial.key)) return;
    this.octets -= partial.octets;
    this.deadline = Infinity;
    for (const { expiresAt } of this.partials.values()) this.deadline = Math.min(this.deadline, expiresAt);
  }
}

interface Partial {
  key: string;
  fragments: { offset: number; octets: Uint8Array }[];
  octets: number;
  /** Length of the whole payload, once the last fragment has come. */
  end: number | undefined;
  protocol: number;
  ecn: number;
  expiresAt: number;
}

const CE = 3;

function isCopy(partial: Partial, bytes: Uint8Array, packet: IpPacket): boolean {
  const twin = partial.fragments.find(({ offset }) => offset === packet.fragmentOffset);
  if (twin === undefined || twin.octets.length !== packet.payloadEnd - packet.payloadStart) return false;
  return twin.octets.every((octet, index) => octet === bytes[packet.payloadStart + index]);
}
