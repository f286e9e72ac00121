import type { AppAction, EndSpec, Family, ObservedCase, Role } from '../case/model.js';
import { type AppOutcome, runApp } from '../upper-tester/app.js';
import type { SocketOptions, UpperTester } from '../upper-tester/protocol.js';
import type { IutSession } from './iut.js';
import type { WarmLab } from './warm-lab.js';

/** What happened on the application side while the wire was recorded. */
export interface ObservedTrace {
  outcomes: Partial<Record<Role, AppOutcome>>;
  /** How far it came, for an inconclusive verdict. */
  stage: 'listen' | 'connect' | 'session' | 'settle';
  /** An option or operation that an end does not have. */
  unsupported?: string;
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

export const DEFAULT_PORT = 8080;

/** Longest a whole session may take, and how long a wire must be silent to count as settled, ms. */
const SESSION_MS = 8000;
const AFTER_FAILURE_MS = 1000;
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
    await settle(warm, trailingQuiet(testCase), options.tolerance, over.signal);
    return trace;
  } finally {
    clearTimeout(timer);
  }
}

async function playSession(
  testCase: ObservedCase,
  sessions: ObservedSessions,
  warm: WarmLab,
  options: ObserveOptions,
  trace: ObservedTrace,
  limit: number,
): Promise<void> {
  const { client, server } = testCase;
  const serverEnd = warm.lab.server;
  const address = options.family === 'ipv4' ? serverEnd.ipv4 : serverEnd.ipv6;
  const port = server.port ?? DEFAULT_PORT;
  const program = (upper: UpperTester, connection: number, actions: AppAction[]) =>
    runApp(upper, connection, actions, { timeoutMs: limit, sleep: (ms) => sleep(ms) });

  let accepting: Promise<void> | undefined;
  const serverUpper = sessions.server.upper;
  if (server.listen && serverUpper) {
    const listening = await serverUpper.request({ op: 'listen', address, port, options: endOptions(server) });
    if (!listening.ok) {
      trace.unsupported = `the server cannot listen: ${listening.message ?? listening.error}`;
      return;
    }
    const accepted = serverUpper.request({ op: 'accept', listener: listening.listener!, timeoutMs: limit });
    accepting = accepted.then(async (response) => {
      if (!response.ok) return;
      trace.outcomes.server = await program(serverUpper, response.connection!, server.app);
    });
    accepting.catch(() => undefined);
  }
  trace.stage = 'connect';
  const clientSession = sessions.client();
  const clientUpper = clientSession.upper;
  if (!clientUpper) {
    await exited(clientSession);
    trace.stage = 'settle';
    return;
  }
  const connecting = await clientUpper.request({
    op: 'connect',
    address,
    port,
    ...(client.port === undefined ? {} : { localPort: client.port }),
    options: endOptions(client),
  });
  if (!connecting.ok) {
    if (connecting.error === 'unsupported') trace.unsupported = connecting.message ?? 'connect';
    return;
  }
  const connection = connecting.connection!;
  const established = await clientUpper.request({ op: 'wait', connection, timeoutMs: limit });
  if (!established.ok) {
    const place = client.place;
    const message = established.message ?? established.error ?? 'failed';
    trace.outcomes.client = {
      ok: false,
      problem: { action: 'connect', place, error: established.error ?? 'failed', message },
      received: new Uint8Array(),
    };
    return;
  }
  trace.stage = 'session';
  trace.outcomes.client = await program(clientUpper, connection, client.app);
  // A server that waits for what will not come must not hold the case up when its client has failed.
  if (trace.outcomes.client.ok) await accepting;
  else await Promise.race([accepting, sleep(AFTER_FAILURE_MS * options.tolerance)]);
  trace.stage = 'settle';
}

/** Options of an end by their protocol names: `no-delay` in YAML is `noDelay` there. */
export function endOptions(end: EndSpec): SocketOptions {
  const options: SocketOptions = {};
  for (const [name, value] of Object.entries(end.options)) options[camelCase(name)] = value;
  if (end.isn !== undefined) options.isn = end.isn;
  if (end.window !== undefined) options.window = end.window;
  return options;
}

export function camelCase(name: string): string {
  return name.replaceAll(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** Waits until the session is over on the wire, or until nothing moves any more. */
async function settle(warm: WarmLab, quietMs: number, tolerance: number, over: AbortSignal): Promise<void> {
  const { watch } = warm;
  const started = performance.now();
  for (;;) {
    const now = performance.now();
    const silent = Math.min(watch.idleMs(now), now - started + SILENCE_AFTER_END_MS);
    const enough =
      watch.seen > 0 && watch.ended
        ? SILENCE_AFTER_END_MS
        : watch.quiescent
          ? SILENCE_OPEN_MS * tolerance
          : SILENCE_UNACKED_MS * tolerance;
    const wanted = Math.max(enough, quietMs);
    if (silent >= wanted || over.aborted) return;
    await sleep(Math.min(wanted - silent, 20));
  }
}

function trailingQuiet(testCase: ObservedCase): number {
  const last = testCase.expect.at(-1);
  return last?.kind === 'quiet' ? last.ms + 20 : 0;
}

function programTime(testCase: ObservedCase): number {
  const waits = [...testCase.client.app, ...testCase.server.app].map((action) =>
    action.do === 'wait' ? action.ms : 0,
  );
  return waits.reduce((sum, ms) => sum + ms, 0) + trailingQuiet(testCase);
}

function exited(session: IutSession): Promise<void> {
  const child = session.process;
  if (!child || child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
