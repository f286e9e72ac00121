import type { Attempt } from '../attempt.js';
import type { CaptureFacts } from '../capture-facts.js';
import type { ConversationReport, Finding } from '../report.js';
import { sortFindings } from '../summary.js';
import { count, duration, framesText, list } from '../words.js';

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

const SCAN_PORTS = 3;
const QUIET_SCAN_PORTS = 6;

function portScan(
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

/** The host is up and one of its ports accepts, while another refuses or is silent. */
function mixedPorts(server: string, attempts: readonly Attempt[]): [Attempt, Finding][] {
  const open = attempts.find((attempt) => attempt.outcome === 'open');
  if (open === undefined) return [];
  const failed = attempts.filter(
    (attempt) => attempt.outcome !== 'open' && attempt.port !== open.port && !attempt.withoutSyn,
  );
  const first = new Map(failed.map((attempt) => [attempt.port, attempt]).reverse() as [number, Attempt][]);
  return [...first.values()].map((attempt) => {
    const refused = attempt.outcome === 'closed';
    const sameHost = attempt.answerTtl === undefined || attempt.answerTtl === open.answerTtl;
    const ttls =
      refused && open.answerTtl !== undefined
        ? sameHost
          ? ` Both answers have TTL ${open.answerTtl}, so the same host gives them.`
          : ` The reset has TTL ${attempt.answerTtl}, the SYN,ACK ${open.answerTtl}: they come from different machines - a firewall, or a NAT that translates one port and not the other.`
        : '';
    return [
      attempt,
      {
        id: refused ? 'one-port-refused-other-open' : 'one-port-filtered-other-open',
        severity: 'note',
        frames: [attempt.frame, attempt.answerFrame, open.frame, open.answerFrame]
          .filter((frame) => frame !== undefined)
          .sort((a, b) => a - b),
        title: `${server} accepts on port ${open.port} and ${refused ? 'refuses' : 'does not answer'} on port ${attempt.port}`,
        explanation: `Stream ${open.stream} to port ${open.port} was accepted (frame ${open.answerFrame}), so address, route and host are right; only port ${attempt.port} ${refused ? `was refused (frame ${attempt.answerFrame})` : 'stayed without an answer'}.${ttls}`,
        remedy: refused
          ? `Start the service on port ${attempt.port}, or correct the port forwarding: a NAT or firewall may translate port ${open.port} only.`
          : `A firewall lets port ${open.port} pass and drops port ${attempt.port}; open it there, or correct the port forwarding.`,
      },
    ];
  });
}

/** A port that serves others leaves a SYN without an answer: its queue is full. */
function backlogOverflow(server: string, attempt: Attempt, others: readonly Attempt[]): Finding | undefined {
  const busy = others.filter(
    (other) => other.time <= attempt.time && (!other.over || other.until >= attempt.time),
  );
  const [first] = busy;
  if (first === undefined) return undefined;
  return {
    id: 'backlog-overflow',
    severity: 'warning',
    frames: [attempt.frame, ...busy.slice(0, 20).map((other) => other.frame)].sort((a, b) => a - b),
    title: `No answer from port ${attempt.port}, which accepts other connections at the same time: its listen queue may be full`,
    explanation:
      `${count(busy.length, 'other connection')} to ${server} port ${attempt.port} ${busy.length === 1 ? 'was' : 'were'} open at that moment (${framesText(
        busy.slice(0, 20).map((other) => other.frame),
        busy.length,
      )}), so the port is neither closed nor filtered. ` +
      `A server whose application does not accept fast enough drops further SYNs without a word; so does a limit on connections.`,
    remedy: `On the server: ss -ltn shows Recv-Q against Send-Q (the backlog), nstat -az TcpExtListenOverflows TcpExtListenDrops count.`,
  };
}

const SWEEP_HOSTS = 5;

function hostSweeps(facts: CaptureFacts): [Attempt, Finding][] {
  const byClientPort = new Map<string, { server: string; attempt: Attempt }[]>();
  for (const [pair, attempts] of facts.attempts) {
    const [client = '', server = ''] = pair.split(' ');
    const seen = new Set<number>();
    for (const attempt of attempts) {
      if (attempt.octets > 0 || seen.has(attempt.port)) continue;
      seen.add(attempt.port);
      push(byClientPort, `${client} ${attempt.port}`, { server, attempt });
    }
  }
  return [...byClientPort].flatMap(([key, targets]): [Attempt, Finding][] => {
    const failed = targets.filter(({ attempt }) => attempt.outcome !== 'open' || attempt.resetByClient);
    const [first] = targets;
    if (first === undefined || targets.length < SWEEP_HOSTS || failed.length < SWEEP_HOSTS - 1) return [];
    const [client = '', port = ''] = key.split(' ');
    const open = targets.filter(({ attempt }) => attempt.outcome === 'open').map(({ server }) => server);
    return [
      [
        first.attempt,
        {
          id: 'host-sweep',
          severity: 'warning',
          frames: targets
            .map(({ attempt }) => attempt.frame)
            .sort((a, b) => a - b)
            .slice(0, 50),
          title: `${client} tries port ${port} of ${count(targets.length, 'host')}`,
          explanation: `The same port on ${count(targets.length, 'address', 'addresses')}, without data on any of them. ${open.length > 0 ? `Open at ${list(open.slice(0, 10))}.` : 'Open at none.'}`,
          remedy: `Ask who runs ${client}: a scan for one service, or a worm.`,
        },
      ],
    ];
  });
}

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const values = map.get(key);
  if (values === undefined) map.set(key, [value]);
  else values.push(value);
}
