import { readFile, stat } from 'node:fs/promises';
import { mkdtemp, rm } from 'node:fs/promises';
import { createWriteStream } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { diagnose } from '../diagnose/index.js';
import type { ConversationReport } from '../diagnose/report.js';
import { Dissector, type DissectRequest, type Dissection } from '../dissect/dissector.js';
import { CaptureFileError } from '../dissect/errors.js';
import { parseTcpdumpText, type TcpdumpText } from '../record/tcpdump-text.js';
import type { CommandIo } from './io.js';

/** A capture read whole, for commands about one conversation of it. */
export interface CaptureInput {
  dissection: Dissection;
  reports: ConversationReport[];
  /** The capture is text without payloads. */
  withoutPayload: boolean;
  /** Frames whose sequence number the text does not say. */
  inferredSeq: ReadonlySet<number>;
}

/** Text larger than this is not taken for tcpdump's output, octets. */
const MOST_TEXT = 64 * 1024 * 1024;

/**
 * Reads a capture file, what `tcpdump -n` printed, or either from standard input (`-`). Throws CaptureFileError,
 * DissectError, TcpdumpTextError.
 */
export async function readCaptureInput(
  file: string,
  request: DissectRequest,
  io: CommandIo,
): Promise<CaptureInput> {
  if (file !== '-') return read(file, request);
  const folder = await mkdtemp(path.join(tmpdir(), 'tcpspec-'));
  try {
    const copy = path.join(folder, 'standard-input');
    await pipeline(io.stdin, createWriteStream(copy));
    return await read(copy, request);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function read(file: string, request: DissectRequest): Promise<CaptureInput> {
  const dissector = await Dissector.start({ processes: 1 });
  try {
    return withReports(await dissector.dissect(file, request));
  } catch (error) {
    if (!(error instanceof CaptureFileError) || error.kind !== 'not-a-capture') throw error;
    const text = await tcpdumpText(file);
    if (text === undefined) throw error;
    const { packets, withPayload, inferredSeq } = text;
    const dissection = { packets, others: [], filterHits: new Map<string, Set<number>>(), warnings: [] };
    return { ...withReports(dissection), withoutPayload: !withPayload, inferredSeq };
  } finally {
    await dissector.close();
  }
}

/** What tcpdump printed, where the file is that. */
export async function tcpdumpText(file: string): Promise<TcpdumpText | undefined> {
  const kind = await stat(file);
  // Text of a pipe or a device may never end.
  if (!kind.isFile() || kind.size > MOST_TEXT) return undefined;
  const text = await readFile(file, 'utf8');
  if (text.includes('\u0000')) return undefined;
  const parsed = parseTcpdumpText(text);
  return parsed.packets.length === 0 ? undefined : parsed;
}

function withReports(dissection: Dissection): CaptureInput {
  const reports = diagnose(dissection.packets, dissection.others);
  return { dissection, reports, withoutPayload: false, inferredSeq: new Set() };
}
