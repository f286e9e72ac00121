import { printLine } from '../case/print-line.js';
import { ACK, type Packet, SYN } from '../dissect/packet.js';

export interface AlwaysBroken {
  frame: number;
  expected: string;
  actual: string;
}

/**
 * What every segment of an implementation has to keep whatever the case is about: a right checksum (MUST-2), and the port
 * that it was sent to. The first that does not, or undefined.
 */
export function alwaysBroken(
  packets: readonly Packet[],
  isFromIut: (packet: Packet) => boolean,
): AlwaysBroken | undefined {
  const asked = new Set(packets.filter((packet) => !isFromIut(packet)).map(({ tcp }) => tcp.dstPort));
  for (const packet of packets) {
    if (!isFromIut(packet)) continue;
    const expected = wanted(packet, asked);
    if (expected !== undefined)
      return { frame: packet.frame, expected, actual: `packet ${packet.frame}, ${printLine(packet)}` };
  }
  return undefined;
}

function wanted({ tcp }: Packet, asked: ReadonlySet<number>): string | undefined {
  if (tcp.checksumStatus === 'bad') return 'every segment with a right checksum (MUST-2)';
  const opens = (tcp.flags & (SYN | ACK)) === SYN;
  if (!opens && !asked.has(tcp.srcPort)) return 'every segment from the port that it answers for';
  return undefined;
}
