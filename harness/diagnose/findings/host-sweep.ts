import type { Attempt } from '../attempt.js';
import type { CaptureFacts } from '../capture-facts.js';
import type { Finding } from '../report.js';
import { count, list } from '../words.js';
import { push } from '../multimap.js';

const SWEEP_HOSTS = 5;

export function hostSweeps(facts: CaptureFacts): [Attempt, Finding][] {
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
