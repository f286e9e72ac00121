import type { PacketRow } from '../../harness/run/results.js';

type Line = {
  from: 'client' | 'server';
  flags: string;
  seq: number;
  ack?: number;
  len?: number;
  timeMs?: number;
} & Partial<PacketRow>;

const ISN = { client: 1_000_000, server: 500_000 };

/** Rows as the run engine makes them, from the few fields that a test cares about. */
export function packetRows(lines: Line[]): PacketRow[] {
  return lines.map((line, index) => {
    const other = line.from === 'client' ? 'server' : 'client';
    const ack = line.ack ?? 0;
    const window = line.window ?? 65535;
    return {
      frame: index + 1,
      timeMs: index * 0.125,
      ack,
      win: window,
      window,
      len: 0,
      seqRaw: (ISN[line.from] + line.seq) >>> 0,
      ackRaw: line.flags.includes('ACK') ? (ISN[other] + ack) >>> 0 : 0,
      options: '',
      payload: '',
      analysis: [],
      src: line.from === 'client' ? '10.0.0.1' : '10.0.0.2',
      dst: line.from === 'client' ? '10.0.0.2' : '10.0.0.1',
      srcPort: line.from === 'client' ? 12345 : 8080,
      dstPort: line.from === 'client' ? 8080 : 12345,
      length: 54 + (line.len ?? 0),
      ...line,
    };
  });
}

/** The echo session of two user-space stacks, 12 packets. */
export function echoSession(): PacketRow[] {
  return packetRows([
    { from: 'client', flags: 'SYN', seq: 0, options: 'MSS=1460' },
    { from: 'server', flags: 'SYN, ACK', seq: 0, ack: 1, options: 'MSS=1460' },
    { from: 'client', flags: 'ACK', seq: 1, ack: 1 },
    { from: 'client', flags: 'PSH, ACK', seq: 1, ack: 1, len: 14, payload: 'Hello, Server!' },
    { from: 'server', flags: 'ACK', seq: 1, ack: 15 },
    { from: 'server', flags: 'PSH, ACK', seq: 1, ack: 15, len: 20, payload: 'Echo: Hello, Server!' },
    { from: 'client', flags: 'ACK', seq: 15, ack: 21 },
    { from: 'client', flags: 'FIN, ACK', seq: 15, ack: 21 },
    { from: 'server', flags: 'ACK', seq: 21, ack: 16 },
    { from: 'server', flags: 'FIN, ACK', seq: 21, ack: 16 },
    { from: 'client', flags: 'ACK', seq: 16, ack: 22 },
  ]);
}

/** The kernel resets the session of a user-space stack at packet 3; the stack goes on. */
export function kernelReset(): PacketRow[] {
  return packetRows([
    { from: 'client', flags: 'SYN', seq: 0, options: 'MSS=1460' },
    { from: 'server', flags: 'SYN, ACK', seq: 0, ack: 1, options: 'MSS=1460' },
    { from: 'client', flags: 'RST', seq: 1, window: 0 },
    { from: 'client', flags: 'ACK', seq: 1, ack: 1 },
    { from: 'client', flags: 'PSH, ACK', seq: 1, ack: 1, len: 14, payload: 'Hello, Server!' },
    { from: 'server', flags: 'RST', seq: 1, window: 0 },
    { from: 'server', flags: 'RST', seq: 1, window: 0 },
  ]);
}

/**
 * A transfer of `segments` full segments from the client with a loss every 97th: the server answers with SACK, the
 * client retransmits. Times grow by 0.2 ms a segment.
 */
export function bulkTransfer(segments: number): PacketRow[] {
  const mss = 1448;
  const lines: Line[] = [
    { from: 'client', flags: 'SYN', seq: 0, options: 'MSS=1460 SACK_PERM WS=128' },
    { from: 'server', flags: 'SYN, ACK', seq: 0, ack: 1, options: 'MSS=1460 SACK_PERM WS=128' },
    { from: 'client', flags: 'ACK', seq: 1, ack: 1 },
  ];
  let time = 1;
  let acked = 1;
  for (let index = 0; index < segments; index++) {
    const seq = 1 + index * mss;
    time += 0.2;
    const lost = index % 97 === 40;
    lines.push({
      from: 'client',
      flags: 'ACK',
      seq,
      ack: 1,
      len: mss,
      timeMs: time,
      lost,
      payload: 'x'.repeat(64),
    });
    if (!lost && acked === seq) acked = seq + mss;
    else if (!lost && index % 97 === 46) {
      const hole = acked;
      const right = seq + mss;
      lines.push({
        from: 'client',
        flags: 'ACK',
        seq: hole,
        ack: 1,
        len: mss,
        timeMs: time + 0.1,
        analysis: ['fast_retransmission'],
      });
      acked = right;
    }
    const behind = acked !== seq + mss;
    if (behind && !lost) {
      lines.push({
        from: 'server',
        flags: 'ACK',
        seq: 1,
        ack: acked,
        window: 2_000_000,
        timeMs: time + 0.15,
        analysis: ['duplicate_ack'],
        sack: [[acked + mss, seq + mss]],
        options: `SLE=${acked + mss} SRE=${seq + mss}`,
      });
    } else if (!lost && index % 2 === 1) {
      lines.push({
        from: 'server',
        flags: 'ACK',
        seq: 1,
        ack: acked,
        window: 2_000_000,
        timeMs: time + 0.15,
      });
    }
  }
  lines.push({ from: 'client', flags: 'FIN, ACK', seq: 1 + segments * mss, ack: 1, timeMs: time + 1 });
  lines.push({ from: 'server', flags: 'FIN, ACK', seq: 1, ack: 2 + segments * mss, timeMs: time + 1.2 });
  return packetRows(lines);
}
