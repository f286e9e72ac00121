import type { AppAction, EndSpec, ObservedCase } from '../case/model.js';
import { camelCase } from '../case/plain.js';
import { type AppOutcome, runApp } from '../upper-tester/app.js';
import type { SocketOptions, UpperResponse, UpperTester } from '../upper-tester/protocol.js';
import type { IutSession } from './iut.js';
import type { ObservedSessions, ObservedTrace, ObserveOptions } from './observe.js';
import type { WarmLab } from './warm-lab.js';

export const DEFAULT_PORT = 8080;

/** How long a server may go on after its client has failed, ms. */
const AFTER_FAILURE_MS = 1000;

/**
 * The server listens, the client makes its connections, and both run their application programs on each. `limit` is how
 * long a single wait may take, ms. Rejects when an implementation is gone.
 */
export async function playSession(
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
  const running: Promise<AppOutcome>[] = [];
  let before: Promise<unknown> = Promise.resolve();
  for (const connection of connections) {
    const { atMs } = connection;
    const turn = atMs === undefined ? before : sleep(Math.max(0, started + atMs - performance.now()));
    const run = turn.then(() => runConnection(clientUpper, address, connection, trace, limit));
    running.push(run);
    if (atMs === undefined) before = run;
  }
  const outcomes = await Promise.all(running);
  trace.outcomes.client = outcomes.find(({ ok }) => !ok) ?? outcomes[0] ?? NOT_RUN;
  if (trace.unsupported !== undefined) return;
  const connected = outcomes.filter(({ problem }) => problem?.action !== 'connect').length;
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

/** A connection of the client, the first or one of `also`. */
type Connecting = Pick<EndSpec, 'port' | 'giveUpMs' | 'app' | 'place'> & {
  to: number;
  atMs?: number;
  options: SocketOptions;
};

const NOT_RUN: AppOutcome = { ok: true, received: new Uint8Array() };

/** Connects and runs the program. What the stack cannot do at all is noted in the trace. */
async function runConnection(
  upper: UpperTester,
  address: string,
  { port, to, giveUpMs, options, app, place }: Connecting,
  trace: ObservedTrace,
  limit: number,
): Promise<AppOutcome> {
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
function endOptions(end: EndSpec): SocketOptions {
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

function exited(session: IutSession): Promise<void> {
  const child = session.process;
  if (!child || child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
