import { ipv4Text } from '../../tcp-lite/wire/address.js';

/** What tshark says of an IPv4 header beyond the fields that every packet carries, by its field names. */
export interface Ipv4HeaderFields {
  fields: Record<string, string[]>;
  /** Where the packet goes in the end: the last address of a source route that is not completed. */
  destination: string;
}

const END = 0;
const NOP = 1;
const LOOSE_SOURCE_ROUTE = 131;
const STRICT_SOURCE_ROUTE = 137;
const ADDRESS = 4;

/** Reads the options of the IPv4 header at `at`; lengths that cannot be end the reading. */
export function readIpv4Options(frame: Uint8Array, at: number): Ipv4HeaderFields {
  const headerLength = (frame[at]! & 15) * 4;
  const destination = ipv4Text(frame, at + 16);
  const result: Ipv4HeaderFields = { fields: { 'ip.hdr_len': [String(headerLength)] }, destination };
  const end = Math.min(at + headerLength, frame.length);
  for (let next = at + 20; next < end;) {
    const type = frame[next]!;
    note(result, 'ip.opt.type', type);
    note(result, 'ip.opt.type.number', type & 31);
    if (type === END) break;
    if (type === NOP) {
      next++;
      continue;
    }
    const length = next + 1 < end ? frame[next + 1]! : 0;
    if (length < 2 || next + length > end) break;
    note(result, 'ip.opt.len', length);
    if (type === LOOSE_SOURCE_ROUTE || type === STRICT_SOURCE_ROUTE) readRoute(frame, next, length, result);
    next += length;
  }
  return result;
}

/** Addresses before the pointer were passed; the header's destination is the next, and the last one is the real one. */
function readRoute(frame: Uint8Array, at: number, length: number, result: Ipv4HeaderFields): void {
  if (length < 3) return;
  const pointer = frame[at + 2]!;
  note(result, 'ip.opt.ptr', pointer);
  if (pointer <= length) note(result, 'ip.cur_rt', result.destination);
  for (let offset = 3; offset + ADDRESS <= length; offset += ADDRESS) {
    const address = ipv4Text(frame, at + offset);
    if (offset + 1 < pointer) note(result, 'ip.rec_rt', address);
    else if (offset + 2 * ADDRESS <= length) note(result, 'ip.src_rt', address);
    else result.destination = address;
  }
}

function note({ fields }: Ipv4HeaderFields, name: string, value: number | string): void {
  (fields[name] ??= []).push(String(value));
}
