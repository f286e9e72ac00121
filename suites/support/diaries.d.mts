import type { EventEmitter } from 'node:events';

/** What client and server saw in each situation. */
export function diaries(ends: {
  host: string;
  createServer(settings: object): EventEmitter;
  connect(options: { host: string; port: number }): EventEmitter;
}): Promise<Record<string, { client: string[]; server?: string[] }>>;
