import type { OtherFrame, Packet } from '../dissect/packet.js';
import { CaptureAnalysis, type AnalysisOptions } from './analysis.js';
import type { ConversationReport } from './report.js';

export { CaptureAnalysis, type AnalysisOptions, type VerdictScope } from './analysis.js';
export { FINDINGS, type FindingId } from './catalogue.js';
export type * from './report.js';

/**
 * What an analyst would say about these packets: a report for each conversation, in the order of the streams. Packets
 * and other frames each in capture order. Verdicts for every packet are included unless `options.verdicts` says otherwise.
 */
export function diagnose(
  packets: readonly Packet[],
  others: readonly OtherFrame[] = [],
  options: AnalysisOptions = {},
): ConversationReport[] {
  const analysis = new CaptureAnalysis({ verdicts: 'all', ...options });
  // ICMP errors and ARP explain silences whenever they came: the order relative to the packets does not matter.
  for (const frame of others) analysis.other(frame);
  for (const packet of packets) analysis.packet(packet);
  return analysis.finish();
}
