import type { Attempt } from '../attempt.js';
import type { Finding } from '../report.js';

/** The host is up and one of its ports accepts, while another refuses or is silent. */
export function mixedPorts(server: string, attempts: readonly Attempt[]): [Attempt, Finding][] {
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
