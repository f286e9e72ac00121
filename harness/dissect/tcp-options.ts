import type { TcpOptions } from './packet.js';

/**
 * Reads the octets of Wireshark's `tcp.options`. (Its single fields give names for kinds and SACK edges relative to the
 * first packet seen.) An option whose length cannot be ends the list, but its kind is in it; one whose length is
 * wrong for its kind has no value. RFC 9293, 3.1; RFC 7323; RFC 2018.
 */
export function readTcpOptions(octets: Uint8Array): TcpOptions {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  const options: TcpOptions = { kinds: [] };
  for (let offset = 0; offset < octets.length;) {
    const kind = view.getUint8(offset);
    options.kinds.push(kind);
    if (kind === END_OF_LIST) break;
    if (kind === NO_OPERATION) {
      offset++;
      continue;
    }
    const length = offset + 1 < octets.length ? view.getUint8(offset + 1) : 0;
    if (length < 2 || offset + length > octets.length) break;
    readOption(options, kind, new DataView(octets.buffer, octets.byteOffset + offset + 2, length - 2));
    offset += length;
  }
  return options;
}

function readOption(options: TcpOptions, kind: number, value: DataView): void {
  const length = value.byteLength;
  if (kind === MAXIMUM_SEGMENT_SIZE && length === 2) options.mss = value.getUint16(0);
  else if (kind === WINDOW_SCALE && length === 1) options.windowScale = value.getUint8(0);
  else if (kind === SACK_PERMITTED && length === 0) options.sackPermitted = true;
  else if (kind === TIMESTAMPS && length === 8)
    options.timestamp = { value: value.getUint32(0), echoReply: value.getUint32(4) };
  else if (kind === SACK && length > 0 && length % 8 === 0) {
    options.sackBlocks = [];
    for (let at = 0; at < length; at += 8)
      options.sackBlocks.push({ left: value.getUint32(at), right: value.getUint32(at + 4) });
  }
}

const END_OF_LIST = 0;
const NO_OPERATION = 1;
const MAXIMUM_SEGMENT_SIZE = 2;
const WINDOW_SCALE = 3;
const SACK_PERMITTED = 4;
const SACK = 5;
const TIMESTAMPS = 8;
