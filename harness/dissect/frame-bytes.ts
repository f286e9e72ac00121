import { readFile, stat } from 'node:fs/promises';
import { BlockParser, ENHANCED_PACKET, viewOf } from '../capture/pcapng.js';
import { AT, layersOf, numberOf } from './raw-frame.js';
import type { SharkdFrame, SharkdProcess } from './sharkd-process.js';
import { readTree } from './sharkd-tree.js';

/**
 * Long fields, of which sharkd shows the beginning only. Where a frame is plain Ethernet and IP they are taken from the
 * capture file at the place that follows from the headers, and must begin with what sharkd has shown. Otherwise
 * (tunnels, reassembled fragments, other files than pcapng) sharkd is asked for the frame's whole tree.
 */
export class FrameBytes {
  readonly #path: string;
  readonly #sharkd: SharkdProcess;
  #frames: Promise<Uint8Array[]> | undefined;

  constructor(path: string, sharkd: SharkdProcess) {
    this.#path = path;
    this.#sharkd = sharkd;
  }

  /** The field as hexadecimal digits, of which `beginning` are known. */
  async read(frame: SharkdFrame, field: 'tcp.options' | 'tcp.payload', beginning: string): Promise<string> {
    this.#frames ??= readFrames(this.#path);
    const bytes = (await this.#frames)[frame.num - 1];
    const place = bytes === undefined ? undefined : placeOf(frame, field, bytes);
    if (bytes !== undefined && place !== undefined) {
      const hex = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex', ...place);
      if (hex.startsWith(beginning)) return hex;
    }
    const tree = readTree(await this.#sharkd.tree(frame.num));
    return (tree.get(field)?.[0] ?? '').replaceAll(':', '');
  }
}

/** First octet of the field in the frame and the one after its last; undefined where the headers do not tell. */
function placeOf(
  frame: SharkdFrame,
  field: 'tcp.options' | 'tcp.payload',
  bytes: Uint8Array,
): [number, number] | undefined {
  const { linkLength, version, tcp, ip } = layersOf(frame.c[AT['frame.protocols']] ?? '');
  if (
    !tcp ||
    linkLength === undefined ||
    ip !== 0 ||
    (frame.c[AT['frame.protocols']] ?? '').includes(FRAGMENT)
  )
    return undefined;
  const headerLen = numberOf(frame.c[AT['tcp.hdr_len']] ?? '');
  const len = numberOf(frame.c[AT['tcp.len']] ?? '');
  const ipLen = version === 6 ? 40 : ((bytes[linkLength] ?? 0) & 0x0f) * 4;
  const header = linkLength + ipLen;
  const port = ((bytes[header] ?? 0) << 8) | (bytes[header + 1] ?? 0);
  if (port !== numberOf(frame.c[AT['tcp.srcport']] ?? '')) return undefined;
  // An earlier fragment carries the beginning of a reassembled packet.
  if (version === 4 && (bytes[linkLength + 6] ?? 0) & 0x3f) return undefined;
  const [from, to] =
    field === 'tcp.options'
      ? [header + 20, header + headerLen]
      : [header + headerLen, header + headerLen + len];
  return to <= bytes.length ? [from, to] : undefined;
}

/** The frames of a pcapng file; none where it is of another kind or large. */
async function readFrames(path: string): Promise<Uint8Array[]> {
  const { size } = await stat(path);
  if (size > LARGEST_FILE) return [];
  const frames: Uint8Array[] = [];
  try {
    for (const { type, bytes } of new BlockParser().push(await readFile(path))) {
      if (type === ENHANCED_PACKET) frames.push(bytes.subarray(28, 28 + viewOf(bytes).getUint32(20, true)));
      // Frames of other kinds of block would shift the numbers.
      else if (type === SIMPLE_PACKET || type === OBSOLETE_PACKET) return [];
    }
  } catch {
    return [];
  }
  return frames;
}

const FRAGMENT = 'fraghdr';
const SIMPLE_PACKET = 3;
const OBSOLETE_PACKET = 2;
const LARGEST_FILE = 64 * 1024 * 1024;
