import { stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { annotate } from '../capture/annotate.js';
import { CaptureAnalysis } from '../diagnose/index.js';
import type { ConversationReport } from '../diagnose/report.js';
import { CaptureFileError } from '../dissect/errors.js';
import type { OtherFrame, Packet } from '../dissect/packet.js';
import { streamBatches } from '../dissect/stream-dissect.js';
import { captureHead, conversationLine, conversationText } from './analysis-text.js';
import { tcpdumpText } from './capture-input.js';
import { EXIT_FAILURE, EXIT_OK, EXIT_USAGE } from './exit.js';
import { collectGarbage, keepHeapSmall } from './heap.js';
import { processIo, type CommandIo } from './io.js';
import { packetView, type View } from './packet-views.js';
import { Progress } from './progress.js';

export interface AnalyzeOptions {
  json?: boolean;
  annotate?: string;
  view?: View;
  /** Only this conversation is shown; the whole capture is analysed all the same. */
  stream?: number;
}

/** Shape of the JSON; raised when a field changes its meaning. */
const SCHEMA_VERSION = 1;
/** Up to here packets are kept for the views and every packet gets its sentence. */
const SMALL = 10_000;
const COLLECT_EVERY = 131_072;
/** The views show payload of files up to this size, octets; the analysis needs none. */
const WITH_PAYLOAD = 16 * 1024 * 1024;
/** More conversations than this are listed a line each, and only those with something wrong in full. */
const FEW = 12;

/**
 * Analyses a capture (`-` for standard input) and prints what an analyst would say. Returns 1 when a finding is an
 * error, 2 for a capture that ends in the middle of a packet (all before it is analysed), 0 otherwise. Throws
 * CaptureFileError for what is no capture.
 */
export async function analyzeCommand(
  file: string,
  options: AnalyzeOptions = {},
  io: CommandIo = processIo(),
): Promise<number> {
  if (file === '-' && options.annotate !== undefined) {
    io.err('tcpspec: --annotate needs a capture file, standard input cannot be read twice\n');
    return EXIT_USAGE;
  }
  const read = await readCapture(file, options, io);
  const shown = read.reports.filter(
    (report) => options.stream === undefined || report.stream === options.stream,
  );
  if (options.stream !== undefined && shown.length === 0) {
    io.err(`tcpspec: ${file} has no TCP stream ${options.stream}\n`);
    return EXIT_USAGE;
  }
  if (options.json) printJson(file, read, shown, io);
  else printText(file, read, shown, options, io);
  if (options.annotate !== undefined) await writeAnnotated(file, options.annotate, read.reports);
  if (read.damage !== undefined) {
    io.err(`tcpspec: ${read.damage.message}\n  ${read.damage.remedy}\n`);
    return EXIT_USAGE;
  }
  const failed = shown.some((report) => report.findings.some((finding) => finding.severity === 'error'));
  return failed ? EXIT_FAILURE : EXIT_OK;
}

/** Ctrl-C: nothing is left running, nothing was written. */
class Interrupted extends Error {
  readonly exitStatus = 130;

  constructor() {
    super('interrupted');
  }
}

interface Read {
  reports: ConversationReport[];
  frames: number;
  packets: number;
  seconds: number;
  /** Packets by stream, where the capture is small enough to show them. */
  kept: Map<number, Packet[]> | undefined;
  damage: CaptureFileError | undefined;
}

async function readCapture(file: string, options: AnalyzeOptions, io: CommandIo): Promise<Read> {
  const analysis = new CaptureAnalysis({ verdicts: 'all' });
  const source = file === '-' ? (io.stdin as Readable) : file;
  const size = file === '-' ? undefined : await sizeOf(file);
  const progress = new Progress(io, size);
  const abort = new AbortController();
  const interrupt = (): void => abort.abort();
  process.once('SIGINT', interrupt);
  const read: Read = { reports: [], frames: 0, packets: 0, seconds: 0, kept: new Map(), damage: undefined };
  try {
    for await (const batch of streamBatches(source, {
      payload: (size ?? Infinity) <= WITH_PAYLOAD,
      signal: abort.signal,
    })) {
      for (const frame of batch) take(frame, analysis, read, options);
      progress.update(read.frames, analysis.octets);
    }
  } catch (error) {
    if (abort.signal.aborted) throw new Interrupted();
    if (!(error instanceof CaptureFileError)) throw error;
    if (error.kind === 'truncated' && read.frames > 0) read.damage = error;
    else {
      const text = error.kind === 'not-a-capture' && file !== '-' ? await tcpdumpText(file) : undefined;
      if (text === undefined) throw error;
      for (const packet of text.packets) take(packet, analysis, read, options);
    }
  } finally {
    progress.clear();
    process.off('SIGINT', interrupt);
  }
  read.reports = analysis.finish();
  read.packets = analysis.packets;
  read.seconds = analysis.facts.lastTime - (analysis.facts.firstTime ?? analysis.facts.lastTime);
  return read;
}

function take(
  frame: Packet | OtherFrame,
  analysis: CaptureAnalysis,
  read: Read,
  options: AnalyzeOptions,
): void {
  read.frames++;
  if (!('tcp' in frame)) {
    analysis.other(frame);
    return;
  }
  analysis.packet(frame);
  if (analysis.packets % COLLECT_EVERY === 0) collectGarbage();
  if (read.kept === undefined) return;
  if (analysis.packets > SMALL) {
    read.kept = undefined;
    keepHeapSmall();
    analysis.limitVerdicts(options.annotate === undefined ? 'none' : 'notable');
    return;
  }
  const { stream } = frame.tcp;
  const packets = read.kept.get(stream);
  if (packets === undefined) read.kept.set(stream, [frame]);
  else packets.push(frame);
}

function printJson(file: string, read: Read, shown: readonly ConversationReport[], io: CommandIo): void {
  const head = {
    schemaVersion: SCHEMA_VERSION,
    file,
    packets: read.frames,
    tcpPackets: read.packets,
    durationMs: Math.round(read.seconds * 1e6) / 1000,
    ...(read.damage !== undefined && { warnings: [read.damage.message] }),
  };
  // Piece by piece, so that many conversations need no second copy of them all.
  io.out(`${JSON.stringify(head, null, 2).slice(0, -2)},\n  "conversations": [`);
  shown.forEach((report, index) => io.out(`${index === 0 ? '' : ','}\n${JSON.stringify(report)}`));
  io.out('\n]}\n');
}

const NO_TCP =
  'There is no TCP in this capture, or no packet of it with a whole TCP header: see its snapshot length and capture filter.';

function printText(
  file: string,
  read: Read,
  shown: readonly ConversationReport[],
  options: AnalyzeOptions,
  io: CommandIo,
): void {
  io.out(captureHead(file, read, shown, io));
  if (read.packets === 0) io.out(`\n${NO_TCP}\n`);
  const few = shown.length <= FEW;
  for (const report of shown) {
    const grave = report.findings.some((finding) => finding.severity !== 'note');
    if (!few && !grave) continue;
    io.out(`\n${conversationText(report, io)}\n`);
    const packets = read.kept?.get(report.stream)?.filter((packet) => isOf(report, packet));
    if (packets !== undefined && (options.view !== undefined || (few && packets.length <= 200))) {
      io.out(`\n${packetView(options.view ?? 'table', report, packets, io)}\n`);
    }
  }
  if (few) return;
  io.out('\nAll conversations:\n');
  for (const report of shown) io.out(`${conversationLine(report, io)}\n`);
}

/** Frames that belong to this connection, where one stream holds several. */
function isOf(report: ConversationReport, packet: Packet): boolean {
  return packet.frame >= report.firstFrame && packet.frame <= report.lastFrame;
}

async function writeAnnotated(
  file: string,
  output: string,
  reports: readonly ConversationReport[],
): Promise<void> {
  const comments = new Map<number, string>();
  for (const report of reports) {
    for (const verdict of report.verdicts ?? []) {
      comments.set(verdict.frame, `${verdict.verdict}: ${verdict.sentence}`);
    }
    for (const finding of report.findings) {
      const [first] = finding.frames;
      if (first === undefined || finding.severity === 'note') continue;
      const text = `${finding.severity}: ${finding.title}. ${finding.explanation}`;
      comments.set(first, [comments.get(first), text].filter((part) => part !== undefined).join('\n'));
    }
  }
  const findings = reports.flatMap((report) =>
    report.findings.filter((finding) => finding.severity !== 'note'),
  );
  const summary = findings.slice(0, 20).map((finding) => `${finding.severity}: ${finding.title}`);
  await annotate(file, output, comments, ['Analysed by tcpspec.', ...summary].join('\n'));
}

async function sizeOf(file: string): Promise<number | undefined> {
  try {
    const { size } = await stat(file);
    return size;
  } catch {
    return undefined;
  }
}
