import { Session } from 'node:inspector/promises';
import type { Profiler } from 'node:inspector';

/** Where the time of one process went, most first: shares of its busy time, and the share that it slept. */
export interface Profile {
  idle: number;
  rooms: Record<string, number>;
  functions: Record<string, number>;
}

const TOLD = 10;
const EVERY_US = 200;

/** Samples this process until the returned function is called. */
export async function startProfile(): Promise<() => Promise<Profile>> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: EVERY_US });
  await session.post('Profiler.start');
  return async () => {
    const { profile } = await session.post('Profiler.stop');
    session.disconnect();
    return summarise(profile);
  };
}

function summarise({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): Profile {
  const own = new Map(nodes.map((node) => [node.id, 0]));
  samples.forEach((id, index) => own.set(id, (own.get(id) ?? 0) + (timeDeltas[index] ?? 0)));
  const rooms = new Map<string, number>();
  const functions = new Map<string, number>();
  let idle = 0;
  let busy = 0;
  for (const { id, callFrame } of nodes) {
    const us = own.get(id) ?? 0;
    if (callFrame.functionName === '(idle)') {
      idle += us;
      continue;
    }
    busy += us;
    add(rooms, roomOf(callFrame), us);
    add(functions, `${callFrame.functionName || '(anonymous)'} ${fileOf(callFrame)}`.trim(), us);
  }
  return { idle: share(idle, idle + busy), rooms: largest(rooms, busy), functions: largest(functions, busy) };
}

/** `tcp-lite/core`, `native`, `node`, or what V8 says in parentheses. */
function roomOf({ url, functionName }: Profiler.Profile['nodes'][number]['callFrame']): string {
  const [, place] = /\/dist\/(.*)\/[^/]+$/.exec(url) ?? [];
  if (place !== undefined) return place;
  if (functionName.startsWith('(')) return functionName;
  // Functions without a file are those that libraries bind: koffi's calls into libc.
  return url === '' ? 'libc through koffi' : 'node';
}

function fileOf({ url }: Profiler.Profile['nodes'][number]['callFrame']): string {
  return url === '' ? '' : url.slice(url.lastIndexOf('/') + 1);
}

function add(sums: Map<string, number>, key: string, us: number): void {
  sums.set(key, (sums.get(key) ?? 0) + us);
}

function largest(sums: Map<string, number>, total: number): Record<string, number> {
  const sorted = [...sums].sort((a, b) => b[1] - a[1]).slice(0, TOLD);
  return Object.fromEntries(sorted.map(([key, us]) => [key, share(us, total)]));
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.round((1000 * part) / whole) / 1000;
}
