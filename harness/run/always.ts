import { printLine } from '../case/print-line.js';
import { ACK, type Packet, SYN } from '../dissect/packet.js';

export interface AlwaysBroken {
  frame: number;
  expected: string;
  actual: string;
}

/**
 * What every segment of an implementation has to keep whatever the case is about: a right checksum (MUST-2), and the port
 * that it was sent to or has opened a connection from. The first that does not, or undefined.
 */
export function alwaysBroken(
  packets: readonly Packet[],
  isFromIut: (packet: Packet) => boolean,
): AlwaysBroken | undefined {
  const ports = new Set(
    packets.flatMap((packet) => {
      if (!isFromIut(packet)) return packet.tcp.dstPort;
      return opens(packet) ? packet.tcp.srcPort : [];
    }),
  );
  for (const packet of packets) {
    if (!isFromIut(packet)) continue;
    const expected = wanted(packet, ports);
    if (expected !== undefined)
      return { frame: packet.frame, expected, actual: `packet ${packet.frame}, ${printLine(packet)}` };
  }
  return undefined;
}

function wanted(packet: Packet, ports: ReadonlySet<number>): string | undefined {
  if (packet.tcp.checksumStatus === 'bad') return 'every segment with a right checksum (MUST-2)';
  return ports.has(packet.tcp.srcPort) ? undefined : 'every segment from the port that it answers for';
}

/** A connection that it opens has a port of its own choice, from which it may also give up unanswered. */
function opens({ tcp }: Packet): boolean {
  return (tcp.flags & (SYN | ACK)) === SYN;
}
