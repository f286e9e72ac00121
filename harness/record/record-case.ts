import { printLine } from '../case/print-line.js';
import type { Role } from '../case/model.js';
import { FIN, PSH, RST, SYN, ACK, type Packet } from '../dissect/packet.js';

export interface RecordOptions {
  /** Name of the capture, for the title and the id. */
  file: string;
  /** Wireshark's stream index. */
  stream: number;
  roleOf: (packet: Packet) => Role;
  /** The payloads are not known (a capture as text holds none): only lengths are written down. */
  withoutPayload?: boolean;
  /** Frames whose sequence number is not known for certain: it is not written down. */
  inferredSeq?: ReadonlySet<number>;
  /** For later sessions too: leaves out windows, timestamps and PSH, which differ from one to the next. */
  loose?: boolean;
}

/** A silence this long belongs to the story, ms. */
const LONG_WAIT = 1000;
/** How far a later run may deviate from a recorded silence. */
const SHORTER = 0.8;
const LONGER = 1.5;
/** Payload up to here is written down whole: as text, or as hex. Octets. */
const MOST_TEXT = 256;
const MOST_HEX = 32;
/** From here on a payload of one octet over and over is written as a repetition. */
const LEAST_REPEAT = 32;

/**
 * One conversation as a case file: every packet a line in the grammar of Wireshark's Info column, in strict order. The
 * case passes on the capture it was recorded from and fails when a packet is missing, added or changed (of a loose one:
 * in its flags, numbers, lengths, payload or other options).
 */
export function recordCase(packets: readonly Packet[], options: RecordOptions): string {
  const { file, stream, roleOf } = options;
  const [first] = packets;
  if (first === undefined) throw new RangeError('a conversation without packets');
  const isClientFirst = roleOf(first) === 'client';
  const { ip, tcp } = first;
  const client = isClientFirst ? endpoint(ip.src, tcp.srcPort) : endpoint(ip.dst, tcp.dstPort);
  const server = isClientFirst ? endpoint(ip.dst, tcp.dstPort) : endpoint(ip.src, tcp.srcPort);
  const serverPort = isClientFirst ? tcp.dstPort : tcp.srcPort;
  return [
    `# Recorded from ${oneLine(file)}, TCP stream ${stream}: client ${client}, server ${server}.`,
    `# Judge a capture by it: tcpspec check CAPTURE --expect THIS-FILE`,
    `id: ${idOf(file, stream)}`,
    `title: ${quoted(titleOf(packets, roleOf))}`,
    `purpose: ${quoted('The conversation goes packet by packet as it was recorded')}`,
    `tags: [recorded]`,
    `families: [ipv${ip.version}]`,
    `server: { port: ${serverPort} }`,
    `expect:`,
    ...itemsOf(packets, options),
    ...(options.loose ? [] : pushCounts(packets, roleOf)),
    '',
  ].join('\n');
}

interface Item {
  lines: string[];
  /** Two items with the same text follow each other as `times: n`. */
  key: string;
  times: number;
}

function itemsOf(packets: readonly Packet[], options: RecordOptions): string[] {
  const items: Item[] = [];
  packets.forEach((packet, index) => {
    const role = options.roleOf(packet);
    const lines = [
      `  - ${role}: ${quoted(lineOf(packet, options))}`,
      ...payloadLines(packet, options),
      ...waitLines(packet, packets[index - 1]),
    ];
    const key = lines.join('\n');
    const last = items.at(-1);
    if (last !== undefined && last.key === key) last.times++;
    else items.push({ lines, key, times: 1 });
  });
  return items.flatMap(({ lines, times }) => (times === 1 ? lines : [...lines, `    times: ${times}`]));
}

function lineOf(packet: Packet, { inferredSeq, loose }: RecordOptions): string {
  const whole = printLine(packet);
  const line = loose ? whole.replace(/ (Win|TSval|TSecr)=\d+/g, '').replace('PSH, ', '') : whole;
  return inferredSeq?.has(packet.frame) ? line.replace(/ Seq=\d+/, '') : line;
}

function payloadLines({ tcp }: Packet, options: RecordOptions): string[] {
  const { payload, len } = tcp;
  if (len === 0 || options.withoutPayload || payload.length !== len) return [];
  if (len <= MOST_TEXT && isPrintable(payload)) return [`    payload: ${quoted(ascii(payload))}`];
  const octet = payload[0] ?? 0;
  if (len >= LEAST_REPEAT && payload.every((one) => one === octet)) {
    const unit = isPrintable(payload.subarray(0, 1))
      ? `text: ${quoted(ascii(payload.subarray(0, 1)))}`
      : `hex: "${hex(payload.subarray(0, 1))}"`;
    return [`    payload: { repeat: { ${unit}, times: ${len} } }`];
  }
  return len <= MOST_HEX ? [`    payload: { hex: "${hex(payload)}" }`] : [];
}

/** A line judges PSH only where it has it; the number of packets with it shows one that was added. */
function pushCounts(packets: readonly Packet[], roleOf: (packet: Packet) => Role): string[] {
  const items = (['client', 'server'] as const).flatMap((role) => {
    const own = packets.filter((packet) => roleOf(packet) === role);
    const pushed = own.filter(({ tcp }) => tcp.flags & PSH).length;
    return own.length === 0 ? [] : [`  - ${role}: "tcp.flags.push=1"`, `    count: ${pushed}`];
  });
  return ['  # How many packets push, which a line judges only where it says so:', ...items];
}

/** Ordinary timing is not judged; a long silence is part of what happened. */
function waitLines(packet: Packet, before: Packet | undefined): string[] {
  const wait = before === undefined ? 0 : (packet.time - before.time) * 1000;
  if (wait <= LONG_WAIT) return [];
  return [`    after: ${Math.floor(wait * SHORTER)}ms`, `    within: ${Math.ceil(wait * LONGER)}ms`];
}

function titleOf(packets: readonly Packet[], roleOf: (packet: Packet) => Role): string {
  const octets = { client: 0, server: 0 };
  for (const packet of packets) octets[roleOf(packet)] += packet.tcp.len;
  const has = (bit: number): boolean => packets.some(({ tcp }) => tcp.flags & bit);
  const end = has(RST) ? 'ends by a reset' : has(FIN) ? 'is closed' : 'stays open';
  const [first] = packets;
  const begin = first !== undefined && (first.tcp.flags & (SYN | ACK)) === SYN ? '' : ', already under way,';
  return `A session of ${packets.length} packets${begin} carries ${octets.client} octets to the server and ${octets.server} back and ${end}`;
}

/** `recorded-` and the file's name in the letters that an id may have. */
function idOf(file: string, stream: number): string {
  const name = (file.split('/').pop() ?? '').replace(/(\.(pcapng|pcap|cap|txt|gz))+$/i, '');
  const words = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60);
  return `recorded-${words === '' ? 'capture' : words.replace(/-+$/, '')}-${stream}`;
}

function isPrintable(octets: Uint8Array): boolean {
  return octets.every(
    (octet) => (octet >= 0x20 && octet < 0x7f) || octet === 0x0a || octet === 0x0d || octet === 0x09,
  );
}

function ascii(octets: Uint8Array): string {
  return String.fromCharCode(...octets);
}

function hex(octets: Uint8Array): string {
  return Array.from(octets, (octet) => octet.toString(16).padStart(2, '0')).join(' ');
}

/** A YAML double-quoted scalar: JSON's escapes are YAML's. */
function quoted(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function oneLine(text: string): string {
  return text.replace(/[^\x20-\x7e]+/g, '?');
}

function endpoint(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
