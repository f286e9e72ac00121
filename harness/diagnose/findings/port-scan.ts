import type { Attempt } from '../attempt.js';
import type { Finding } from '../report.js';
import { count, duration } from '../words.js';

/** Ports tried without a word from which on it is a scan; more when each accepted and was closed in order. */
const SCAN_PORTS = 3;
const QUIET_SCAN_PORTS = 6;

/** Several ports of a host, and no data on any: someone looks which are open. */
export function portScan(
  client: string,
  server: string,
  attempts: readonly Attempt[],
): { at: Attempt; finding: Finding } | undefined {
  const probes = attempts.filter((attempt) => attempt.octets === 0);
  const [first] = probes;
  const ports = new Set(probes.map((probe) => probe.port));
  if (first === undefined || ports.size < SCAN_PORTS) return undefined;
  const suspicious = probes.some(
    (probe) => probe.outcome !== 'open' || probe.resetByClient || probe.withoutSyn,
  );
  if (ports.size < (suspicious ? SCAN_PORTS : QUIET_SCAN_PORTS)) return undefined;
  const of = (outcome: Attempt['outcome']): number[] =>
    [...new Set(probes.filter((probe) => probe.outcome === outcome).map((probe) => probe.port))].sort(
      (a, b) => a - b,
    );
  // A port that answered once is not filtered, whatever other probes of it met.
  const open = of('open');
  const closed = of('closed').filter((port) => !open.includes(port));
  const filtered = of('filtered').filter((port) => !open.includes(port) && !closed.includes(port));
  const openProbes = probes.filter((probe) => probe.outcome === 'open');
  const halfOpen = openProbes.some((probe) => !probe.completed && probe.resetByClient);
  const full = openProbes.some((probe) => probe.completed);
  const strange = probes.some((probe) => probe.withoutSyn);
  const kind = strange
    ? 'with unusual flags'
    : halfOpen && full
      ? 'half-open and full'
      : halfOpen
        ? 'half-open (SYN scan)'
        : full
          ? 'full (connect scan)'
          : 'by SYN';
  const spanMs = (Math.max(...probes.map((probe) => probe.until)) - first.time) * 1000;
  const how = strange
    ? `The probes carry flag combinations that no TCP sends; a closed port answers with a reset, an open or filtered one does not.`
    : halfOpen
      ? `Where the port is open, the client resets after the SYN,ACK instead of completing the handshake, so that no program notices.`
      : full
        ? `Where the port is open, the client completes the handshake and ends the connection at once, without a word.`
        : `No port was open.`;
  return {
    at: first,
    finding: {
      id: 'port-scan',
      severity: 'warning',
      frames: probes
        .map((probe) => probe.frame)
        .sort((a, b) => a - b)
        .slice(0, 50),
      title: `Port scan of ${server} by ${client}, ${kind}: ${open.length} open, ${closed.length} closed, ${filtered.length} filtered`,
      explanation:
        `${client} tried ${count(ports.size, 'port')} of ${server} within ${duration(spanMs)} and exchanged no data on any of them. ` +
        `${portList('Open (SYN,ACK)', open)}${portList('Closed (reset)', closed)}${portList(strange ? 'Open or filtered (no answer)' : 'Filtered (no answer)', filtered)}${how}`,
      remedy: `Ask who runs ${client}. If it is not meant to scan, block it; if it is monitoring, list it as known.`,
      facts: { open, closed, filtered },
    },
  };
}

function portList(label: string, ports: readonly number[]): string {
  if (ports.length === 0) return '';
  const shown = ports.slice(0, 20).join(', ');
  return `${label}: ${shown}${ports.length > 20 ? `, ... (${ports.length})` : ''}. `;
}
