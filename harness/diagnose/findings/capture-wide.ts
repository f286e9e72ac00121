import type { CaptureFacts } from '../capture-facts.js';
import type { ConversationReport } from '../report.js';

/** Adds what only several conversations show together. */
export function addCaptureFindings(facts: CaptureFacts, reports: ConversationReport[]): void {
  void facts;
  void reports;
}
