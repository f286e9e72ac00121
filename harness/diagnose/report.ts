import type { FindingId } from './catalogue.js';
import type { TcpOptions } from '../dissect/packet.js';

/** `error`: something failed; `warning`: worth acting on; `note`: worth knowing. */
export type Severity = 'error' | 'warning' | 'note';

/** What an analyst would say about a conversation, in words and with the frames that show it. */
export interface Finding {
  /** Stable: cases and scripts refer to it. */
  id: FindingId;
  severity: Severity;
  /** Frame numbers that show it, ascending, the first 50. */
  frames: number[];
  title: string;
  explanation: string;
  remedy?: string;
  /** The end the finding is about. */
  end?: Role;
  /** The numbers behind the words, for programs: octets, counts, milliseconds as the name says. */
  facts?: Record<string, number | string | boolean | number[]>;
}

export type Role = 'client' | 'server';

/** As it should be, worth a look, or wrong: one packet's verdict with a sentence. */
export interface PacketVerdict {
  frame: number;
  from: Role;
  verdict: 'as-expected' | 'notable' | 'wrong';
  /** What kind of packet this is, in one word: `syn`, `data`, `keep-alive`, `fast-retransmission`, ... */
  kind: string;
  sentence: string;
}

/** Zeek's vocabulary (conn.log, field conn_state), with its documented meaning. */
export type ConnState =
  'S0' | 'S1' | 'SF' | 'REJ' | 'S2' | 'S3' | 'RSTO' | 'RSTR' | 'RSTOS0' | 'RSTRH' | 'SH' | 'SHR' | 'OTH';

export interface EndReport {
  address: string;
  port: number;
  /** Raw initial sequence number; absent when its SYN was not captured. */
  isn?: number;
  /** Options of its SYN or SYN,ACK; absent when that was not captured. */
  options?: TcpOptions;
  packets: number;
  /** Octets of payload on the wire, repeats included. */
  octets: number;
  /** Octets of payload, each counted once. */
  uniqueOctets: number;
  /** Segments with payload. */
  segments: number;
  retransmissions: number;
  duplicateAcks: number;
  /** Largest payload of a segment that repeats, or what the peer's MSS allows: the segment size in use. */
  mssInUse?: number;
  /** TTL or hop limit of most of its packets. */
  ttl?: number;
}

/** Where the time of a conversation went, ms. */
export interface TimeReport {
  /** Waiting for the server's application: requests acknowledged or delivered, answers not yet sent. */
  serverMs: number;
  /** Waiting for the client's application, its reading included. */
  clientMs: number;
  /** Round trips and retransmission time-outs. */
  networkMs: number;
  judgement: 'server' | 'client' | 'network' | 'none';
}

export interface ConversationReport {
  /** Wireshark's stream index (`tcp.stream`). */
  stream: number;
  /** 2, 3, ... where one stream holds several connections one after another with the same ISN. */
  incarnation: number;
  client: EndReport;
  server: EndReport;
  /** How client and server were told apart. */
  rolesFrom: 'syn' | 'syn-ack' | 'other-conversations' | 'ports' | 'first-packet';
  packets: number;
  firstFrame: number;
  lastFrame: number;
  /** Seconds since the Unix epoch. */
  startTime: number;
  durationMs: number;
  connState: ConnState;
  /** Wireshark's tcp.completeness: 1 SYN, 2 SYN,ACK, 4 ACK, 8 data, 16 FIN, 32 RST. */
  completeness: number;
  /** SYN to the ACK that ends the handshake. */
  handshakeRttMs?: number;
  rtt?: {
    /** SYN to SYN,ACK: from the capture point to the server and back. */
    serverSideMs: number;
    /** SYN,ACK to ACK: from the capture point to the client and back. */
    clientSideMs: number;
    capturePoint: 'near the client' | 'near the server' | 'in between' | 'cannot be told';
  };
  time: TimeReport;
  /** Errors first, then capture faults before anything they could explain away. */
  findings: Finding[];
  /** One a packet, where they were asked for. */
  verdicts?: PacketVerdict[];
}
