/**
 * What an IP header says, and where in the octets its parts lie. One object is used again for every packet received,
 * so nothing may keep it.
 */
export class IpPacket {
  version: 4 | 6 = 4;
  src = '';
  dst = '';
  /** Where the source address starts; the destination follows it, in both versions. */
  addressOffset = 0;
  /** Transport protocol, behind all extension headers. */
  protocol = 0;
  ttl = 0;
  dscp = 0;
  ecn = 0;
  dontFragment = false;
  headerStart = 0;
  payloadStart = 0;
  payloadEnd = 0;
  isFragment = false;
  /** Octets. */
  fragmentOffset = 0;
  moreFragments = false;
  identification = 0;
  /** Gateways of a completed IPv4 source route, in the order of travel. */
  sourceRoute: readonly string[] | undefined = undefined;
}

export const PROTOCOL_ICMP = 1;
export const PROTOCOL_TCP = 6;
export const PROTOCOL_UDP = 17;
export const PROTOCOL_ICMPV6 = 58;
