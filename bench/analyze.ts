import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, open, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { FRAME_FIELDS } from '../harness/dissect/tshark-dissect.js';
import { tsharkOptions, wiresharkEnvironment } from '../harness/dissect/wireshark.js';
import { PROJECT_ROOT } from '../harness/run/implementation.js';

/*
 * `tcpspec analyze` on a large capture beside bare `tshark -T fields` with the same fields, turn by turn:
 * node dist/bench/analyze.js [--packets N] [--conversations N] [--rounds N]
 */

const PACKETS = argument('--packets', 1_000_000);
const CONVERSATIONS = argument('--conversations', 10_000);
const ROUNDS = argument('--rounds', 3);
const PAYLOAD = 100;

const folder = await mkdtemp(path.join(os.tmpdir(), 'tcpspec-bench-'));
try {
  const file = path.join(folder, 'large.pcap');
  await writeCapture(file);
  print(
    `${PACKETS} packets, ${CONVERSATIONS} conversations, ${((await stat(file)).size / 1e6).toFixed(0)} MB`,
  );
  const fields = await fieldArguments(file);
  const rounds: { tsharkMs: number; analyzeMs: number; peakMb: number }[] = [];
  for (let round = 1; round <= ROUNDS; round++) {
    const bare = await run('tshark', [...tsharkOptions(), '-T', 'fields', ...fields, '-r', file]);
    const own = await run(process.execPath, [
      path.join(PROJECT_ROOT, 'bin/tcpspec'),
      'analyze',
      '--json',
      file,
    ]);
    rounds.push({ tsharkMs: bare.ms, analyzeMs: own.ms, peakMb: own.peakMb });
    print(
      `round ${round}: tshark ${(bare.ms / 1000).toFixed(1)} s, analyze ${(own.ms / 1000).toFixed(1)} s ` +
        `(${(own.ms / bare.ms).toFixed(2)} times), peak of its own process ${own.peakMb} MB`,
    );
  }
  const ratio = median(rounds.map((round) => round.analyzeMs / round.tsharkMs));
  const peakMb = Math.max(...rounds.map((round) => round.peakMb));
  print(`median ratio ${ratio.toFixed(2)}, peak ${peakMb} MB`);
  print(
    JSON.stringify({
      schemaVersion: 1,
      packets: PACKETS,
      conversations: CONVERSATIONS,
      ratio,
      peakMb,
      rounds,
    }),
  );
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** The fields that analyze reads, without those that this version of tshark lacks. */
async function fieldArguments(file: string): Promise<string[]> {
  const fields = [...new Set(FRAME_FIELDS)];
  const child = spawn('tshark', [
    '-r',
    file,
    '-c',
    '1',
    '-T',
    'fields',
    ...fields.flatMap((field) => ['-e', field]),
  ]);
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
  child.stdout.resume();
  await once(child, 'close');
  const missing = new Set(complaint.split('\n').map((line) => line.trim()));
  return fields.filter((field) => !missing.has(field)).flatMap((field) => ['-e', field]);
}

async function run(command: string, options: string[]): Promise<{ ms: number; peakMb: number }> {
  const start = performance.now();
  const child = spawn(command, options, {
    stdio: ['ignore', 'ignore', 'ignore'],
    env: wiresharkEnvironment(),
  });
  let peakMb = 0;
  const watch = setInterval(() => (peakMb = Math.max(peakMb, peakOf(child.pid))), 200);
  await once(child, 'close');
  clearInterval(watch);
  return { ms: performance.now() - start, peakMb };
}

/** High-water mark of a process's memory, MB. */
function peakOf(pid: number | undefined): number {
  try {
    const kilobytes = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
    return Math.round(Number(kilobytes ?? 0) / 1024);
  } catch {
    return 0;
  }
}

/** Conversations side by side: handshake, then the server sends and the client acknowledges. */
async function writeCapture(file: string): Promise<void> {
  const handle = await open(file, 'w');
  try {
    await handle.write(pcapHeader());
    const perConversation = Math.ceil(PACKETS / CONVERSATIONS);
    for (let round = 0; round < perConversation; round++) {
      const records = Array.from({ length: CONVERSATIONS }, (_, index) => record(round, index));
      await handle.write(Buffer.concat(records));
    }
  } finally {
    await handle.close();
  }
}

function pcapHeader(): Buffer {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2c3d4, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(262_144, 16);
  header.writeUInt32LE(101, 20);
  return header;
}

/** The n-th packet of a conversation as a raw IPv4 packet with its record header. */
function record(round: number, index: number): Buffer {
  const fromServer = round % 2 === 1;
  const isSyn = round < 2;
  const length = fromServer && !isSyn ? PAYLOAD : 0;
  const sent = Math.max(0, (round - 1) >> 1);
  const seq = fromServer ? (isSyn ? 5000 : 5001 + (sent - 1) * PAYLOAD) : isSyn ? 1000 : 1001;
  const ack = fromServer ? 1001 : isSyn ? 0 : 5001 + sent * PAYLOAD;
  const flags = isSyn ? (fromServer ? 0x12 : 0x02) : fromServer ? 0x18 : 0x10;
  const buffer = Buffer.alloc(16 + 40 + length);
  const micros = round * 50_000 + index * 4;
  buffer.writeUInt32LE(1_700_000_000 + Math.floor(micros / 1e6), 0);
  buffer.writeUInt32LE(micros % 1e6, 4);
  buffer.writeUInt32LE(40 + length, 8);
  buffer.writeUInt32LE(40 + length, 12);
  const packet = buffer.subarray(16);
  packet.set([0x45, 0, 0, 0, 0, 0, 0x40, 0, 64, 6]);
  packet.writeUInt16BE(40 + length, 2);
  packet.writeUInt16BE((round * 7 + index) & 0xffff, 4);
  const client = 0x0a000000 + index;
  packet.writeUInt32BE(fromServer ? 0xc0a80001 : client, 12);
  packet.writeUInt32BE(fromServer ? client : 0xc0a80001, 16);
  packet.writeUInt16BE(fromServer ? 80 : 40_000, 20);
  packet.writeUInt16BE(fromServer ? 40_000 : 80, 22);
  packet.writeUInt32BE(seq, 24);
  packet.writeUInt32BE(ack, 28);
  packet.set([0x50, flags, 0xff, 0xff], 32);
  packet.writeUInt16BE(checksum(packet.subarray(0, 20), 0), 10);
  packet.writeUInt16BE(checksum(packet.subarray(20), pseudoHeader(packet, 20 + length)), 36);
  return buffer;
}

function pseudoHeader(packet: Buffer, length: number): number {
  let sum = 6 + length;
  for (let at = 12; at < 20; at += 2) sum += packet.readUInt16BE(at);
  return sum;
}

function checksum(octets: Buffer, start: number): number {
  let sum = start;
  for (let at = 0; at < octets.length; at += 2) sum += octets.readUInt16BE(at);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

function argument(name: string, otherwise: number): number {
  const at = process.argv.indexOf(name);
  return at < 0 ? otherwise : Number(process.argv[at + 1]);
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
