import { readdirSync, readlinkSync, statSync } from 'node:fs';

/** Pids of the processes whose main thread is in the network namespace at `path`. */
export function inhabitants(path: string): number[] {
  const wanted = `net:[${statSync(path).ino}]`;
  const pids: number[] = [];
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    try {
      if (readlinkSync(`/proc/${pid}/ns/net`) === wanted) pids.push(pid);
    } catch {
      // Ended meanwhile, or a zombie.
    }
  }
  return pids;
}
