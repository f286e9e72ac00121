/** Where the parts of a TCP segment lie in an Ethernet frame, with the fields that a relay looks at. */
export interface SegmentView {
  version: 4 | 6;
  /** Offset of the IP header, of the TCP header, of the payload, and of the end of the IP packet. */
  ip: number;
  tcp: number;
  payload: number;
  end: number;
  srcPort: number;
  dstPort: number;
  seq: number;
  ack: number;
  flags: number;
  /** Octets of payload. */
  length: number;
  /** Address and port of either end. */
  source: string;
  destination: string;
  /** The same for both directions of a connection. */
  connection: string;
}

export const FIN = 1;
export const SYN = 2;
export const RST = 4;
export const ACK = 16;

/** Reads a frame; undefined for anything but a whole TCP segment in one unfragmented IP packet. */
export function viewSegment(frame: Uint8Array): SegmentView | undefined {
  if (frame.length < ETHERNET_HEADER + IPV4_HEADER) return undefined;
  const view = viewOf(frame);
  const type = view.getUint16(12);
  if (type === IPV4) return viewIpv4(frame, view);
  if (type === IPV6) return viewIpv6(frame, view);
  return undefined;
}

function viewIpv4(frame: Uint8Array, view: DataView): SegmentView | undefined {
  const ip = ETHERNET_HEADER;
  const fragment = view.getUint16(ip + 6) & 0x3fff;
  if (frame[ip + 9] !== TCP || fragment !== 0) return undefined;
  const tcp = ip + ((frame[ip] ?? 0) & 15) * 4;
  return viewTcp(frame, view, { version: 4, ip, tcp, end: ip + view.getUint16(ip + 2) }, [ip + 12, 4]);
}

function viewIpv6(frame: Uint8Array, view: DataView): SegmentView | undefined {
  const ip = ETHERNET_HEADER;
  const tcp = ip + IPV6_HEADER;
  if (frame.length < tcp || frame[ip + 6] !== TCP) return undefined;
  return viewTcp(frame, view, { version: 6, ip, tcp, end: tcp + view.getUint16(ip + 4) }, [ip + 8, 16]);
}

function viewTcp(
  frame: Uint8Array,
  view: DataView,
  at: Pick<SegmentView, 'version' | 'ip' | 'tcp' | 'end'>,
  [addresses, addressLength]: [number, number],
): SegmentView | undefined {
  const { tcp, end } = at;
  if (tcp + TCP_HEADER > end || end > frame.length) return undefined;
  const payload = tcp + ((frame[tcp + 12] ?? 0) >>> 4) * 4;
  if (payload < tcp + TCP_HEADER || payload > end) return undefined;
  const srcPort = view.getUint16(tcp);
  const dstPort = view.getUint16(tcp + 2);
  const source = `${hex(frame, addresses, addressLength)}:${srcPort}`;
  const destination = `${hex(frame, addresses + addressLength, addressLength)}:${dstPort}`;
  return {
    ...at,
    payload,
    srcPort,
    dstPort,
    seq: view.getUint32(tcp + 4),
    ack: view.getUint32(tcp + 8),
    flags: (frame[tcp + 13] ?? 0) & 0xff,
    length: end - payload,
    source,
    destination,
    connection: source < destination ? `${source} ${destination}` : `${destination} ${source}`,
  };
}

export function viewOf(frame: Uint8Array): DataView {
  return new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
}

function hex(frame: Uint8Array, at: number, length: number): string {
  let text = '';
  for (let i = at; i < at + length; i++) text += (frame[i] ?? 0).toString(16).padStart(2, '0');
  return text;
}

export const ETHERNET_HEADER = 14;
export const IPV4_HEADER = 20;
export const IPV6_HEADER = 40;
export const TCP_HEADER = 20;
const IPV4 = 0x0800;
const IPV6 = 0x86dd;
const TCP = 6;
