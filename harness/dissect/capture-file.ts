import { open, stat } from 'node:fs/promises';
import { gunzipSync, constants } from 'node:zlib';
import { CaptureFileError } from './errors.js';

/**
 * Looks at the beginning of a file and throws CaptureFileError when it is missing, empty or nothing that a capture
 * could be. (tshark itself also opens text, pictures and JSON, each as one frame.)
 */
export async function requireCaptureFile(path: string): Promise<void> {
  const beginning = await readBeginning(path);
  requireCapture(path, beginning);
}

/** The same for the first octets of a stream, named `path` in errors. */
export function requireCapture(path: string, beginning: Uint8Array): void {
  if (beginning.length === 0) throw emptyCapture(path);
  const start = Buffer.from(beginning.buffer, beginning.byteOffset, beginning.byteLength);
  const plain = isGzip(start) ? firstUnpacked(start) : start;
  if (COMPRESSED.some((magic) => start.subarray(0, 4).equals(magic))) return;
  if (plain === undefined || !CAPTURE_MAGIC.some((magic) => plain.subarray(0, magic.length).equals(magic)))
    throw notACapture(path);
  // tshark would show the stump of a header as a packet.
  if (plain.length < SHORTEST_HEADER) throw truncatedCapture(path);
}

export const isGzip = (start: Uint8Array): boolean => start[0] === 0x1f && start[1] === 0x8b;

export function emptyCapture(path: string): CaptureFileError {
  return new CaptureFileError(
    'empty',
    path,
    'the file is empty',
    'Was the capture stopped before its first packet was written? tcpdump needs -U, or an orderly end by Ctrl-C.',
  );
}

export function notACapture(path: string): CaptureFileError {
  return new CaptureFileError(
    'not-a-capture',
    path,
    'this is not a capture file',
    'Give a file in pcap or pcapng format, plain or compressed by gzip, as tcpdump -w and Wireshark write it.',
  );
}

export function truncatedCapture(path: string): CaptureFileError {
  return new CaptureFileError(
    'truncated',
    path,
    'the capture ends in the middle of a packet',
    'All packets before the end were read. The program that wrote it was killed, or the copy is incomplete.',
  );
}

export function damagedCapture(path: string, reason: string): CaptureFileError {
  return new CaptureFileError(
    'truncated',
    path,
    `the capture is damaged: ${reason}`,
    'All packets before the damage were read. Copy the file again, in binary mode.',
  );
}

export function unreadableCapture(path: string, reason: string): CaptureFileError {
  return new CaptureFileError('unreadable', path, reason, 'Check the path and the rights to read it.');
}

async function readBeginning(path: string): Promise<Uint8Array> {
  try {
    if ((await stat(path)).isDirectory()) throw unreadableCapture(path, 'this is a directory');
    const file = await open(path, 'r');
    try {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(BEGINNING), 0, BEGINNING, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof CaptureFileError) throw error;
    throw unreadableCapture(path, describe(error as NodeJS.ErrnoException));
  }
}

function describe(error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT') return 'there is no such file';
  if (error.code === 'EACCES') return 'no right to read it';
  return error.message;
}

function firstUnpacked(start: Buffer): Buffer | undefined {
  try {
    return gunzipSync(start, { finishFlush: constants.Z_SYNC_FLUSH });
  } catch {
    return undefined;
  }
}

const BEGINNING = 4096;
/** Of pcap; all others have more. */
const SHORTEST_HEADER = 24;

/** pcap in both orders with its variants, pcapng, snoop. */
const CAPTURE_MAGIC = [
  ...['a1b2c3d4', 'a1b23c4d', 'a1b2cd34'].flatMap((hex) => [hex, reversed(hex)]),
  '0a0d0d0a',
  '736e6f6f70000000',
].map((hex) => Buffer.from(hex, 'hex'));

/** zstd and lz4, which some builds of tshark read. */
const COMPRESSED = ['28b52ffd', '04224d18'].map((hex) => Buffer.from(hex, 'hex'));

function reversed(hex: string): string {
  return Buffer.from(hex, 'hex').reverse().toString('hex');
}
