import type { Attempt } from '../attempt.js';
import type { Finding } from '../report.js';
import { count, framesText } from '../words.js';

/** A port that serves others leaves a SYN without an answer: its queue is full. */
export function backlogOverflow(
  server: string,
  attempt: Attempt,
  others: readonly Attempt[],
): Finding | undefined {
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
