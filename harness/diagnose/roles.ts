import type { Packet } from '../dissect/packet.js';
import { ACK, SYN } from '../dissect/packet.js';

export type RoleEvidence = 'syn' | 'syn-ack' | 'other-conversations' | 'ports' | 'first-packet';

/** Ports above 1023 at which servers usually listen. */
const SERVICES = new Set([
  1080, 1194, 1433, 1521, 1883, 2049, 2181, 2375, 2379, 3000, 3128, 3260, 3268, 3306, 3389, 4222, 4369, 4433,
  5000, 5060, 5201, 5222, 5432, 5601, 5671, 5672, 5900, 5984, 6379, 6443, 6667, 7000, 7001, 7077, 8000, 8008,
  8009, 8080, 8081, 8082, 8088, 8090, 8123, 8140, 8443, 8500, 8834, 8883, 8888, 9000, 9042, 9090, 9092, 9100,
  9200, 9300, 9418, 9999, 10000, 11211, 15672, 25565, 27017, 27018, 50070,
]);

/** Which side of a conversation's first packet is the client (0: its sender), and how that was told. */
export function guessClient(packet: Packet): { index: 0 | 1; evidence: RoleEvidence } {
  const { flags, srcPort, dstPort } = packet.tcp;
  if ((flags & (SYN | ACK)) === SYN) return { index: 0, evidence: 'syn' };
  if ((flags & (SYN | ACK)) === (SYN | ACK)) return { index: 1, evidence: 'syn-ack' };
  const source = rank(srcPort);
  const destination = rank(dstPort);
  if (source !== destination) return { index: source < destination ? 1 : 0, evidence: 'ports' };
  if (srcPort !== dstPort && source >= 2) return { index: srcPort < dstPort ? 1 : 0, evidence: 'ports' };
  return { index: 0, evidence: 'first-packet' };
}

/** The lower, the more likely a server's: well known, usual, registered, and last the ports that clients are given. */
function rank(port: number): number {
  if (port < 1024) return 0;
  if (SERVICES.has(port)) return 1;
  return port < 32_768 ? 2 : 3;
}
