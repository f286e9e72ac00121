import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { PassThrough, type Readable } from 'node:stream';
import { constants, createGunzip } from 'node:zlib';
import {
  damagedCapture,
  isGzip,
  notACapture,
  requireCapture,
  requireCaptureFile,
  truncatedCapture,
  unreadableCapture,
} from './capture-file.js';
import { FieldCatalogue } from './field-catalogue.js';
import type { OtherFrame, Packet } from './packet.js';
import { octetsOf } from './raw-frame.js';
import { RelativeNumbers } from './relative.js';
import {
  FRAME_FIELDS,
  OPTIONAL_FIELDS,
  badFilter,
  readRow,
  requireText,
  tsharkValues,
} from './tshark-dissect.js';
import { TsharkFailure, tsharkRows } from './tshark-rows.js';

export interface StreamOptions {
  /** Fields to give in addition, by their tshark names. */
  fields?: readonly string[];
  /** Only the frames that it selects; relative numbers then count from the SYNs among them. */
  displayFilter?: string;
  /** Whether packets come with their payload; otherwise it is empty and only `tcp.len` tells of it. */
  payload?: boolean;
  /** Called now and then with how many frames have been read. */
  onProgress?: (frames: number) => void;
  /** Ends the reading; nothing is left running. */
  signal?: AbortSignal;
}

/**
 * Reads a capture of any size frame by frame, in memory that does not grow with it: a file of any kind that Wireshark
 * reads, a named pipe, or a stream such as standard input (there pcap and pcapng, plain or by gzip). Frames are the same
 * as those of `Dissector.dissect`, except that payload comes only when asked for and that what Wireshark says of
 * a packet cannot depend on later ones.
 *
 * Throws CaptureFileError for what is no capture, and after all whole packets for one that ends in the middle of a packet;
 * DissectError for a field or display filter that does not exist.
 */
export async function* streamPackets(
  input: string | Readable,
  options: StreamOptions = {},
): AsyncGenerator<Packet | OtherFrame> {
  for await (const batch of streamBatches(input, options)) yield* batch;
}

/** The same in batches as they come, which costs less. */
export async function* streamBatches(
  input: string | Readable,
  options: StreamOptions = {},
): AsyncGenerator<(Packet | OtherFrame)[]> {
  const name = typeof input === 'string' ? input : 'standard input';
  const source = await openSource(input, name);
  const asked = await new FieldCatalogue().typed(options.fields ?? []);
  const more = [...(options.payload === true ? ['tcp.payload'] : []), ...asked.map((field) => field.name)];
  const rows = tsharkRows({
    input: source,
    fields: [...FRAME_FIELDS, ...more],
    optional: OPTIONAL_FIELDS,
    ...(options.displayFilter !== undefined && { displayFilter: requireText(options.displayFilter) }),
    ...(options.signal && { signal: options.signal }),
  });
  const numbers = new RelativeNumbers();
  const own = new OwnText();
  const firstField = FRAME_FIELDS.length + (options.payload === true ? 1 : 0);
  let frames = 0;
  try {
    for await (const batch of rows) {
      const read = batch.map((row) => {
        const frame = readRow(row);
        own.adopt(frame);
        if (!('tcp' in frame)) return frame;
        numbers.assign(frame);
        if (options.payload === true) frame.tcp.payload = octetsOf(row[FRAME_FIELDS.length] ?? '');
        for (const [i, { name: field, type }] of asked.entries()) {
          frame.fields[field] = tsharkValues(row[firstField + i] ?? '', type);
        }
        return frame;
      });
      frames += read.length;
      options.onProgress?.(frames);
      yield read;
    }
  } catch (error) {
    throw explained(error, name, options.displayFilter);
  } finally {
    if (typeof source !== 'string') source.destroy();
  }
}

/** What tshark is to read: the path of a file that looks like a capture, or a stream that begins like one. */
async function openSource(input: string | Readable, name: string): Promise<string | Readable> {
  if (typeof input !== 'string') return checkedStream(input, name);
  const kind = await stat(input).catch(() => undefined);
  // A pipe can be read only once, and tshark opens regular files only.
  if (kind !== undefined && (kind.isFIFO() || kind.isCharacterDevice()))
    return checkedStream(createReadStream(input), name);
  await requireCaptureFile(input);
  return input;
}

async function checkedStream(input: Readable, name: string): Promise<Readable> {
  const beginning = await new Promise<Buffer>((resolve, reject) => {
    const chunks: Buffer[] = [];
    const finish = (): void => {
      input.off('data', take).off('end', finish).off('error', fail);
      input.pause();
      resolve(Buffer.concat(chunks));
    };
    const take = (chunk: Buffer): void => {
      chunks.push(chunk);
      const sofar = Buffer.concat(chunks);
      // Packed data comes out in blocks.
      if (sofar.length >= (isGzip(sofar) ? ENOUGH_OF_GZIP : ENOUGH_TO_KNOW)) finish();
    };
    const fail = (error: Error): void => reject(unreadableCapture(name, error.message));
    input.on('data', take).on('end', finish).on('error', fail);
  });
  try {
    requireCapture(name, beginning);
  } catch (error) {
    input.destroy();
    throw error;
  }
  const whole = new PassThrough();
  input.on('error', (error) => whole.destroy(error));
  whole.on('error', () => undefined);
  whole.on('close', () => input.destroy());
  whole.write(beginning);
  if (input.readableEnded) whole.end();
  else input.pipe(whole);
  if (!isGzip(beginning)) return whole;
  // What there is of a file that is cut short shall come out.
  const unpacked = createGunzip({ finishFlush: constants.Z_SYNC_FLUSH });
  whole.on('error', (error) => unpacked.destroy(error));
  unpacked.on('close', () => whole.destroy());
  // It may fail before anybody reads it; who reads finds the error in the stream.
  unpacked.on('error', () => undefined);
  return whole.pipe(unpacked);
}

function explained(error: unknown, name: string, displayFilter: string | undefined): unknown {
  if (error instanceof TsharkFailure) {
    if (error.message.includes('cut short')) return truncatedCapture(name);
    if (/isn't a capture file/.test(error.message)) return notACapture(name);
    if (/appears to be damaged or corrupt/.test(error.message))
      return damagedCapture(name, error.message.split('\n').at(-1) ?? '');
    if (displayFilter !== undefined) return badFilter(displayFilter, error.message);
    return unreadableCapture(name, error.message);
  }
  const { code } = error as { code?: unknown };
  if (typeof code !== 'string') return error;
  if (code.startsWith('Z_')) return damagedCapture(name, (error as Error).message);
  return error;
}

/**
 * Text cut out of a larger one keeps the larger one in memory. What consumers keep of a frame (addresses, texts) is
 * therefore made independent of the chunk that it came in; the few addresses of a conversation are made once.
 */
class OwnText {
  readonly #known = new Map<string, string>();

  adopt(frame: Packet | OtherFrame): void {
    if ('tcp' in frame) {
      frame.ip.src = this.#shared(frame.ip.src);
      frame.ip.dst = this.#shared(frame.ip.dst);
      return;
    }
    frame.src = this.#shared(frame.src);
    frame.dst = this.#shared(frame.dst);
    frame.protocol = this.#shared(frame.protocol);
    frame.info = copy(frame.info);
    const quoted = frame.icmp?.quoted;
    if (quoted === undefined) return;
    quoted.src = this.#shared(quoted.src);
    quoted.dst = this.#shared(quoted.dst);
  }

  #shared(text: string): string {
    let own = this.#known.get(text);
    if (own !== undefined) return own;
    if (this.#known.size >= MOST_SHARED) this.#known.clear();
    own = copy(text);
    this.#known.set(own, own);
    return own;
  }
}

const copy = (text: string): string => Buffer.from(text).toString();
const MOST_SHARED = 100_000;

/** Octets by which every kind of capture is recognised. */
const ENOUGH_TO_KNOW = 64;
const ENOUGH_OF_GZIP = 4096;
