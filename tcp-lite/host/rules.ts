import type { DropReason } from '../wire/drop-reason.js';
import { decodeIcmpError } from '../wire/icmp.js';
import type { IpPacket } from '../wire/ip-packet.js';
import type { IcmpError, Segment } from '../wire/segment.js';
import { decodeSegment, encodeSegment } from '../wire/tcp.js';
import { isPossibleSource } from './interface-address.js';

/**
 * The decisions of a host about segments on their way between core and wire, one method each. To break one on purpose,
 * override it and pass the object in HostConfig, as with the rules of the core.
 */
export class HostRules {
  /** MUST-3 (checksum), MUST-4 to MUST-7, MUST-64 (options at any alignment, unknown ones, illegal lengths). */
  decode(bytes: Uint8Array, packet: IpPacket): Segment | DropReason {
    return decodeSegment(bytes, packet);
  }

  /** MUST-2 (checksum), MUST-68, MUST-69 (options with lengths, padding). Returns octets written. */
  encode(segment: Segment, target: Uint8Array, offset: number, identification: number): number {
    return encodeSegment(segment, target, offset, identification);
  }

  /** MUST-54: which connection an ICMP error is about, and what it says. */
  decodeError(bytes: Uint8Array, packet: IpPacket): IcmpError | DropReason {
    return decodeIcmpError(bytes, packet);
  }

  /** MUST-63: no segment from an address that no host can have. */
  acceptsSource(address: string): boolean {
    return isPossibleSource(address);
  }

  /** MUST-57: no segment to a broadcast or multicast address, of IP or of the link (RFC 1122 section 3.3.6). */
  acceptsGroup(): boolean {
    return false;
  }
}
