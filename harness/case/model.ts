/**
 * A test case after parsing: what the YAML said, typed, every part with the place it came from.
 * Times are ms, lengths octets, sequence numbers relative to each side's ISN unless said otherwise.
 */

import type { RelayRule } from '../../netns/relay/rules.js';
import type { IcmpMessage } from './icmp.js';
import type { Overrides } from './overrides.js';

/** 1-based place in a case file. */
export interface Place {
  file: string;
  line: number;
  column: number;
}

export type Level = 'MUST' | 'SHOULD' | 'MAY';
export type Family = 'ipv4' | 'ipv6';
export type Role = 'client' | 'server';

/** The states of RFC 9293 section 3.3.2, with the origin where a recipe needs it. */
export type TcpState =
  | 'CLOSED'
  | 'LISTEN'
  | 'SYN-SENT'
  | 'SYN-RECEIVED'
  | 'ESTABLISHED'
  | 'FIN-WAIT-1'
  | 'FIN-WAIT-2'
  | 'CLOSE-WAIT'
  | 'CLOSING'
  | 'LAST-ACK'
  | 'TIME-WAIT';

interface CaseBase {
  id: string;
  title: string;
  /** The requirement in one sentence, shown in failure texts; the title where not given. */
  purpose: string;
  covers: string[];
  level: Level;
  tags: string[];
  /** IUT names it can run on; empty means any. */
  on: string[];
  families: Family[];
  /** ICS features the IUT must claim, else `unsupported` (e.g. `no-delay`, `keep-alive`). */
  needs: string[];
  lab: LabSpec;
  /** Findings of `analyze` that the capture must (or must not) give, by finding id. */
  findings: { id: string; absent?: true; place: Place }[];
  never: NeverRule[];
  /** Packets that may come at any time and are not judged, such as what a timer of the IUT sends again. */
  admit: PacketPattern[];
  mode: 'strict' | 'subsequence';
  place: Place;
  /** Row name when the case came from a `table:`, with its cell values as written. */
  row?: { name: string; values: Record<string, unknown> };
  /** The file's text, for reports that mark the failing line. */
  source: string;
}

/** Two real ends, observed. */
export interface ObservedCase extends CaseBase {
  kind: 'observed';
  client: EndSpec;
  server: EndSpec;
  expect: ExpectItem[];
}

/** One end scripted by the lower tester; `iut` says which role the implementation plays. */
export interface ScriptedCase extends CaseBase {
  kind: 'scripted';
  iut: Role;
  start: { state: TcpState; options: StartOptions; place: Place };
  steps: Step[];
}

export type TestCase = ObservedCase | ScriptedCase;

export interface LabSpec {
  kernelRst: 'drop' | 'allow';
  /** MTU of the link in octets; 1500 by default. */
  mtu: number;
  /** End at which the packets are captured and judged; the client's, for a scripted case the tester's. */
  capture?: Role | 'both';
  /** Link impairments by a relay in a middle namespace; empty means a direct veth pair. */
  impair: RelayRule[];
}

/** One real end of an observed case. */
export interface EndSpec {
  /** Name of the stack, or `iut` for whatever implementation the run is about. */
  stack: string;
  /** How it meets the wire, where the case insists (`raw` shares the kernel's address). */
  attach?: 'kernel' | 'raw' | 'packet' | 'tap';
  port?: number;
  /** Initial send sequence number, raw. Only stacks whose ICS says `fixed-isn` can be told. */
  isn?: number;
  window?: number;
  /**
   * Options handed to the stack as its upper tester names them: `no-delay: true` in the case is `noDelay: true` here,
   * `user-timeout: 5s` is `userTimeoutMs: 5000`.
   */
  options: Record<string, unknown>;
  /** Not listening at all when false: a closed port. */
  listen: boolean;
  /** Ports of a server beside `port` on which it listens too. */
  morePorts: number[];
  /** How many connections may wait to be accepted; the stack's choice unless told. */
  backlog?: number;
  /** What waits in the backlog is never accepted when false. */
  accept: boolean;
  /** Port to which a client connects, where it is not the one on which the server listens: behind a NAT. */
  to?: number;
  /** A client closes when it is not connected after so long, ms. */
  giveUpMs?: number;
  app: AppAction[];
  /** Further connections of a client. */
  also: ConnectionSpec[];
  place: Place;
}

/** A further connection of a client, made when the one before it is done with, unless it has a time of its own. */
export interface ConnectionSpec {
  port?: number;
  /** Port of the server; the one of its end unless told. */
  to?: number;
  /** Starts so long after the first connection did, ms. */
  atMs?: number;
  giveUpMs?: number;
  options: Record<string, unknown>;
  app: AppAction[];
  place: Place;
}

/** What the application on an end does, in order, once it has its connection. */
export type AppAction =
  | { do: 'send'; data: Uint8Array; place: Place }
  | { do: 'receive'; bytes: number; place: Place }
  | { do: 'receive-until-end'; place: Place }
  /** Send back everything received, each chunk with the prefix before it; ends at end of stream. */
  | { do: 'echo'; prefix: Uint8Array; place: Place }
  | { do: 'discard'; place: Place }
  | { do: 'wait'; ms: number; place: Place }
  | { do: 'shutdown' | 'close' | 'abort'; place: Place };

/** A number or a set of numbers a field may have. */
export type ValueSpec =
  | { kind: 'any' }
  | { kind: 'equals'; value: Expression }
  | { kind: 'range'; from: Expression; to: Expression }
  | { kind: 'compare'; op: '<' | '<=' | '>' | '>=' | '!='; value: Expression }
  /** One of several, `536|1220`. */
  | { kind: 'either'; values: ValueSpec[] };

/**
 * Integer arithmetic over literals, `$captured` variables and RFC names of the IUT (SND.UNA, SND.NXT, SND.WND,
 * RCV.NXT, RCV.WND, ISS, IRS, MSS, SEG.SEQ, SEG.ACK, SEG.LEN of the last segment). Sequence space wraps modulo 2^32.
 */
export type Expression =
  | { kind: 'number'; value: number }
  | { kind: 'variable'; name: string }
  | { kind: 'rfc'; name: string }
  | { kind: 'binary'; op: '+' | '-' | '*' | '/'; left: Expression; right: Expression }
  | { kind: 'negate'; operand: Expression };

/** One named field of a packet pattern with what it must be, as written and where. */
export interface FieldPattern {
  /**
   * Key of the line grammar (`Seq`, `Ack`, `Win`, `Len`, `MSS`, `WS`, `SACK_PERM`, `TSval`, `TSecr`, `SLE`, `SRE`,
   * `Urg`, `TTL`, `DSCP`, `ECN`; see fields.ts) or a tshark field name (`ip.id`, `tcp.window_size_value`). A tshark name
   * with a key of its own (`tcp.options.mss_val`) comes as that key, an analysis flag as `tcp.analysis.NAME`.
   */
  name: string;
  value: ValueSpec | { kind: 'present' } | { kind: 'absent' } | { kind: 'text'; text: string };
  text: string;
  place: Place;
}

/** What one packet must look like. Fields that are not named are not judged. */
export interface PacketPattern {
  from: Role;
  /** Exact flags; undefined when the pattern names none. */
  flags?: { set: number; ignore: number };
  fields: FieldPattern[];
  payload?: Uint8Array;
  /** `let: { x: Seq }`: variables bound from the matched packet. */
  bind: Record<string, string>;
  /** The line or mapping as written, for failure texts. */
  text: string;
  place: Place;
}

/** Milliseconds: as they are, or worked out of what was captured (`$rto * 2`). */
export type Time = number | Expression;

export interface Timing {
  /** At most this long after the item before it (or the step before it). */
  within?: Time;
  /** At least this long after it. */
  after?: Time;
}

export type ExpectItem =
  | {
      kind: 'packet';
      pattern: PacketPattern;
      times: { min: number; max: number };
      timing: Timing;
      place: Place;
    }
  | { kind: 'any-order'; items: ExpectItem[]; timing: Timing; place: Place }
  | { kind: 'one-of'; alternatives: Alternative[]; timing: Timing; place: Place }
  /** No packet (of that side, where given) for so long after the item before. */
  | { kind: 'quiet'; ms: number; from?: Role; place: Place }
  /** How many packets of the whole conversation match. */
  | { kind: 'count'; pattern: PacketPattern; is: ValueSpec; place: Place };

/** One admitted outcome; the label is reported when it is the one that was seen. */
export interface Alternative {
  label: string;
  items: ExpectItem[];
  place: Place;
}

/** Something that no packet may be: a Wireshark display filter, or a pattern. */
export type NeverRule =
  | { kind: 'filter'; filter: string; place: Place }
  | { kind: 'pattern'; pattern: PacketPattern; place: Place };

export interface StartOptions {
  /** Tester's ISN, raw. */
  isn?: number;
  /** Window the tester advertises, octets (unscaled). */
  window?: number;
  mss?: number;
  windowScale?: number;
  sack?: boolean;
  timestamps?: boolean;
  /** Upper-tester options for the IUT's socket. */
  options: Record<string, unknown>;
  [key: string]: unknown;
}

/** A segment to send; every header field settable, and wrong on purpose where asked. */
export interface SendSpec {
  pattern: PacketPattern;
  /** Header fields beyond the pattern's, right or wrong on purpose: checksum, data offset, raw options, IP fields. */
  overrides: Overrides;
  /** Whether the IUT is to take the segment into its receive sequence; decided by the model when undefined. */
  taken?: boolean;
  times: number;
  place: Place;
}

export type Step = (
  | { kind: 'send'; send: SendSpec; timing: Timing }
  | { kind: 'expect'; item: ExpectItem }
  | { kind: 'quiet'; ms: number }
  | { kind: 'wait'; ms: Time }
  | { kind: 'iut'; action: IutAction }
  | { kind: 'icmp'; message: IcmpMessage }
  /** A remark that reports show at this step. */
  | { kind: 'note'; text: string }
) & {
  place: Place;
  /** Carried out only where that earlier choice had this outcome. */
  when?: { choice: ExpectItem; label: string };
};

/** An upper-tester call in the middle of a script, by its protocol name with its arguments. */
export interface IutAction {
  op: string;
  args: Record<string, unknown>;
  /** What it must return: data received, `end`, or an error code. */
  expect?: Record<string, unknown>;
}
