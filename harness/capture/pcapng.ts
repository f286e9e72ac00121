/*
 * The pcapng blocks that a capture consists of (draft-ietf-opsawg-pcapng), little-endian only: dumpcap and editcap write
 * in the machine's order, and every machine that this runs on is little-endian.
 */

export const SECTION_HEADER = 0x0a0d0d0a;
export const INTERFACE_DESCRIPTION = 1;
export const ENHANCED_PACKET = 6;

export const OPT_END = 0;
export const OPT_COMMENT = 1;
export const IF_NAME = 2;
export const IF_TSRESOL = 9;

const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const LONGEST_BLOCK = 16 * 1024 * 1024;

/** One block: its type and all of its octets, lengths included. */
export interface Block {
  type: number;
  bytes: Uint8Array;
}

/**
 * Cuts a stream into blocks, however it is chunked. A block is a view on memory that the next call may reuse.
 * Throws RangeError where the stream is not little-endian pcapng.
 */
export class BlockParser {
  #rest: Uint8Array = new Uint8Array();

  *push(chunk: Uint8Array): Generator<Block> {
    const data = this.#rest.length === 0 ? chunk : concat([this.#rest, chunk]);
    const view = viewOf(data);
    let offset = 0;
    while (data.length - offset >= 12) {
      const type = view.getUint32(offset, true);
      const length = view.getUint32(offset + 4, true);
      if (length < 12 || length % 4 !== 0 || length > LONGEST_BLOCK)
        throw new RangeError(`not a pcapng block: type ${type}, length ${length}`);
      if (type === SECTION_HEADER && view.getUint32(offset + 8, true) !== BYTE_ORDER_MAGIC)
        throw new RangeError('a pcapng section that is not little-endian');
      if (data.length - offset < length) break;
      yield { type, bytes: data.subarray(offset, offset + length) };
      offset += length;
    }
    // A copy: the rest must not keep the whole chunk alive.
    this.#rest = data.slice(offset);
  }

  /** Octets of a block that has not arrived whole. */
  get pending(): number {
    return this.#rest.length;
  }
}

export interface Option {
  code: number;
  value: Uint8Array;
}

/** The options that stand in `block` from `offset` on, without the end mark; what is malformed ends the list. */
export function readOptions(block: Uint8Array, offset: number): Option[] {
  const view = viewOf(block);
  const end = block.length - 4;
  const options: Option[] = [];
  while (offset + 4 <= end) {
    const code = view.getUint16(offset, true);
    const length = view.getUint16(offset + 2, true);
    if (code === OPT_END || offset + 4 + length > end) break;
    options.push({ code, value: block.subarray(offset + 4, offset + 4 + length) });
    offset += 4 + length + padding(length);
  }
  return options;
}

/** A block of `type` with a fixed part and options; the end mark is added where there are any. */
export function writeBlock(type: number, fixed: Uint8Array, options: readonly Option[]): Uint8Array {
  const fixedLength = fixed.length + padding(fixed.length);
  let optionsLength = options.length === 0 ? 0 : 4;
  for (const { value } of options) optionsLength += 4 + value.length + padding(value.length);
  const length = 12 + fixedLength + optionsLength;
  const block = new Uint8Array(length);
  const view = viewOf(block);
  view.setUint32(0, type, true);
  view.setUint32(4, length, true);
  view.setUint32(length - 4, length, true);
  block.set(fixed, 8);
  let offset = 8 + fixedLength;
  for (const { code, value } of options) {
    view.setUint16(offset, code, true);
    view.setUint16(offset + 2, value.length, true);
    block.set(value, offset + 4);
    offset += 4 + value.length + padding(value.length);
  }
  return block;
}

/** A comment option; what does not fit its 65,535 octets is cut between characters. */
export function commentOption(text: string): Option {
  // A reader may take a zero octet for the end.
  let value = new TextEncoder().encode(text.replaceAll('\0', '\ufffd'));
  if (value.length > LONGEST_OPTION) {
    let end = LONGEST_OPTION;
    // Octets 10xxxxxx continue a character.
    while (end > 0 && ((value[end] ?? 0) & 0xc0) === 0x80) end--;
    value = value.slice(0, end);
  }
  return { code: OPT_COMMENT, value };
}

/** The block with one more option at the end of its list, which starts at `optionsOffset`. */
export function withOption(block: Block, optionsOffset: number, option: Option): Uint8Array {
  const fixed = block.bytes.subarray(8, optionsOffset);
  return writeBlock(block.type, fixed, [...readOptions(block.bytes, optionsOffset), option]);
}

/** Where a section header block's options start. */
export const SECTION_OPTIONS = 24;
/** Where an interface description block's options start. */
export const INTERFACE_OPTIONS = 16;

/** Where an enhanced packet block's options start. */
export function packetOptions(block: Uint8Array): number {
  const captured = viewOf(block).getUint32(20, true);
  return 28 + captured + padding(captured);
}

export interface InterfaceDescription {
  name: string;
  linkType: number;
  snapLength: number;
  /** Length of one time stamp unit in nanoseconds, where it is a whole number or a fraction of one. */
  nanosecondsPerUnit: number;
  /** The block as the capture tool wrote it. */
  block: Uint8Array;
}

export function readInterface(block: Uint8Array): InterfaceDescription {
  const view = viewOf(block);
  const options = readOptions(block, INTERFACE_OPTIONS);
  const name = options.find(({ code }) => code === IF_NAME);
  const resolution = options.find(({ code }) => code === IF_TSRESOL)?.value[0] ?? 6;
  const unitsPerSecond = resolution & 0x80 ? 2 ** (resolution & 0x7f) : 10 ** resolution;
  return {
    name: name === undefined ? '' : new TextDecoder().decode(name.value),
    linkType: view.getUint16(8, true),
    snapLength: view.getUint32(12, true),
    nanosecondsPerUnit: 1e9 / unitsPerSecond,
    block: block.slice(),
  };
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

const padding = (length: number): number => (4 - (length % 4)) % 4;
const LONGEST_OPTION = 65535;
