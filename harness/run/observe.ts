import type { AppAction, EndSpec, Family, ObservedCase, Role } from '../case/model.js';
import { type AppOutcome, runApp } from '../upper-tester/app.js';
import type { SocketOptions, UpperResponse, UpperTester } from '../upper-tester/protocol.js';
import type { IutSession } from './iut.js';
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
    await settle(warm, trace, trailingQuiet(testCase), options.tolerance, over.signal);
    return trace;
  } finally {
    clearTimeout(timer);
  }
}

/** A connection of the client, the first or one of `also`. */
type Connecting = Pick<EndSpec, 'port' | 'giveUpMs' | 'app' | 'place'> & {
  to: number;
  atMs?: number;
  options: SocketOptions;
};

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
  const connections: Connecting[] = [
    { ...client, to: client.to ?? port, options: endOptions(client) },
    ...client.also.map((one) => ({
      ...one,
      to: one.to ?? client.to ?? port,
      options: protocolOptions(one.options),
    })),
  ];
  const service = new Service(limit, (outcome) => {
    // Of several programs the first that failed is told.
    if (trace.outcomes.server?.ok !== false) trace.outcomes.server = outcome;
  });
  const serverUpper = sessions.server.upper;
  if (server.listen && serverUpper) {
    for (const own of [port, ...server.morePorts]) {
      const listening = await serverUpper.request({
        op: 'listen',
        address,
        port: own,
        ...(server.backlog === undefined ? {} : { backlog: server.backlog }),
        options: endOptions(server),
      });
      if (!listening.ok) {
        trace.unsupported = `the server cannot listen: ${listening.message ?? listening.error}`;
        return;
      }
      if (server.accept) service.serve(serverUpper, listening.listener!, server.app, connections.length);
    }
  }
  trace.stage = 'connect';
  const clientSession = sessions.client();
  const clientUpper = clientSession.upper;
  if (!clientUpper) {
    await exited(clientSession);
    trace.stage = 'settle';
    return;
  }
  const started = performance.now();
  const running: Promise<AppOutcome | undefined>[] = [];
  let before: Promise<unknown> = Promise.resolve();
  for (const connection of connections) {
    const { atMs } = connection;
    const turn = atMs === undefined ? before : sleep(Math.max(0, started + atMs - performance.now()));
    const run = turn.then(() => runConnection(clientUpper, address, connection, trace, limit));
    running.push(run);
    if (atMs === undefined) before = run;
  }
  const outcomes = await Promise.all(running);
  trace.outcomes.client = outcomes.find((outcome) => outcome?.ok === false) ?? outcomes[0] ?? NOT_RUN;
  if (trace.unsupported !== undefined) return;
  const connected = outcomes.filter((outcome) => outcome?.problem?.action !== 'connect').length;
  if (connected === 0) return;
  trace.stage = 'session';
  const serves = server.listen && server.accept && serverUpper !== undefined;
  if (!serves) {
    trace.stage = 'settle';
    return;
  }
  // A server that waits for what will not come must not hold the case up when its client has failed.
  if (trace.outcomes.client.ok) await service.served(connected);
  else await Promise.race([service.served(connected), sleep(AFTER_FAILURE_MS * options.tolerance)]);
  trace.stage = 'settle';
}

const NOT_RUN: AppOutcome = { ok: true, received: new Uint8Array() };

/** Connects and runs the program; undefined where the stack cannot do what the case wants. */
async function runConnection(
  upper: UpperTester,
  address: string,
  { port, to, giveUpMs, options, app, place }: Connecting,
  trace: ObservedTrace,
  limit: number,
): Promise<AppOutcome | undefined> {
  const notConnected = ({ error = 'failed', message = error }: UpperResponse): AppOutcome => ({
    ok: false,
    problem: { action: 'connect', place, error, message },
    received: new Uint8Array(),
  });
  const connecting = await upper.request({
    op: 'connect',
    address,
    port: to,
    ...(port === undefined ? {} : { localPort: port }),
    options,
  });
  if (!connecting.ok) {
    if (connecting.error === 'unsupported') trace.unsupported = connecting.message ?? 'connect';
    return notConnected(connecting);
  }
  const connection = connecting.connection!;
  const established = await upper.request({ op: 'wait', connection, timeoutMs: giveUpMs ?? limit });
  if (!established.ok) {
    if (giveUpMs !== undefined) {
      await upper.request({ op: 'close', connection });
      trace.gaveUp = true;
    }
    return notConnected(established);
  }
  return program(upper, connection, app, limit);
}

function program(
  upper: UpperTester,
  connection: number,
  actions: AppAction[],
  timeoutMs: number,
): Promise<AppOutcome> {
  return runApp(upper, connection, actions, { timeoutMs, sleep: (ms) => sleep(ms) });
}

/** Accepts on each listener as many connections as may come, and runs the server's program on each. */
class Service {
  private finished = 0;
  private readonly waiting = new Set<() => void>();

  constructor(
    private readonly limit: number,
    private readonly tell: (outcome: AppOutcome) => void,
  ) {}

  serve(upper: UpperTester, listener: number, actions: AppAction[], most: number): void {
    const acceptNext = async (left: number): Promise<void> => {
      if (left === 0) return;
      const accepted = await upper.request({ op: 'accept', listener, timeoutMs: this.limit });
      if (!accepted.ok) return;
      const next = acceptNext(left - 1);
      this.tell(await program(upper, accepted.connection!, actions, this.limit));
      this.finished++;
      for (const look of this.waiting) look();
      await next;
    };
    // An implementation that is gone is noticed by whoever waits for it.
    acceptNext(most).catch(() => undefined);
  }

  /** Resolves when so many programs have come to their end. */
  served(count: number): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (this.finished >= count) resolve();
      };
      this.waiting.add(look);
      look();
    });
  }
}

/** Options of an end by their protocol names: `no-delay` in YAML is `noDelay` there. */
export function endOptions(end: EndSpec): SocketOptions {
  const options = protocolOptions(end.options);
  if (end.isn !== undefined) options.isn = end.isn;
  if (end.window !== undefined) options.window = end.window;
  return options;
}

function protocolOptions(named: Record<string, unknown>): SocketOptions {
  const options: SocketOptions = {};
  for (const [name, value] of Object.entries(named)) options[camelCase(name)] = value;
  return options;
}

export function camelCase(name: string): string {
  return name.replaceAll(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
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
