import type { Family, ObservedCase, Role } from '../case/model.js';
import type { AppOutcome } from '../upper-tester/app.js';
import type { IutSession } from './iut.js';
import { playSession } from './play-session.js';
import type { WarmLab } from './warm-lab.js';

/** What happened on the application side while the wire was recorded. */
export interface ObservedTrace {
  outcomes: Partial<Record<Role, AppOutcome>>;
  /** How far it came, for an inconclusive verdict. */
  stage: 'listen' | 'connect' | 'session' | 'settle';
  /** An option or operation that an end does not have. */
  unsupported?: string;
  /** The client closed a connection that did not come about: nothing of it is to be waited for. */
  gaveUp?: true;
}

export interface ObservedSessions {
  server: IutSession;
  /** Called once the server listens. */
  client(): IutSession;
}

export interface ObserveOptions {
  family: Family;
  /** Scales every waiting time. */
  tolerance: number;
}

/** Longest a whole session may take, and how long a wire must be silent to count as settled, ms. */
const SESSION_MS = 8000;
const SILENCE_AFTER_END_MS = 4;
const SILENCE_OPEN_MS = 120;
const SILENCE_UNACKED_MS = 2500;

/**
 * Plays an observed case: the server listens, the client connects, both run their application programs, and the wire
 * falls silent. Never throws for what a stack does; rejects when an implementation is gone.
 */
export async function observe(
  testCase: ObservedCase,
  sessions: ObservedSessions,
  warm: WarmLab,
  options: ObserveOptions,
): Promise<ObservedTrace> {
  const trace: ObservedTrace = { outcomes: {}, stage: 'listen' };
  const limit = SESSION_MS * options.tolerance + programTime(testCase);
  const over = new AbortController();
  const timer = setTimeout(() => over.abort(), limit);
  try {
    const session = playSession(testCase, sessions, warm, options, trace, limit);
    await Promise.race([session, aborted(over.signal)]);
    session.catch(() => undefined);
    await settle(warm, trace, trailingQuiet(testCase), options.tolerance, over.signal);
    return trace;
  } finally {
    clearTimeout(timer);
  }
}

/** Waits until the session is over on the wire, or until nothing moves any more. */
async function settle(
  warm: WarmLab,
  trace: ObservedTrace,
  quietMs: number,
  tolerance: number,
  over: AbortSignal,
): Promise<void> {
  const { watch } = warm;
  const started = performance.now();
  for (;;) {
    const now = performance.now();
    const silent = Math.min(watch.idleMs(now), now - started + SILENCE_AFTER_END_MS);
    const enough =
      watch.seen > 0 && watch.ended
        ? SILENCE_AFTER_END_MS
        : watch.quiescent || trace.gaveUp
          ? SILENCE_OPEN_MS * tolerance
          : SILENCE_UNACKED_MS * tolerance;
    const wanted = Math.max(enough, quietMs);
    if ((silent >= wanted && warm.underWay === 0) || over.aborted) return;
    await sleep(Math.max(1, Math.min(wanted - silent, 20)));
  }
}

function trailingQuiet(testCase: ObservedCase): number {
  const last = testCase.expect.at(-1);
  return last?.kind === 'quiet' ? last.ms + 20 : 0;
}

function programTime(testCase: ObservedCase): number {
  const { client, server } = testCase;
  const waits = [client, server, ...client.also].flatMap(({ app }) =>
    app.map((action) => (action.do === 'wait' ? action.ms : 0)),
  );
  const attempts = [client, ...client.also].map(({ giveUpMs = 0 }) => giveUpMs);
  return [...waits, ...attempts].reduce((sum, ms) => sum + ms, 0) + trailingQuiet(testCase);
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
