/**
 * A TCP segment with what its IP packet said: the form in which the codecs (wire/) and the state machine (core/) hand
 * segments to each other, in both directions. Sequence numbers are raw and unsigned, 0..2^32-1.
 */
export interface Segment {
  version: 4 | 6;
  /** Canonical text: `10.0.0.1`, `fd00::1` (RFC 5952). */
  src: string;
  dst: string;
  srcPort: number;
  dstPort: number;
  seq: number;
  ack: number;
  /** The low 12 bits of octets 13-14 of the header. */
  flags: number;
  /** Window field as on the wire, unscaled. */
  window: number;
  urgent: number;
  options: SegmentOptions;
  /** Contiguous; a view on a receive buffer is valid only during the call that hands it over. */
  payload: Uint8Array;
  ttl: number;
  dscp: number;
  /** The two ECN bits of the IP header. */
  ecn: number;
  /** Set the don't-fragment bit (IPv4). */
  dontFragment: boolean;
  /**
   * IPv4 only: the gateways of a loose source route (RFC 791 option 131) in the order of travel from `src` to `dst`;
   * as received, of a route that is completed. `src` and `dst` stay the ends, as the checksum wants them.
   */
  sourceRoute?: readonly string[] | undefined;
}

/** Options TCP Lite knows. Unknown ones are skipped by the decoder and never sent. */
export interface SegmentOptions {
  mss?: number;
  windowScale?: number;
  sackPermitted?: boolean;
  /** left, right, left, right, ... raw. */
  sack?: number[];
  tsVal?: number;
  tsEcr?: number;
}

/** An ICMP error that quotes one of our segments, already matched to version 4 or 6. */
export interface IcmpError {
  version: 4 | 6;
  type: number;
  code: number;
  /** Next-hop MTU of "fragmentation needed" and "packet too big"; 0 where the router did not say. */
  mtu: number;
  /** From the quoted packet: our address and port, the peer's, and the quoted sequence number. */
  src: string;
  dst: string;
  srcPort: number;
  dstPort: number;
  seq: number;
}
