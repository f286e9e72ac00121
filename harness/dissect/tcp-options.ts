import type { TcpOptions } from './packet.js';

/**
 * Reads the octets of Wireshark's `tcp.options`. (Its single fields give names for kinds and SACK edges relative to the
 * first packet seen.) An option whose length cannot be ends the list, but its kind is in it; one whose length is
 * wrong for its kind has no value. RFC 9293, 3.1; RFC 7323; RFC 2018. `length` is that of the options in the header, octets.
 */
export function readTcpOptions(octets: Uint8Array, length = octets.length): TcpOptions {
  const options: TcpOptions = { kinds: [] };
  const end = octets.length;
  for (let offset = 0; offset < end;) {
    const kind = at(octets, offset);
    options.kinds.push(kind);
    if (kind === END_OF_LIST) break;
    if (kind === NO_OPERATION) {
      offset++;
      continue;
    }
    const length = offset + 1 < end ? at(octets, offset + 1) : 0;
    if (length < 2 || offset + length > end) break;
    readOption(options, kind, octets, offset + 2, length - 2);
    offset += length;
  }
  if (length > octets.length) options.cut = length - octets.length;
  return options;
}

function readOption(
  options: TcpOptions,
  kind: number,
  octets: Uint8Array,
  offset: number,
  length: number,
): void {
  if (kind === MAXIMUM_SEGMENT_SIZE && length === 2)
    options.mss = (at(octets, offset) << 8) | at(octets, offset + 1);
  else if (kind === WINDOW_SCALE && length === 1) options.windowScale = at(octets, offset);
  else if (kind === SACK_PERMITTED && length === 0) options.sackPermitted = true;
  else if (kind === TIMESTAMPS && length === 8)
    options.timestamp = { value: word(octets, offset), echoReply: word(octets, offset + 4) };
  else if (kind === SACK && length > 0 && length % 8 === 0) {
    options.sackBlocks = [];
    for (let block = offset; block < offset + length; block += 8)
      options.sackBlocks.push({ left: word(octets, block), right: word(octets, block + 4) });
  }
}

const at = (octets: Uint8Array, offset: number): number => octets[offset] ?? 0;
const word = (octets: Uint8Array, offset: number): number =>
  ((at(octets, offset) << 24) |
    (at(octets, offset + 1) << 16) |
    (at(octets, offset + 2) << 8) |
    at(octets, offset + 3)) >>>
  0;

const END_OF_LIST = 0;
const NO_OPERATION = 1;
const MAXIMUM_SEGMENT_SIZE = 2;
const WINDOW_SCALE = 3;
const SACK_PERMITTED = 4;
const SACK = 5;
const TIMESTAMPS = 8;
