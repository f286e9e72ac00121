import { loadCases } from '../../../harness/case/load.js';
import type {
  ObservedCase,
  PacketPattern,
  Role,
  ScriptedCase,
  TestCase,
} from '../../../harness/case/model.js';
import { parseLine } from '../../../harness/case/parse-line.js';
import type { Packet, TcpHeader, TcpOptions } from '../../../harness/dissect/packet.js';
import { ACK, AE, CWR, ECE, FIN, PSH, RST, SYN, URG } from '../../../harness/dissect/packet.js';

export const CLIENT_ISN = 1_000_000;
export const SERVER_ISN = 500_000;

/** Everything a packet of a test may say; the rest has the values of a plain packet. */
export interface PacketText {
  from: Role;
  line: string;
  /** ms since the start of the capture. */
  at?: number;
  payload?: string | Uint8Array;
  analysis?: string[];
  fields?: Record<string, string[]>;
  tcp?: Partial<TcpHeader>;
}

/** Packets from lines in Wireshark's words, numbered from 1, a millisecond apart unless they say when. */
export function packets(
  lines: readonly PacketText[],
  isn: Record<Role, number> = { client: CLIENT_ISN, server: SERVER_ISN },
): Packet[] {
  return lines.map((text, index) => packet(index + 1, text, isn));
}

/** `client('[SYN] Seq=0 Win=65535 Len=0')`. */
export function client(line: string, more: Omit<PacketText, 'from' | 'line'> = {}): PacketText {
  return { from: 'client', line, ...more };
}

export function server(line: string, more: Omit<PacketText, 'from' | 'line'> = {}): PacketText {
  return { from: 'server', line, ...more };
}

/** In tests the client is the one with the greater port. */
export function roleOf({ tcp }: Packet): Role {
  return tcp.srcPort > tcp.dstPort ? 'client' : 'server';
}

export function observed(yaml: string, path = 'expectations/test.yaml'): ObservedCase {
  const testCase = onlyCase(yaml, path);
  if (testCase.kind !== 'observed') throw new Error('the case is scripted');
  return testCase;
}

export function scripted(yaml: string, path = 'expectations/test.yaml'): ScriptedCase {
  const testCase = onlyCase(yaml, path);
  if (testCase.kind !== 'scripted') throw new Error('the case is observed');
  return testCase;
}

/** An observed case with nothing but what it expects. */
export function expecting(expect: string, more = ''): ObservedCase {
  const head = 'id: test\ntitle: A test\nclient: {}\nserver: {}\n';
  const indented = expect
    .trim()
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n');
  return observed(`${head}${more === '' ? '' : `${more.trim()}\n`}expect:\n${indented}\n`);
}

/** One pattern as an observed case reads it. */
export function pattern(item: string): PacketPattern {
  const [first] = expecting(item).expect;
  if (first?.kind !== 'packet') throw new Error('not a packet');
  return first.pattern;
}

function onlyCase(yaml: string, path: string): TestCase {
  const { cases, errors } = loadCases(path, yaml);
  const [first] = cases;
  if (first === undefined) throw new Error(errors.map((error) => error.message).join('\n'));
  return first;
}

function packet(frame: number, text: PacketText, isn: Record<Role, number>): Packet {
  const { from, at, analysis = [], fields = {} } = text;
  const line = parseLine(text.line);
  if (line.problems.length > 0) throw new Error(`${text.line}: ${line.problems[0]?.message}`);
  const value = (name: string): number | undefined => {
    const found = line.fields.find((field) => field.name === name)?.value;
    return found?.kind === 'equals' && found.value.kind === 'number' ? found.value.value : undefined;
  };
  const payload =
    typeof text.payload === 'string'
      ? Buffer.from(text.payload)
      : (text.payload ?? Buffer.alloc(value('Len') ?? 0, 'x'));
  const other = from === 'client' ? 'server' : 'client';
  const seq = value('Seq') ?? 0;
  const ack = value('Ack') ?? 0;
  const flags = (line.flags?.set ?? 0) & 0xfff;
  const ends = { client: '10.0.0.1', server: '10.0.0.2' };
  const ports = { client: 12345, server: 8080 };
  const options: TcpOptions = { kinds: [] };
  const mss = value('MSS');
  if (mss !== undefined) Object.assign(options, { mss });
  const scale = value('WS');
  if (scale !== undefined) Object.assign(options, { windowScale: Math.log2(scale) });
  if (line.fields.some(({ name }) => name === 'SACK_PERM')) options.sackPermitted = true;
  const tsVal = value('TSval');
  if (tsVal !== undefined) options.timestamp = { value: tsVal, echoReply: value('TSecr') ?? 0 };
  const edges = (name: string) =>
    line.fields.flatMap((field) =>
      field.name === name && field.value.kind === 'equals' && field.value.value.kind === 'number'
        ? [(field.value.value.value + isn[other]) >>> 0]
        : [],
    );
  const [left, right] = [edges('SLE'), edges('SRE')];
  if (left.length > 0) {
    options.sackBlocks = left.map((edge, index) => ({ left: edge, right: right[index] ?? edge }));
  }
  return {
    frame,
    time: 1_700_000_000 + (at ?? frame - 1) / 1000,
    interfaceId: 0,
    ip: {
      version: 4,
      src: ends[from],
      dst: ends[other],
      ttl: 64,
      dscp: 0,
      ecn: 0,
      id: frame,
      dontFragment: true,
    },
    tcp: {
      stream: 0,
      srcPort: ports[from],
      dstPort: ports[other],
      seqRaw: (seq + isn[from]) >>> 0,
      ackRaw: flags & ACK ? (ack + isn[other]) >>> 0 : 0,
      seq,
      ack: flags & ACK ? ack : 0,
      flags,
      len: payload.length,
      headerLen: 20,
      windowRaw: value('Win') ?? 65535,
      window: value('Win') ?? 65535,
      urgentPointer: value('Urg') ?? 0,
      checksum: 0x1234,
      checksumStatus: 'good',
      options,
      payload,
      analysis,
      ...text.tcp,
    },
    fields,
  };
}

export const FLAGS = { ACK, AE, CWR, ECE, FIN, PSH, RST, SYN, URG };
