import { fold } from './rewrite.js';
import {
  ACK,
  ETHERNET_HEADER,
  FIN,
  IPV4_HEADER,
  IPV6_HEADER,
  RST,
  SYN,
  TCP_HEADER,
  viewOf,
} from './segment.js';
import type { SegmentView } from './segment.js';

/**
 * The reset that a box on the way sends when this segment comes by: back to its sender in the name of the receiver, or
 * onwards in the name of the sender. It takes the numbers that its receiver waits for, so it is believed; TTL, window 0
 * and IP identification 0 are the box's own.
 *
 * `delivered` says whether the segment itself reaches its receiver: the reset then comes behind it.
 */
export function forgeReset(
  frame: Uint8Array,
  view: SegmentView,
  to: 'sender' | 'receiver',
  { ttl, delivered }: { ttl: number; delivered: boolean },
): Uint8Array {
  const ipHeader = view.version === 4 ? IPV4_HEADER : IPV6_HEADER;
  const tcp = ETHERNET_HEADER + ipHeader;
  const reset = new Uint8Array(tcp + TCP_HEADER);
  const back = to === 'sender';
  const next = (view.seq + view.length + (view.flags & SYN ? 1 : 0) + (view.flags & FIN ? 1 : 0)) >>> 0;
  reset.set(frame.subarray(back ? 6 : 0, back ? 12 : 6), 0);
  reset.set(frame.subarray(back ? 0 : 6, back ? 6 : 12), 6);
  reset.set(frame.subarray(12, 14), 12);
  writeIp(reset, frame, view, back, ttl);

  const out = viewOf(reset);
  out.setUint16(tcp, back ? view.dstPort : view.srcPort);
  out.setUint16(tcp + 2, back ? view.srcPort : view.dstPort);
  // Nothing has been acknowledged to a SYN: only a reset that acknowledges it is believed (RFC 9293, 3.10.7.3).
  const acked = (view.flags & ACK) !== 0;
  out.setUint32(tcp + 4, back ? (acked ? view.ack : 0) : delivered ? next : view.seq);
  const acknowledges = back || acked;
  out.setUint32(tcp + 8, back ? next : acked ? view.ack : 0);
  out.setUint16(tcp + 12, (5 << 12) | RST | (acknowledges ? ACK : 0));
  out.setUint16(
    tcp + 16,
    ~fold(pseudoHeader(reset, view.version) + words(reset, tcp, reset.length)) & 0xffff,
  );
  return reset;
}

function writeIp(reset: Uint8Array, frame: Uint8Array, view: SegmentView, back: boolean, ttl: number): void {
  const ip = ETHERNET_HEADER;
  const out = viewOf(reset);
  const [at, length] = view.version === 4 ? [12, 4] : [8, 16];
  const own = frame.subarray(view.ip + at, view.ip + at + length);
  const other = frame.subarray(view.ip + at + length, view.ip + at + 2 * length);
  reset.set(back ? other : own, ip + at);
  reset.set(back ? own : other, ip + at + length);
  if (view.version === 6) {
    out.setUint32(ip, 6 << 28);
    out.setUint16(ip + 4, TCP_HEADER);
    reset[ip + 6] = PROTOCOL_TCP;
    reset[ip + 7] = ttl;
    return;
  }
  reset[ip] = 0x45;
  out.setUint16(ip + 2, IPV4_HEADER + TCP_HEADER);
  reset[ip + 8] = ttl;
  reset[ip + 9] = PROTOCOL_TCP;
  out.setUint16(ip + 10, ~fold(words(reset, ip, ip + IPV4_HEADER)) & 0xffff);
}

function pseudoHeader(reset: Uint8Array, version: 4 | 6): number {
  const [at, length] = version === 4 ? [12, 8] : [8, 32];
  const addresses = ETHERNET_HEADER + at;
  return words(reset, addresses, addresses + length) + PROTOCOL_TCP + TCP_HEADER;
}

function words(bytes: Uint8Array, from: number, to: number): number {
  let total = 0;
  for (let at = from; at < to; at += 2) total += ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
  return total;
}

const PROTOCOL_TCP = 6;
