import { Tcp } from '../../tcp-lite/core/tcp.js';
import { IpPacket } from '../../tcp-lite/wire/ip-packet.js';
import { decodeIpv4 } from '../../tcp-lite/wire/ipv4.js';
import type { Segment } from '../../tcp-lite/wire/segment.js';
import { decodeSegment, encodeSegment } from '../../tcp-lite/wire/tcp.js';
import type { Figures } from './workloads.js';

/**
 * Two cores hand each other segments in one process, without frames and without I/O: what the state machine itself can
 * do, in segments that arrive a second.
 */
export function coreAlone(octets: number): Figures {
  const cable: { to: Tcp; segment: Segment }[] = [];
  const addresses = ['10.0.0.1', '10.0.0.2'];
  const make = (own: number): Tcp =>
    new Tcp(
      { random: Math.random },
      {
        transmit: (segment) => {
          const payload = segment.payload.length === 0 ? segment.payload : segment.payload.slice();
          cable.push({ to: ends[1 - own]!, segment: { ...segment, payload } });
        },
        mtu: () => 1500,
        localAddress: () => addresses[own],
      },
    );
  const ends = [make(0), make(1)];
  let now = 1000;
  let received = 0;
  ends[1]!.listen({ port: 7 }).onConnection = (server) => {
    server.onReadable = () => (received += server.read(1e6, now)!.length);
  };
  const piece = new Uint8Array(65_536);
  const client = ends[0]!.connect({ remoteAddress: '10.0.0.2', remotePort: 7 }, now);
  const fill = () => {
    // Only a write that was cut short is followed by onWritable.
    while (client.write(piece, now) === piece.length);
  };
  client.onEstablished = fill;
  client.onWritable = fill;
  let segments = 0;
  const cpu = process.cpuUsage();
  while (received < octets) {
    const arrived = cable.splice(0);
    for (const { to, segment } of arrived) to.segmentArrives(segment, now);
    segments += arrived.length;
    now += 0.05;
    for (const end of ends) if (end.nextDeadline() <= now) end.advance(now);
  }
  const seconds = cpuSeconds(cpu);
  return { segmentsPerSecond: segments / seconds, gbitPerSecond: (received * 8) / seconds / 1e9 };
}

/** Writing a full segment into a frame and reading it back, checksums included, in segments a second. */
export function codecAlone(count: number): Figures {
  const frame = new Uint8Array(new ArrayBuffer(1514));
  const packet = new IpPacket();
  const segment: Segment = {
    ...{
      version: 4,
      src: '10.0.0.1',
      dst: '10.0.0.2',
      srcPort: 4000,
      dstPort: 80,
      seq: 1,
      ack: 1,
      flags: 0x10,
    },
    ...{ window: 65535, urgent: 0, options: { tsVal: 1, tsEcr: 2 }, payload: new Uint8Array(1448) },
    ...{ ttl: 64, dscp: 0, ecn: 0, dontFragment: true },
  };
  const cpu = process.cpuUsage();
  let good = 0;
  for (let i = 0; i < count; i++) {
    segment.seq = i;
    const end = 14 + encodeSegment(segment, frame, 14, i & 0xffff);
    if (decodeIpv4(frame, 14, end, packet) === undefined && typeof decodeSegment(frame, packet) !== 'string')
      good++;
  }
  if (good !== count) throw new Error('the codec does not read what it wrote');
  return { perSecond: count / cpuSeconds(cpu) };
}

/** Processor time, so that the figure holds on a busy machine. */
function cpuSeconds(start: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
}
