import type { Conversation } from './conversation.js';
import type { End } from './end.js';
import type { TimeReport } from './report.js';

/** The share of the waiting that one party must have, and the least waiting worth a judgement, s. */
const SHARE = 0.5;
const WORTH = 0.3;

/** Where the time of the conversation went, and who is to blame for most of it. */
export function timeReport(conversation: Conversation): TimeReport {
  const { waits, client, server } = conversation;
  const of = (end: End): number => end.applicationSeconds + end.readingSeconds;
  const sums = { server: of(server), client: of(client), network: waits.network };
  const all = sums.server + sums.client + sums.network;
  const [first] = (Object.entries(sums) as ['server' | 'client' | 'network', number][]).sort(
    (a, b) => b[1] - a[1],
  );
  const judged = first !== undefined && first[1] >= WORTH && first[1] >= SHARE * all;
  return {
    serverMs: milliseconds(sums.server),
    clientMs: milliseconds(sums.client),
    networkMs: milliseconds(sums.network),
    judgement: judged ? first[0] : 'none',
  };
}

function milliseconds(seconds: number): number {
  return Math.round(seconds * 1e6) / 1000;
}
