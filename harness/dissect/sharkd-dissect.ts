import { assignRelativeNumbers } from './relative.js';
import { CUT, canonicalValue, canonicalValues } from './field-values.js';
import type { Dissection, TypedField } from './dissection.js';
import { FrameBytes } from './frame-bytes.js';
import type { OtherFrame, Packet } from './packet.js';
import {
  AT,
  BASE_FIELDS,
  BETWEEN_VALUES,
  OTHER_FIELDS,
  layersOf,
  octetsOf,
  toOtherFrame,
  toPacket,
} from './raw-frame.js';
import { SharkdRefusal, type SharkdFrame, type SharkdProcess } from './sharkd-process.js';
import { readTree } from './sharkd-tree.js';
import { filterHits, readable, requireText, tsharkValues } from './tshark-dissect.js';
import { tsharkRows } from './tshark-rows.js';
import { ANALYSIS_FLAGS } from './wireshark.js';

/** Dissects a file by a sharkd that nobody else uses meanwhile. Throws SharkdRefusal when the file cannot be opened. */
export async function dissectWithSharkd(
  sharkd: SharkdProcess,
  path: string,
  request: { fields: readonly TypedField[]; filters: readonly string[] },
): Promise<Dissection> {
  const warnings = await sharkd.load(path);
  const frames = await sharkd.frames(COLUMNS);
  const packets: Packet[] = [];
  const strange: SharkdFrame[] = [];
  const analysed = new Map<number, Packet>();
  const bytes = new FrameBytes(path, sharkd);
  for (const frame of frames) {
    frame.c = frame.c.map(separated);
    await completeOptions(frame, bytes);
    const packet = toPacket(frame.num, frame.c);
    if (packet === undefined) {
      strange.push(frame);
      continue;
    }
    packet.tcp.payload = await payloadOf(packet, frame, bytes);
    if (frame.c[ANALYSED] !== '') analysed.set(packet.frame, packet);
    packets.push(packet);
  }
  await readAnalysis(sharkd, analysed);
  const others = await readOthers(sharkd, strange);
  await readFields(sharkd, path, packets, request.fields);
  assignRelativeNumbers(packets);
  const selected = new Map<string, Set<number>>();
  for (const filter of request.filters) selected.set(filter, await hits(sharkd, path, filter));
  return { packets, others, filterHits: selected, warnings };
}

// sharkd takes 32 columns at most. `:0` means every occurrence.
const MOST_COLUMNS = 32;
const COLUMNS = [...BASE_FIELDS, 'tcp.payload', 'tcp.analysis.flags'].map((field) => `${field}:0`);
const PAYLOAD = BASE_FIELDS.length;
const ANALYSED = PAYLOAD + 1;

/** sharkd puts a comma between several values; none of the fields read here has one inside. */
const separated = (text: string): string =>
  text.includes(',') ? text.replaceAll(',', BETWEEN_VALUES) : text;

async function completeOptions(frame: SharkdFrame, bytes: FrameBytes): Promise<void> {
  const options = frame.c[AT['tcp.options']] ?? '';
  if (options.endsWith(CUT))
    frame.c[AT['tcp.options']] = await bytes.read(frame, 'tcp.options', options.slice(0, -CUT.length));
}

async function payloadOf(packet: Packet, frame: SharkdFrame, bytes: FrameBytes): Promise<Uint8Array> {
  if (packet.tcp.len === 0) return NOTHING;
  const shown = frame.c[PAYLOAD] ?? '';
  if (!shown.endsWith(CUT)) return octetsOf(shown);
  return octetsOf(await bytes.read(frame, 'tcp.payload', shown.slice(0, -CUT.length)));
}

const NOTHING = new Uint8Array();

async function readAnalysis(sharkd: SharkdProcess, packets: ReadonlyMap<number, Packet>): Promise<void> {
  if (packets.size === 0) return;
  const columns = ANALYSIS_FLAGS.map((flag) => `tcp.analysis.${flag}:0`);
  for (const frame of await sharkd.frames(columns, 'tcp.analysis.flags')) {
    const packet = packets.get(frame.num);
    if (packet !== undefined)
      packet.tcp.analysis = ANALYSIS_FLAGS.filter((_, i) => (frame.c[i] ?? '') !== '');
  }
}

async function readOthers(sharkd: SharkdProcess, frames: readonly SharkdFrame[]): Promise<OtherFrame[]> {
  if (frames.length === 0) return [];
  const { protocol, info } = sharkd.columns;
  const columns = [...OTHER_FIELDS.map((field) => `${field}:0`), protocol, info];
  const details = new Map<number, string[]>();
  for (const { num, c } of await sharkd.frames(columns, filterFor(frames.map((frame) => frame.num))))
    details.set(num, [...c.slice(0, OTHER_FIELDS.length).map(separated), ...c.slice(OTHER_FIELDS.length)]);
  return Promise.all(
    frames.map(async (frame) => {
      const values = [...(details.get(frame.num) ?? [])];
      const info = values.pop() ?? '';
      const protocol = values.pop() ?? '';
      // ICMPv6 types are shown by name.
      if (layersOf(frame.c[AT['frame.protocols']] ?? '').icmp !== undefined)
        await nameToNumber(sharkd, frame.num, values);
      return toOtherFrame(frame.num, frame.c, { values, protocol, info });
    }),
  );
}

async function nameToNumber(sharkd: SharkdProcess, frame: number, values: string[]): Promise<void> {
  const named = OTHER_FIELDS.filter(
    (field, i) => field.startsWith('icmp') && Number.isNaN(Number(values[i] ?? '')),
  );
  if (named.length === 0) return;
  const tree = readTree(await sharkd.tree(frame));
  for (const field of named) values[OTHER_FIELDS.indexOf(field)] = tree.get(field)?.[0] ?? '';
}

/** A filter for some of the frames; for all of them where a list would be long. */
function filterFor(frames: readonly number[]): string | undefined {
  return frames.length > 200 ? undefined : `frame.number in {${frames.join(',')}}`;
}

async function readFields(
  sharkd: SharkdProcess,
  path: string,
  packets: readonly Packet[],
  fields: readonly TypedField[],
): Promise<void> {
  const byFrame = new Map(packets.map((packet) => [packet.frame, packet]));
  const named = new Map<string, TypedField>();
  for (let first = 0; first < fields.length; first += MOST_COLUMNS) {
    const group = fields.slice(first, first + MOST_COLUMNS);
    for (const { num, c } of await sharkd.frames(group.map(({ name }) => `${name}:0`))) {
      const packet = byFrame.get(num);
      if (packet === undefined) continue;
      const unclear: TypedField[] = [];
      for (const [i, field] of group.entries()) {
        const values = canonicalValues(c[i] ?? '', field.type);
        if (values === undefined) unclear.push(field);
        else packet.fields[field.name] = values;
      }
      if (unclear.length === 0) continue;
      for (const field of await readFromTree(sharkd, packet, unclear)) named.set(field.name, field);
    }
  }
  if (named.size > 0) await readByTshark(path, byFrame, [...named.values()]);
}

/**
 * The tree of a frame says every value as a filter for it would be written: whole, and mostly as a number. Returns the
 * fields of which it gives names only.
 */
async function readFromTree(
  sharkd: SharkdProcess,
  packet: Packet,
  fields: readonly TypedField[],
): Promise<TypedField[]> {
  const tree = readTree(await sharkd.tree(packet.frame));
  return fields.filter(({ name, type }) => {
    const values = (tree.get(name) ?? []).map(
      (value) =>
        canonicalValue(value, type) ??
        (name.endsWith('.checksum.status') ? CHECKSUM_STATUS[value] : undefined),
    );
    const known = values.filter((value) => value !== undefined);
    packet.fields[name] = known;
    // What is hidden in the tree is not in it at all.
    return known.length < values.length || values.length === 0;
  });
}

const CHECKSUM_STATUS: Record<string, string | undefined> = {
  Bad: '0',
  Good: '1',
  Unverified: '2',
  'Not present': '3',
};

/** What sharkd cannot tell, tshark can, in the time of its start. */
async function readByTshark(
  path: string,
  packets: ReadonlyMap<number, Packet>,
  fields: readonly TypedField[],
): Promise<void> {
  const request = { input: path, fields: ['frame.number', ...fields.map(({ name }) => name)], twoPass: true };
  for await (const rows of readable(tsharkRows(request))) {
    for (const [number, ...texts] of rows) {
      const packet = packets.get(Number(number));
      if (packet === undefined) continue;
      for (const [i, { name, type }] of fields.entries())
        packet.fields[name] = tsharkValues(texts[i] ?? '', type);
    }
  }
}

async function hits(sharkd: SharkdProcess, path: string, filter: string): Promise<Set<number>> {
  try {
    const frames = await sharkd.frames(['frame.number:0'], requireText(filter));
    return new Set(frames.map((frame) => frame.num));
  } catch (error) {
    if (!(error instanceof SharkdRefusal)) throw error;
    // tshark says the same, and marks the place.
    return filterHits(path, filter);
  }
}
