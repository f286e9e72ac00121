import type { Packet } from '../../harness/dissect/packet.js';

/** A packet as the dissector gives it, with numbers that say little until they are set. */
export function packet(
  from: 'a' | 'b',
  tcp: Partial<Packet['tcp']> & { seqRaw: number },
  more: { interfaceId?: number; frame?: number } = {},
): Packet {
  const a = { address: '10.0.0.1', port: 12345 };
  const b = { address: '10.0.0.2', port: 8080 };
  const [source, destination] = from === 'a' ? [a, b] : [b, a];
  return {
    frame: more.frame ?? 0,
    time: 0,
    interfaceId: more.interfaceId ?? 0,
    ip: { version: 4, src: source.address, dst: destination.address, ttl: 64, dscp: 0, ecn: 0 },
    tcp: {
      stream: 0,
      srcPort: source.port,
      dstPort: destination.port,
      ackRaw: 0,
      seq: -1,
      ack: -1,
      flags: 0x010,
      len: 0,
      headerLen: 20,
      windowRaw: 65535,
      window: 65535,
      urgentPointer: 0,
      checksum: 0,
      checksumStatus: 'good',
      options: { kinds: [] },
      payload: new Uint8Array(),
      analysis: [],
      ...tcp,
    },
    fields: {},
  };
}
