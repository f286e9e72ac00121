import { terminate } from '../../tcp-lite/core/ending.js';
import { RST } from '../../tcp-lite/core/flags.js';
import type { Rules } from '../../tcp-lite/core/rules.js';
import type { Tcb } from '../../tcp-lite/core/tcb.js';
import type { HostRules } from '../../tcp-lite/host/rules.js';
import { complement, sum16 } from '../../tcp-lite/wire/checksum.js';
import type { IpPacket } from '../../tcp-lite/wire/ip-packet.js';
import { PROTOCOL_TCP } from '../../tcp-lite/wire/ip-packet.js';
import { writeUint16 } from '../../tcp-lite/wire/octets.js';
import type { Segment, SegmentOptions } from '../../tcp-lite/wire/segment.js';
import { usualHost } from './mutant.js';

type Core = Partial<Rules>;
type Host = Partial<HostRules>;
type Where = (segment: Segment, tcb: Tcb | undefined) => unknown;

/** Does not see arriving segments for which `where` holds. */
export function deafTo(where: Where): () => Core {
  return () => ({ beforeArrival: (segment, tcb) => !where(segment, tcb) });
}

/** Takes arriving segments for what `change` makes of them. */
export function mistakes(change: (segment: Segment, tcb: Tcb | undefined, now: number) => void): () => Core {
  return () => ({
    beforeArrival(segment, tcb, now) {
      change(segment, tcb, now);
      return true;
    },
  });
}

/** Does something else instead of processing those arriving segments for which `react` returns true. */
export function reacts(react: (segment: Segment, tcb: Tcb, now: number) => boolean | undefined): () => Core {
  return () => ({
    beforeArrival: (segment, tcb, now) => tcb === undefined || react(segment, tcb, now) !== true,
  });
}

/** Never sends segments for which `where` holds, though it believes that it did. */
export function mute(where: Where): () => Core {
  return () => ({ beforeTransmit: (segment, tcb) => !where(segment, tcb) });
}

/** Sends segments as `change` makes them. */
export function sends(change: (segment: Segment, tcb: Tcb | undefined) => void): () => Core {
  return () => ({
    beforeTransmit(segment, tcb) {
      change(segment, tcb);
      return true;
    },
  });
}

/** Changes options, which may be shared by several segments. */
export function withOptions(segment: Segment, change: (options: SegmentOptions) => void): void {
  segment.options = { ...segment.options };
  change(segment.options);
}

/** A segment on its way out: octets of the frame, where its TCP header starts, where its payload ends. */
export interface EncodedSegment {
  bytes: Uint8Array;
  start: number;
  end: number;
}

/** Changes octets of what leaves. `fixed`: the TCP checksum is made right again. */
export function encodes(
  change: (encoded: EncodedSegment, segment: Segment) => void,
  fixed = true,
): () => Host {
  return () => ({
    encode(segment, target, offset, identification) {
      const length = usualHost.encode(segment, target, offset, identification);
      const start = offset + (segment.version === 4 ? (target[offset]! & 15) * 4 : 40);
      const encoded = { bytes: target, start, end: offset + length };
      change(encoded, segment);
      if (fixed) fixChecksum(encoded, offset + (segment.version === 4 ? 12 : 8), segment.version);
      return length;
    },
  });
}

/** Reads arriving segments otherwise: `read` gets the raw octets of the options and the segment as it should be. */
export function decodes(
  read: (segment: Segment, options: Uint8Array) => Segment | 'tcp-malformed',
): () => Host {
  return () => ({
    decode(bytes, packet) {
      const segment = usualHost.decode(bytes, packet);
      if (typeof segment === 'string') return segment;
      const start = packet.payloadStart;
      return read(segment, bytes.subarray(start + 20, start + (bytes[start + 12]! >>> 4) * 4));
    },
  });
}

/** Reads segments with a wrong checksum too, where `where` holds for what they then say. */
export function believesChecksum(where: (segment: Segment) => unknown): () => Host {
  return () => ({
    decode(bytes, packet) {
      const segment = usualHost.decode(bytes, packet);
      if (segment !== 'tcp-bad-checksum') return segment;
      const copy = bytes.slice();
      const whole = { bytes: copy, start: packet.payloadStart, end: packet.payloadEnd };
      fixChecksum(whole, packet.addressOffset, packet.version);
      const repaired = usualHost.decode(copy, packet);
      return typeof repaired === 'string' || !where(repaired) ? segment : repaired;
    },
  });
}

/** Does the packet carry IPv4 options? */
export function hasIpOptions(packet: IpPacket): boolean {
  return packet.version === 4 && packet.payloadStart - packet.headerStart > 20;
}

/** `addresses`: where source and destination stand, one behind the other. */
function fixChecksum({ bytes, start, end }: EncodedSegment, addresses: number, version: 4 | 6): void {
  const both = sum16(bytes, addresses, addresses + (version === 4 ? 8 : 32));
  writeUint16(bytes, start + 16, 0);
  writeUint16(bytes, start + 16, complement(both + PROTOCOL_TCP + (end - start) + sum16(bytes, start, end)));
}

/** Deletes the record once the procedure that asked is done. */
export function giveUp(tcb: Tcb): void {
  queueMicrotask(() => terminate(tcb));
}

/** A reset of a connection that the peer has answered. */
export function isReset({ flags }: Segment, tcb: Tcb | undefined): boolean {
  return tcb !== undefined && tcb.state !== 'SYN-SENT' && (flags & RST) !== 0;
}
