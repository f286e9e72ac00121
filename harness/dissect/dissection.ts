import type { OtherFrame, Packet } from './packet.js';

export interface DissectRequest {
  /** Fields to give in addition, by their tshark names. */
  fields?: readonly string[];
  /** Display filters whose frames are to be told. */
  filters?: readonly string[];
}

/** A capture as Wireshark reads it. Frames are numbered as in the file. */
export interface Dissection {
  /** TCP packets in the order of the file, with relative numbers. */
  packets: Packet[];
  /** All other frames: ARP, ICMP, fragments, malformed TCP. */
  others: OtherFrame[];
  /** Frame numbers that each requested filter selects, TCP or not. */
  filterHits: Map<string, Set<number>>;
  /** What was wrong with the file, such as an end in the middle of a packet. */
  warnings: string[];
}

/** A field that was asked for, with its Wireshark type, such as FT_UINT16. */
export interface TypedField {
  name: string;
  type: string;
}
