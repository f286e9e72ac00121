import type { ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/**
 * Passes SIGINT, SIGTERM and SIGHUP on to the command that runs as the first child of process 1 of the pid namespace
 * behind `outer`. While that is not ready yet, and on a second signal, `outer` is killed and everything with it.
 * Returns the function that ends the relaying.
 */
export function relaySignals(outer: ChildProcess, isReady: () => boolean): () => void {
  let relayed = 0;
  const relay = (signal: NodeJS.Signals) => {
    const command = isReady() ? commandBehind(outer.pid) : undefined;
    relayed++;
    if (command === undefined || relayed > 1) outer.kill('SIGKILL');
    else if (signal === 'SIGTERM' || !isForeground()) send(command, signal);
  };
  for (const signal of SIGNALS) process.on(signal, relay);
  return () => {
    for (const signal of SIGNALS) process.off(signal, relay);
  };
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** In the foreground of a terminal, its Ctrl-C and hang-up reach the command too: it must not get them twice. */
function isForeground(): boolean {
  const own = statOf('self');
  return own !== undefined && own.terminal !== 0 && own.group === own.foregroundGroup;
}

/** outer is unshare, its child process 1, whose oldest child is the command; the others are orphans it took in. */
function commandBehind(outer: number | undefined): number | undefined {
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(statOf)
    .filter((stat) => stat !== undefined);
  const init = processes.find((candidate) => candidate.parent === outer);
  if (init === undefined) return undefined;
  const children = processes.filter((candidate) => candidate.parent === init.pid);
  return children.sort((a, b) => a.started - b.started)[0]?.pid;
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended by itself meanwhile.
  }
}

/** Fields of /proc/PID/stat; undefined when the process is gone. */
function statOf(pid: string) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name in parentheses may hold anything.
    const fields = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const [, parent = 0, group = 0, , terminal = 0, foregroundGroup = 0] = fields;
    return { pid: Number.parseInt(text), parent, group, terminal, foregroundGroup, started: fields[19] ?? 0 };
  } catch {
    return undefined;
  }
}
