import type { Family, Level, Role } from '../case/model.js';
import type { Failure, PacketMark, Verdict } from '../match/verdict.js';

/** Version of the shape below; raised when a field changes its meaning. */
export const RESULTS_SCHEMA_VERSION = 1;

/** What `tcpspec run --json` prints, and the only thing reports read. */
export interface RunResults {
  schemaVersion: number;
  startedAt: string;
  durationMs: number;
  /** Versions a reader needs to repeat the run: tcpspec, node, tshark, kernel. */
  environment: Record<string, string>;
  implementations: ImplementationInfo[];
  results: CaseResult[];
  summary: Record<Verdict, number> & { total: number; unexpected: number };
}

export interface ImplementationInfo {
  name: string;
  title: string;
  attach: string;
  deviations: { case: string; reason: string; reference?: string }[];
}

export interface CaseResult {
  /** Case id, with `[row]` for a table row and `@ipv6` for the IPv6 twin. */
  id: string;
  title: string;
  purpose: string;
  iut: string;
  family: Family;
  verdict: Verdict;
  level: Level;
  covers: string[];
  tags: string[];
  /** Case file as given, and the line of the case in it. */
  file: string;
  line: number;
  /** Wall time of the whole case, ms. */
  durationMs: number;
  /** Time per phase, ms: lab, traffic, cut, dissect, judge. */
  phases: Record<string, number>;
  /** How far an inconclusive case came. */
  stage?: string;
  /** Why it is inconclusive, unsupported or an error, or what the known deviation says. */
  reason?: string;
  /** Set when the verdict is covered by the implementation's list of deviations. */
  knownDeviation?: { reason: string; reference?: string };
  /** True when this result makes the run fail (exit 1). */
  unexpected: boolean;
  /** How often the case was played, where a machine that stood still or a capture that went wrong spoilt it at first; this is the last time. */
  tries?: number;
  failure?: Failure;
  /** Admitted alternatives that were seen. */
  outcomes: string[];
  /** Path of the kept capture (pcapng), relative to the results file where possible; empty where there is none. */
  capture: string;
  /** Display filter that shows this conversation in the capture. */
  displayFilter: string;
  /** Command that runs just this case again. */
  rerun: string;
  packets: PacketRow[];
  marks: PacketMark[];
  /** Findings of the diagnosis: what an analyst would say about this capture. */
  diagnosis: {
    id: string;
    severity: string;
    frames: number[];
    title: string;
    explanation: string;
    remedy?: string;
  }[];
  /** Text of the case file, for the report. */
  source: string;
  /** What the implementation printed, cut at 16 KiB. */
  output?: string;
  /** Role of the implementation under test, where one end is scripted or the stacks differ. */
  iutRole?: Role;
  /** ICMP, ARP and other frames of the case that explain a silence; the ladder shows them between the packets. */
  otherFrames?: OtherFrameRow[];
  /** Verdicts of earlier runs, oldest first, this run not included; carried over from one results file to the next. */
  history?: { startedAt: string; verdict: Verdict }[];
  /** Start of the run in which this verdict was first seen without a change since; set by the comparison. */
  since?: string;
}

/** A frame of the case that is not TCP, as Wireshark's packet list shows it. */
export interface OtherFrameRow {
  frame: number;
  /** ms since the first packet of the case. */
  timeMs: number;
  protocol: string;
  info: string;
  src: string;
  dst: string;
  /** Octets on the wire. */
  length?: number;
}

/** One packet as the tables and ladders show it. */
export interface PacketRow {
  frame: number;
  /** ms since the first packet of the case. */
  timeMs: number;
  from: 'client' | 'server';
  flags: string;
  seq: number;
  ack: number;
  win: number;
  len: number;
  seqRaw: number;
  ackRaw: number;
  /** Options as Wireshark's Info column shows them: `MSS=1460 SACK_PERM WS=128`. */
  options: string;
  /** First octets of the payload, printable, escaped by whoever shows it. */
  payload: string;
  analysis: string[];
  src: string;
  dst: string;
  srcPort: number;
  dstPort: number;
  /** SACK edges relative to the ISN of the data's sender. */
  sack?: [number, number][];
  /** Scaled window, octets. */
  window: number;
  /** Octets of the whole frame: Wireshark's Length column. */
  length?: number;
  /** Seen on the sender's end of the link only: the ladder ends its arrow half-way. */
  lost?: boolean;
}
