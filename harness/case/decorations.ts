/**
 * What Wireshark writes in brackets before the ports, and the short name under which the dissection reports it
 * (`tcp.analysis.NAME`). Undefined: accepted, as it depends on Wireshark's settings and says nothing about TCP.
 */
export const DECORATIONS: readonly { text: string; pattern: RegExp; analysis?: string }[] = [
  decoration('TCP Retransmission', 'retransmission'),
  decoration('TCP Fast Retransmission', 'fast_retransmission'),
  decoration('TCP Spurious Retransmission', 'spurious_retransmission'),
  decoration('TCP Out-Of-Order', 'out_of_order'),
  decoration('TCP Previous segment not captured', 'lost_segment'),
  decoration('TCP Previous segment lost', 'lost_segment'),
  decoration('TCP ACKed unseen segment', 'ack_lost_segment'),
  decoration('TCP ACKed lost segment', 'ack_lost_segment'),
  { text: 'TCP Dup ACK', pattern: /^TCP Dup ACK(?: \d+#\d+)?$/i, analysis: 'duplicate_ack' },
  decoration('TCP Keep-Alive', 'keep_alive'),
  decoration('TCP Keep-Alive ACK', 'keep_alive_ack'),
  decoration('TCP Window Update', 'window_update'),
  decoration('TCP Window Full', 'window_full'),
  decoration('TCP ZeroWindow', 'zero_window'),
  decoration('TCP ZeroWindowProbe', 'zero_window_probe'),
  decoration('TCP ZeroWindowProbeAck', 'zero_window_probe_ack'),
  decoration('TCP Port numbers reused', 'reused_ports'),
  decoration('TCP segment of a reassembled PDU'),
  { text: 'Packet size limited during capture', pattern: /^Packet size limited during capture/i },
  { text: 'Malformed Packet', pattern: /^Malformed Packet/i },
  { text: 'TCP PDU reassembled in', pattern: /^TCP PDU reassembled in \d+$/i },
];

/** The pattern field that judges an analysis flag. */
export function analysisField(analysis: string): string {
  return `tcp.analysis.${analysis}`;
}

/** The Info column's text for an analysis name, where Wireshark has one. */
export function decorationOf(analysis: string): string | undefined {
  return DECORATIONS.find((known) => known.analysis === analysis)?.text;
}

/** Names that `analysis:` may judge. */
export const ANALYSIS_NAMES: readonly string[] = [
  ...new Set(DECORATIONS.flatMap(({ analysis }) => analysis ?? [])),
];

function decoration(text: string, analysis?: string): { text: string; pattern: RegExp; analysis?: string } {
  const pattern = new RegExp(`^${text.replace(/[-]/g, '\\$&')}$`, 'i');
  return analysis === undefined ? { text, pattern } : { text, pattern, analysis };
}
