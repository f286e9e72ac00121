import type { TcpOptions } from '../dissect/packet.js';
import { TcpdumpTextError } from './tcpdump-error.js';
import { parseStamp } from './tcpdump-stamp.js';

/** One packet as the line says it; numbers as printed, relative or absolute. */
export interface ParsedPacket {
  /** s since the epoch, or since midnight or the first packet where the text says no more. */
  time: number | undefined;
  src: string;
  srcPort: number;
  dst: string;
  dstPort: number;
  flags: number;
  seq: number | undefined;
  ack: number | undefined;
  window: number;
  urgent: number;
  length: number;
  options: TcpOptions;
  ttl: number | undefined;
  id: number | undefined;
  dontFragment: boolean | undefined;
  checksum: number | undefined;
  checksumGood: boolean | undefined;
}

/** `10.0.0.1.40000 > 10.0.0.2.80: Flags [S.]`, wherever it stands in the line. */
const PACKET =
  /(?:^|\s)([0-9a-fA-F:.%\w]+)\.([\w-]+) > ([0-9a-fA-F:.%\w]+)\.([\w-]+): Flags \[([^\]]*)\](.*)$/;

/** A line with its IP header (with -v) in front; undefined for a line about no TCP packet. */
export function parseTcpdumpLine(printed: string, lineNumber: number): ParsedPacket | undefined {
  const line = inTodaysWords(printed);
  const match = PACKET.exec(line);
  if (match === null) return undefined;
  const [, src = '', srcPort = '', dst = '', dstPort = '', flags = '', rest = ''] = match;
  const header = line.slice(0, match.index);
  const sum = /\bcksum 0x([0-9a-f]+) \((correct|incorrect|bad)?/.exec(rest);
  const sequence = /\bseq (\d+)(?::(\d+))?/.exec(rest);
  const length = /\blength (\d+)/.exec(rest);
  return {
    time: parseStamp(line),
    src: addressOf(src, lineNumber),
    srcPort: portOf(srcPort, lineNumber),
    dst: addressOf(dst, lineNumber),
    dstPort: portOf(dstPort, lineNumber),
    flags: flagsOf(flags, lineNumber),
    seq: numberIn(sequence?.[1]),
    ack: numberIn(/\back (\d+)/.exec(rest)?.[1]),
    window: numberIn(/\bwin (\d+)/.exec(rest)?.[1]) ?? 0,
    urgent: numberIn(/\burg (\d+)/.exec(rest)?.[1]) ?? 0,
    length: numberIn(length?.[1]) ?? spanOf(sequence),
    options: optionsOf(/\boptions \[([^\]]*)\]/.exec(rest)?.[1] ?? ''),
    ttl: numberIn(/\b(?:ttl|hlim) (\d+)/.exec(header)?.[1]),
    id: numberIn(/\bid (\d+)/.exec(header)?.[1]),
    dontFragment: /\bflags \[/.test(header) ? /\bflags \[[^\]]*DF/.test(header) : undefined,
    checksum: sum?.[1] === undefined ? undefined : parseInt(sum[1], 16),
    checksumGood: sum?.[2] === undefined ? undefined : sum[2] === 'correct',
  };
}

/** `10.0.0.1.1 > 10.0.0.2.2: S 5:5(0) ack 1 win 512 <mss 1460>`, as tcpdump printed before 4.0. */
const OLD =
  /( > [0-9a-fA-F:.%\w]+\.[\w-]+): ([SFRPUEW.]+)(?: (\d+):(\d+)\((\d+)\))?(?: ack (\d+))?(?: win (\d+))?(?: urg (\d+))?(?: <([^>]*)>)?/;

function inTodaysWords(line: string): string {
  const match = OLD.exec(line);
  if (match === null || line.includes(': Flags [')) return line;
  const [whole, to = '', letters = '', from, until, length, ack, win, urg, options] = match;
  const flags = `${letters.replace('.', '')}${ack === undefined ? '' : '.'}`;
  const parts = [
    ...(from === undefined ? [] : [`seq ${from}${from === until ? '' : `:${until}`}`]),
    ...(ack === undefined ? [] : [`ack ${ack}`]),
    `win ${win ?? 0}`,
    ...(urg === undefined ? [] : [`urg ${urg}`]),
    ...(options === undefined
      ? []
      : [`options [${options.replace(/timestamp (\d+) (\d+)/, 'TS val $1 ecr $2')}]`]),
    `length ${length ?? 0}`,
  ];
  return line.replace(whole, `${to}: Flags [${flags === '' ? 'none' : flags}], ${parts.join(', ')}`);
}

const LETTERS: Record<string, number> = {
  F: 0x001,
  S: 0x002,
  R: 0x004,
  P: 0x008,
  '.': 0x010,
  U: 0x020,
  E: 0x040,
  W: 0x080,
  e: 0x100,
};

function flagsOf(letters: string, line: number): number {
  if (letters === 'none' || letters === '') return 0;
  let flags = 0;
  for (const letter of letters) {
    const bit = LETTERS[letter];
    if (bit === undefined) throw new TcpdumpTextError(line, `unknown TCP flag "${letter}" in [${letters}]`);
    flags |= bit;
  }
  return flags;
}

/** Names that tcpdump prints without -n. */
const SERVICES: Record<string, number> = {
  'ftp-data': 20,
  ftp: 21,
  ssh: 22,
  telnet: 23,
  smtp: 25,
  domain: 53,
  http: 80,
  pop3: 110,
  imap2: 143,
  bgp: 179,
  ldap: 389,
  https: 443,
  submission: 587,
  ldaps: 636,
  imaps: 993,
  pop3s: 995,
  mysql: 3306,
  postgresql: 5432,
  'http-alt': 8080,
};

function portOf(text: string, line: number): number {
  const port = /^\d+$/.test(text) ? Number(text) : SERVICES[text];
  if (port === undefined || port > 65_535) {
    throw new TcpdumpTextError(line, `"${text}" is no port number: tcpdump prints numbers with -n`);
  }
  return port;
}

function addressOf(text: string, line: number): string {
  const address = text.replace(/%.*$/, '');
  const parts = address.split('.').map(Number);
  const isV4 = /^\d+(\.\d+){3}$/.test(address) && parts.every((part) => part <= 255);
  if (isV4 || (address.includes(':') && /^[0-9a-fA-F:.]+$/.test(address))) return address.toLowerCase();
  throw new TcpdumpTextError(line, `"${text}" is no IP address: tcpdump prints addresses with -n`);
}

function numberIn(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}

function spanOf(sequence: RegExpExecArray | null): number {
  const [, from, to] = sequence ?? [];
  return from === undefined || to === undefined ? 0 : (Number(to) - Number(from)) >>> 0;
}

/** `mss 1460,sackOK,TS val 1 ecr 0,nop,wscale 7`. */
function optionsOf(text: string): TcpOptions {
  const options: TcpOptions = { kinds: [] };
  if (text === '') return options;
  for (const part of text.split(',')) {
    const word = part.trim();
    const value = Number(/(\d+)/.exec(word)?.[1] ?? NaN);
    if (word === 'eol') options.kinds.push(0);
    else if (word === 'nop') options.kinds.push(1);
    else if (word.startsWith('mss ')) set(options, 2, () => (options.mss = value));
    else if (word.startsWith('wscale ')) set(options, 3, () => (options.windowScale = value));
    else if (word === 'sackOK') set(options, 4, () => (options.sackPermitted = true));
    else if (word.startsWith('sack ')) set(options, 5, () => (options.sackBlocks = blocksOf(word)));
    else if (word.startsWith('TS ')) {
      const [, sent = 0, echoed = 0] = /val (\d+) ecr (\d+)/.exec(word) ?? [];
      set(options, 8, () => (options.timestamp = { value: Number(sent), echoReply: Number(echoed) }));
    } else if (/^(?:unknown|Unknown|opt)-?\s*\d+/.test(word)) options.kinds.push(value);
  }
  return options;
}

function set(options: TcpOptions, kind: number, assign: () => void): void {
  options.kinds.push(kind);
  assign();
}

function blocksOf(word: string): { left: number; right: number }[] {
  return [...word.matchAll(/\{(\d+):(\d+)\}/g)].map(([, left, right]) => ({
    left: Number(left),
    right: Number(right),
  }));
}
