import type { Dissection, TypedField } from './dissection.js';
import { DissectError } from './errors.js';
import { canonicalValues } from './field-values.js';
import type { OtherFrame, Packet } from './packet.js';
import { BASE_FIELDS, BETWEEN_VALUES, OTHER_FIELDS, octetsOf, toOtherFrame, toPacket } from './raw-frame.js';
import { assignRelativeNumbers } from './relative.js';
import { TsharkFailure, tsharkRows } from './tshark-rows.js';
import { ANALYSIS_FLAGS } from './wireshark.js';

/**
 * Dissects a file by one run of tshark and one more for each filter: the same result as by sharkd, later by the 0.2 s that
 * each start takes. Throws TsharkFailure when the file cannot be opened.
 */
export async function dissectWithTshark(
  path: string,
  request: { fields: readonly TypedField[]; filters: readonly string[] },
): Promise<Dissection> {
  const dissection: Dissection = { packets: [], others: [], filterHits: new Map(), warnings: [] };
  const fields = [...FRAME_FIELDS, 'tcp.payload', ...request.fields.map(({ name }) => name)];
  try {
    for await (const rows of tsharkRows({ input: path, fields, twoPass: true, optional: OPTIONAL_FIELDS })) {
      for (const row of rows) {
        const read = readRow(row);
        if ('tcp' in read) {
          read.tcp.payload = octetsOf(row[FRAME_FIELDS.length] ?? '');
          readFields(read, row.slice(FRAME_FIELDS.length + 1), request.fields);
          dissection.packets.push(read);
        } else {
          dissection.others.push(read);
        }
      }
    }
  } catch (error) {
    // What stands before the cut has been read.
    if (!(error instanceof TsharkFailure) || !isPartial(error)) throw error;
    dissection.warnings.push(error.message);
  }
  assignRelativeNumbers(dissection.packets);
  for (const filter of request.filters) dissection.filterHits.set(filter, await filterHits(path, filter));
  return dissection;
}

/** The fields that `readRow` needs, in its order. */
export const FRAME_FIELDS: readonly string[] = [
  'frame.number',
  ...BASE_FIELDS,
  ...ANALYSIS_FLAGS.map((flag) => `tcp.analysis.${flag}`),
  ...OTHER_FIELDS,
  // Versions differ in how they write the names of columns, and take the other way for an empty one.
  ...['_ws.col.Protocol', '_ws.col.Info', '_ws.col.protocol', '_ws.col.info'],
];

/** Those of them that some versions of Wireshark lack. */
export const OPTIONAL_FIELDS: ReadonlySet<string> = new Set(
  FRAME_FIELDS.filter((field) => /^(_ws\.col|tcp\.analysis|sll)\./.test(field)),
);

/** A row of FRAME_FIELDS as a packet, without payload and relative numbers, or as another frame. */
export function readRow(row: readonly string[]): Packet | OtherFrame {
  const frame = Number(row[0]);
  const values = row.slice(1, ANALYSIS);
  const packet = toPacket(frame, values);
  if (packet !== undefined) {
    for (const [i, flag] of ANALYSIS_FLAGS.entries())
      if ((row[ANALYSIS + i] ?? '') !== '') packet.tcp.analysis.push(flag);
    return packet;
  }
  const others = row.slice(OTHERS, OTHERS + OTHER_FIELDS.length);
  const [protocol, info, protocolLater, infoLater] = row.slice(OTHERS + OTHER_FIELDS.length);
  return toOtherFrame(frame, values, {
    values: others,
    protocol: protocol || protocolLater || '',
    info: info || infoLater || '',
  });
}

/** Whether tshark gave what stands before an end in the middle of a packet, or before damage. */
export const isPartial = (failure: TsharkFailure): boolean =>
  /cut short|damaged or corrupt/.test(failure.message);

function readFields(packet: Packet, texts: readonly string[], fields: readonly TypedField[]): void {
  for (const [i, { name, type }] of fields.entries())
    packet.fields[name] = tsharkValues(texts[i] ?? '', type);
}

/** The occurrences of a field of that type as tshark prints them, in the one spelling. */
export function tsharkValues(text: string, type: string): string[] {
  return canonicalValues(text, type, BETWEEN_VALUES) ?? text.split(BETWEEN_VALUES);
}

/** The rows of a file up to where it is cut short or damaged. */
export async function* readable(rows: AsyncIterable<string[][]>): AsyncGenerator<string[][]> {
  try {
    yield* rows;
  } catch (error) {
    if (!(error instanceof TsharkFailure) || !isPartial(error)) throw error;
  }
}

/** Numbers of the frames that a display filter selects. Throws DissectError when it is none. */
export async function filterHits(path: string, filter: string): Promise<Set<number>> {
  const frames = new Set<number>();
  const request = {
    input: path,
    fields: ['frame.number'],
    displayFilter: requireText(filter),
    twoPass: true,
  };
  try {
    for await (const rows of readable(tsharkRows(request)))
      for (const row of rows) frames.add(Number(row[0]));
  } catch (error) {
    // The file itself has been read before.
    throw error instanceof TsharkFailure ? badFilter(filter, error.message) : error;
  }
  return frames;
}

/** The filter, which without any text would select every frame. */
export function requireText(filter: string): string {
  if (filter.trim() === '') throw badFilter(filter, 'It is empty.');
  return filter;
}

/** The error for a display filter, with what tshark says of it: a sentence and a mark under the place. */
export function badFilter(filter: string, complaint: string): DissectError {
  return new DissectError('filter', `not a display filter: ${filter}\n${complaint}`, { subject: filter });
}

const ANALYSIS = 1 + BASE_FIELDS.length;
const OTHERS = ANALYSIS + ANALYSIS_FLAGS.length;
