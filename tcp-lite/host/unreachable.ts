import { ETHER_TYPE_IPV4, ETHERNET_HEADER, etherType } from '../wire/ethernet.js';
import { ICMPV4, ICMPV6 } from '../wire/icmp.js';
import { IpPacket, PROTOCOL_TCP } from '../wire/ip-packet.js';
import { decodeIpv4 } from '../wire/ipv4.js';
import { decodeIpv6 } from '../wire/ipv6.js';
import { uint16, uint32 } from '../wire/octets.js';
import type { IcmpError } from '../wire/segment.js';

/**
 * What a router would report about a frame of ours that could not be delivered on the link: host unreachable, as a
 * kernel reports its own failed address resolution. Undefined where the frame carries no TCP.
 */
export function unreachableFromFrame(frame: Uint8Array): IcmpError | undefined {
  const packet = new IpPacket();
  const decode = etherType(frame, 0) === ETHER_TYPE_IPV4 ? decodeIpv4 : decodeIpv6;
  if (decode(frame, ETHERNET_HEADER, frame.length, packet) !== undefined) return undefined;
  if (packet.protocol !== PROTOCOL_TCP) return undefined;
  const { version, src, dst, payloadStart } = packet;
  return {
    ...{ version, src, dst, mtu: 0 },
    type: version === 4 ? ICMPV4.unreachable : ICMPV6.unreachable,
    code: version === 4 ? HOST_UNREACHABLE : ADDRESS_UNREACHABLE,
    srcPort: uint16(frame, payloadStart),
    dstPort: uint16(frame, payloadStart + 2),
    seq: uint32(frame, payloadStart + 4),
  };
}

const HOST_UNREACHABLE = 1;
const ADDRESS_UNREACHABLE = 3;
