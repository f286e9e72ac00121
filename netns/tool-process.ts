import { type ChildProcess, fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { execute, type ToolOptions, type ToolOutcome } from './run-tool.js';

export interface ToolRequest {
  id: number;
  tool: string;
  args: readonly string[];
  options: ToolOptions;
}

export interface ToolResponse {
  id: number;
  outcome: ToolOutcome;
}

/**
 * A small process that starts tools for a large one. Starting a program holds a process up for 4 to 9 ms, and a lab
 * needs half a dozen: in the process that answers segments and keeps timers this would show on the wire.
 */
export class ToolProcess {
  private readonly pending = new Map<number, (outcome: ToolOutcome | undefined) => void>();
  private next = 0;
  private child: ChildProcess | undefined;

  /** Undefined where the program is not compiled: then everybody starts tools for himself. */
  static start(): ToolProcess | undefined {
    return existsSync(MAIN) ? new ToolProcess() : undefined;
  }

  private constructor() {
    // Flags of this process's Node (a profiler, an inspector) are not meant for it.
    const child = fork(MAIN, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], execArgv: [] });
    this.child = child;
    child.on('message', (message) => this.answered(message as ToolResponse));
    child.once('error', () => this.gone());
    child.once('exit', () => this.gone());
    // It ends with this process; that alone is no reason to stay.
    this.hold(false);
  }

  /** As `execute` of run-tool, which also does the work when this process is gone. Never rejects. */
  async execute(tool: string, args: readonly string[], options: ToolOptions): Promise<ToolOutcome> {
    const { child } = this;
    if (child === undefined) return execute(tool, args, options);
    const id = this.next++;
    const answer = new Promise<ToolOutcome | undefined>((resolve) => this.pending.set(id, resolve));
    this.hold(true);
    child.send({ id, tool, args, options } satisfies ToolRequest, (error) => {
      if (error) this.gone();
    });
    return (await answer) ?? (await execute(tool, args, options));
  }

  close(): void {
    this.child?.disconnect();
    this.gone();
  }

  private answered({ id, outcome }: ToolResponse): void {
    const settle = this.pending.get(id);
    this.pending.delete(id);
    if (this.pending.size === 0) this.hold(false);
    settle?.(outcome);
  }

  /** Keeps this process from ending while an answer, or the news that none will come, is waited for. */
  private hold(on: boolean): void {
    for (const handle of [this.child, this.child?.channel]) {
      if (on) handle?.ref();
      else handle?.unref();
    }
  }

  private gone(): void {
    this.child = undefined;
    for (const settle of this.pending.values()) settle(undefined);
    this.pending.clear();
  }
}

const MAIN = fileURLToPath(new URL('tool-process-main.js', import.meta.url));
