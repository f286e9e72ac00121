import { ladderText } from '../../reports/ladder.js';
import { printableLine } from '../../reports/printable.js';
import { infoLine } from '../../reports/wire/info.js';
import { ACK, FIN, PSH, RST, SYN, URG, type Packet } from '../dissect/packet.js';
import type { ConversationReport, PacketVerdict } from '../diagnose/report.js';
import { packetRows } from '../run/rows.js';
import type { CommandIo } from './io.js';

export type View = 'table' | 'ladder' | 'tcpdump';

/** The packets of one conversation in the form asked for, a line or more each. */
export function packetView(
  view: View,
  report: ConversationReport,
  packets: readonly Packet[],
  io: CommandIo,
): string {
  const rows = packetRows([...packets], (packet) => (isFromClient(report, packet) ? 'client' : 'server'));
  switch (view) {
    case 'table':
      return packetTable(rows, report.verdicts ?? [], io);
    case 'ladder': {
      const wrong = (report.verdicts ?? [])
        .filter(({ verdict }) => verdict === 'wrong')
        .map(({ frame }) => frame);
      const marks = wrong.map((frame) => ({ frame, mark: 'unexpected' as const }));
      return ladderText({ packets: rows, marks }, { width: io.columns });
    }
    case 'tcpdump':
      return packets.map((packet) => tcpdumpLine(packet, isFirst(packet, packets))).join('\n');
  }
}

export function isFromClient(report: ConversationReport, packet: Packet): boolean {
  return packet.ip.src === report.client.address && packet.tcp.srcPort === report.client.port;
}

const MARKS: Record<PacketVerdict['verdict'], string> = { 'as-expected': ' ', notable: '!', wrong: '✗' };

function packetTable(
  rows: ReturnType<typeof packetRows>,
  verdicts: readonly PacketVerdict[],
  io: CommandIo,
): string {
  const byFrame = new Map(verdicts.map((verdict) => [verdict.frame, verdict]));
  const frameWidth = Math.max(3, String(rows.at(-1)?.frame ?? 0).length);
  const timeWidth = Math.max(8, (rows.at(-1)?.timeMs ?? 0).toFixed(3).length);
  const head = `${'No.'.padStart(frameWidth)}  ${'Time/ms'.padStart(timeWidth)}    From    Info`;
  const lines = rows.map((row) => {
    const verdict = byFrame.get(row.frame);
    const mark = MARKS[verdict?.verdict ?? 'as-expected'];
    const line = `${String(row.frame).padStart(frameWidth)}  ${row.timeMs.toFixed(3).padStart(timeWidth)}  ${mark} ${row.from.padEnd(6)}  ${printableLine(infoLine(row))}`;
    const sentence =
      verdict === undefined ? '' : `\n${' '.repeat(frameWidth + timeWidth + 14)}${verdict.sentence}`;
    const paint =
      verdict?.verdict === 'wrong'
        ? io.colours.red
        : verdict?.verdict === 'notable'
          ? io.colours.yellow
          : undefined;
    return `${paint === undefined ? line : paint(line)}${sentence === '' ? '' : io.colours.dim(sentence)}`;
  });
  return [io.colours.dim(head), ...lines].join('\n');
}

/** tcpdump prints absolute numbers for the first packet of each direction, as the base of all that follow. */
function isFirst(packet: Packet, packets: readonly Packet[]): boolean {
  return (
    packets.find((one) => one.tcp.srcPort === packet.tcp.srcPort && one.ip.src === packet.ip.src) === packet
  );
}

/** One packet as `tcpdump -n -tttt` prints it. */
export function tcpdumpLine(packet: Packet, first: boolean): string {
  const { ip, tcp } = packet;
  const absolute = first || (tcp.flags & SYN) !== 0;
  const seq = absolute ? tcp.seqRaw : tcp.seq;
  const end = absolute ? (tcp.seqRaw + tcp.len) >>> 0 : tcp.seq + tcp.len;
  const occupies = tcp.len > 0 || (tcp.flags & (SYN | FIN | RST)) !== 0;
  const parts = [
    `Flags [${tcpdumpFlags(tcp.flags)}]`,
    ...(occupies ? [`seq ${seq}${tcp.len > 0 ? `:${end}` : ''}`] : []),
    ...(tcp.flags & ACK ? [`ack ${(tcp.flags & SYN) !== 0 ? tcp.ackRaw : tcp.ack}`] : []),
    `win ${tcp.windowRaw}`,
    ...(tcp.flags & URG ? [`urg ${tcp.urgentPointer}`] : []),
    ...(optionText(packet) === '' ? [] : [`options [${optionText(packet)}]`]),
    `length ${tcp.len}`,
  ];
  const family = ip.version === 6 ? 'IP6' : 'IP';
  return `${stamp(packet.time)} ${family} ${ip.src}.${tcp.srcPort} > ${ip.dst}.${tcp.dstPort}: ${parts.join(', ')}`;
}

function tcpdumpFlags(flags: number): string {
  const letters = [
    [FIN, 'F'],
    [SYN, 'S'],
    [RST, 'R'],
    [PSH, 'P'],
    [ACK, '.'],
    [URG, 'U'],
    [0x40, 'E'],
    [0x80, 'W'],
    [0x100, 'e'],
  ] as const;
  const text = letters
    .filter(([bit]) => flags & bit)
    .map(([, letter]) => letter)
    .join('');
  return text === '' ? 'none' : text;
}

function optionText(packet: Packet): string {
  const { options } = packet.tcp;
  const words = options.kinds.flatMap((kind) => {
    if (kind === 0) return ['eol'];
    if (kind === 1) return ['nop'];
    if (kind === 2 && options.mss !== undefined) return [`mss ${options.mss}`];
    if (kind === 3 && options.windowScale !== undefined) return [`wscale ${options.windowScale}`];
    if (kind === 4) return ['sackOK'];
    if (kind === 5) {
      const base = packet.tcp.ackRaw - packet.tcp.ack;
      const blocks = (options.sackBlocks ?? []).map(
        (block) => `{${(block.left - base) >>> 0}:${(block.right - base) >>> 0}}`,
      );
      return [`sack ${blocks.length} ${blocks.join('')}`];
    }
    if (kind === 8 && options.timestamp !== undefined) {
      return [`TS val ${options.timestamp.value} ecr ${options.timestamp.echoReply}`];
    }
    return [`unknown-${kind}`];
  });
  return words.join(',');
}

function stamp(time: number): string {
  const date = new Date(Math.floor(time) * 1000).toISOString().slice(0, 19).replace('T', ' ');
  const micros = Math.min(999_999, Math.round((time - Math.floor(time)) * 1e6));
  return `${date}.${String(micros).padStart(6, '0')}`;
}
