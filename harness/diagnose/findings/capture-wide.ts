import type { Attempt } from '../attempt.js';
import type { CaptureFacts } from '../capture-facts.js';
import type { ConversationReport, Finding } from '../report.js';
import { sortFindings } from '../summary.js';
import { push } from '../multimap.js';
import { portScan } from './port-scan.js';
import { mixedPorts } from './mixed-ports.js';
import { backlogOverflow } from './backlog-overflow.js';
import { hostSweeps } from './host-sweep.js';

/** Adds what only several conversations show together, to the conversations it concerns. */
export function addCaptureFindings(facts: CaptureFacts, reports: ConversationReport[]): void {
  const byStream = new Map(reports.map((report) => [keyOf(report.stream, report.incarnation), report]));
  const add = (attempt: Attempt, finding: Finding): void => {
    const report = byStream.get(keyOf(attempt.stream, attempt.incarnation));
    if (report !== undefined) report.findings = sortFindings([...report.findings, finding]);
  };
  const openPorts = new Map<string, Attempt[]>();
  for (const [pair, attempts] of facts.attempts) {
    const [client = '', server = ''] = pair.split(' ');
    const scan = portScan(client, server, attempts);
    if (scan !== undefined) add(scan.at, scan.finding);
    else for (const [attempt, finding] of mixedPorts(server, attempts)) add(attempt, finding);
    for (const attempt of attempts) {
      if (attempt.outcome === 'open' && attempt.completed)
        push(openPorts, `${server} ${attempt.port}`, attempt);
    }
  }
  for (const [pair, attempts] of facts.attempts) {
    const [, server = ''] = pair.split(' ');
    for (const attempt of attempts) {
      const others = openPorts.get(`${server} ${attempt.port}`);
      const finding =
        attempt.outcome === 'filtered' ? backlogOverflow(server, attempt, others ?? []) : undefined;
      if (finding !== undefined) add(attempt, finding);
    }
  }
  for (const [attempt, finding] of hostSweeps(facts)) add(attempt, finding);
}

function keyOf(stream: number, incarnation: number): string {
  return `${stream}/${incarnation}`;
}
