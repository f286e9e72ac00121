import type { Packet } from '../dissect/packet.js';
import type { FindingId } from './catalogue.js';
import type { Finding } from './report.js';
import { list, number } from './words.js';

/** Wireshark's own remarks on the packets of a conversation: a second witness, never the source of a finding. */
export class Witness {
  private counts: Map<string, number> | undefined;

  observe({ tcp }: Packet): void {
    if (tcp.analysis.length === 0) return;
    this.counts ??= new Map();
    for (const flag of tcp.analysis) this.counts.set(flag, (this.counts.get(flag) ?? 0) + 1);
  }

  /** Appends what Wireshark says of the same thing, where it says anything. */
  quote(finding: Finding): Finding {
    const flags = (SAME_THING[finding.id] ?? []).filter((flag) => this.counts?.has(flag));
    if (flags.length === 0) return finding;
    const remarks = flags.map((flag) => `tcp.analysis.${flag} (${number(this.counts?.get(flag) ?? 0)})`);
    return {
      ...finding,
      explanation: `${finding.explanation.trimEnd()} Wireshark's remarks: ${list(remarks)}.`,
    };
  }
}

const SAME_THING: Partial<Record<FindingId, readonly string[]>> = {
  'capture-dropped-packets': ['ack_lost_segment', 'lost_segment'],
  'lost-segments': ['lost_segment', 'retransmission', 'fast_retransmission', 'out_of_order'],
  'timeout-retransmission': ['retransmission'],
  'fast-retransmission': ['fast_retransmission', 'retransmission'],
  'spurious-retransmission': ['spurious_retransmission', 'retransmission'],
  'out-of-order': ['out_of_order'],
  'duplicate-acks': ['duplicate_ack'],
  'zero-window': ['zero_window', 'zero_window_probe', 'zero_window_probe_ack'],
  'zero-window-never-opens': ['zero_window', 'zero_window_probe', 'zero_window_probe_ack'],
  'window-full': ['window_full'],
  'keep-alive': ['keep_alive', 'keep_alive_ack'],
  'keep-alive-unanswered': ['keep_alive', 'keep_alive_ack'],
  'syn-unanswered': ['retransmission'],
  'syn-repeated': ['retransmission'],
  'synack-repeated': ['retransmission'],
  'synack-unanswered': ['retransmission'],
  'port-reuse': ['reused_ports'],
};
