/**
 * One TCP packet as Wireshark dissected it. Everything here was said by tshark (or sharkd), except the
 * relative numbers, which are computed from `seqRaw` and the SYN (see relative.ts).
 */
export interface Packet {
  /** 1-based frame number in the capture file, as Wireshark shows it. */
  frame: number;
  /** Seconds since the Unix epoch, with the capture's own resolution. */
  time: number;
  /** Capture interface (pcapng interface id), 0 where the file has only one. */
  interfaceId: number;
  ip: IpHeader;
  tcp: TcpHeader;
  /** Any further field that was asked for, by its tshark name, every occurrence in order. */
  fields: Record<string, string[]>;
}

export interface IpHeader {
  version: 4 | 6;
  src: string;
  dst: string;
  /** TTL or hop limit. */
  ttl: number;
  dscp: number;
  ecn: number;
  /** IPv4 identification; absent for IPv6. */
  id?: number;
  dontFragment?: boolean;
}

export interface TcpHeader {
  /** Wireshark's stream index. */
  stream: number;
  srcPort: number;
  dstPort: number;
  seqRaw: number;
  /** As in the header, meaningful only with the ACK flag. */
  ackRaw: number;
  /** SEG.SEQ relative to the sender's ISN (the SYN is 0). */
  seq: number;
  /** SEG.ACK relative to the other side's ISN. 0 without the ACK flag. */
  ack: number;
  /** The low 12 bits of octets 13-14: reserved (3), AE, CWR, ECE, URG, ACK, PSH, RST, SYN, FIN. */
  flags: number;
  /** Octets of payload (SEG.LEN without SYN and FIN). */
  len: number;
  /** Data offset in octets. */
  headerLen: number;
  /** Window field as on the wire. */
  windowRaw: number;
  /** Window in octets after scaling, where Wireshark knew the scale; equals windowRaw otherwise. */
  window: number;
  urgentPointer: number;
  checksum: number;
  checksumStatus: 'good' | 'bad' | 'unverified';
  options: TcpOptions;
  payload: Uint8Array;
  /** Wireshark's analysis flags by their short name: `retransmission`, `duplicate_ack`, `zero_window`, ... */
  analysis: string[];
}

export interface TcpOptions {
  /** Kinds in the order in which they stand in the header, NOP and EOL included. */
  kinds: number[];
  mss?: number;
  /** Shift count, 0..14 (or whatever was sent). */
  windowScale?: number;
  sackPermitted?: boolean;
  /** Raw edges, in wire order. */
  sackBlocks?: { left: number; right: number }[];
  timestamp?: { value: number; echoReply: number };
  /** Octets of options that the header has and the capture does not hold (snapshot length). */
  cut?: number;
}

/** A frame that is not TCP, or that quotes TCP: kept because ICMP errors and ARP explain silences. */
export interface OtherFrame {
  frame: number;
  time: number;
  interfaceId: number;
  /** Wireshark's protocol column, e.g. `ICMP`, `ARP`. */
  protocol: string;
  /** Wireshark's info column. */
  info: string;
  src: string;
  dst: string;
  icmp?: { version: 4 | 6; type: number; code: number; mtu?: number; quoted?: Endpoints };
}

export interface Endpoints {
  src: string;
  dst: string;
  srcPort: number;
  dstPort: number;
}

export const FIN = 0x001;
export const SYN = 0x002;
export const RST = 0x004;
export const PSH = 0x008;
export const ACK = 0x010;
export const URG = 0x020;
export const ECE = 0x040;
export const CWR = 0x080;
export const AE = 0x100;

const FLAG_NAMES: readonly [number, string][] = [
  [FIN, 'FIN'],
  [SYN, 'SYN'],
  [RST, 'RST'],
  [PSH, 'PSH'],
  [ACK, 'ACK'],
  [URG, 'URG'],
  [ECE, 'ECE'],
  [CWR, 'CWR'],
  [AE, 'AE'],
  [0xe00, 'Reserved'],
];

/** Flag names in Wireshark's order and spelling: `SYN, ACK`; `<None>` without any. */
export function flagNames(flags: number): string {
  const names = FLAG_NAMES.filter(([bit]) => flags & bit).map(([, name]) => name);
  return names.length === 0 ? '<None>' : names.join(', ');
}
