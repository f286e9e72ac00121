import type { EndSpec, LabSpec, ObservedCase, Role } from '../case/model.js';
import { type Attach, type IutSession, startIut } from './iut.js';
import { crashOf, withCrash } from './crash.js';
import type { Implementation } from './implementation.js';
import { dissectCut, judgeObserved } from './judge.js';
import { observe } from './observe.js';
import { ASIDE_PORT, isPlain, wantsClosedPort } from './plain-iut.js';
import type { PlannedRun } from './plan.js';
import { DEFAULT_PORT } from './play-session.js';
import type { Attempt, RunContext } from './run-case.js';
import type { LabKind, WarmLab } from './warm-lab.js';

/** Runs a case whose two ends are both stacks, and judges what passed between them. */
export async function runObserved(
  run: PlannedRun & { testCase: ObservedCase },
  context: RunContext,
  judge: Parameters<typeof judgeObserved>[5],
): Promise<Attempt> {
  const { testCase } = run;
  const client = await endOf(testCase.client, run.implementation, context);
  const server = await endOf(testCase.server, run.implementation, context);
  const guarded = ROLES.filter((role) => ({ client, server })[role].attach === 'raw');
  const kind: LabKind = {
    ...(guarded.length > 0 && testCase.lab.kernelRst === 'drop'
      ? { kernelRst: 'drop', guarded }
      : { kernelRst: 'allow' }),
    clientKernel: hasKernelAddress(client.attach),
    serverKernel: hasKernelAddress(server.attach),
    ...(testCase.lab.mtu === 1500 ? {} : { mtu: testCase.lab.mtu }),
    ...tapOf(client.attach, server.attach),
    ...impairedKind(testCase.lab, testCase.lab.capture),
    ...(client.implementation.run === 'in-process' && server.implementation.run === 'in-process'
      ? { neighbours: 'static' as const }
      : {}),
  };
  const tuples = fixedTuples(testCase, run.family);
  const warm = await judge.phase('lab', () => context.pool.acquire(kind, tuples));
  try {
    const { wire, trace, output, crash } = await judge.phase('traffic', () =>
      playObserved(run, warm, { client, server }, context),
    );
    const dissection = await dissectCut(run, wire.cut, judge);
    const judgement = await judge.phase('judge', () =>
      Promise.resolve(judgeObserved(run, warm, wire, dissection, trace, judge)),
    );
    return withCrash({ ...judgement, ...(output ? { output } : {}) }, run, crash, judge);
  } catch (error) {
    warm.spent = true;
    throw error;
  } finally {
    if (client.attach === 'kernel' || server.attach === 'kernel') {
      for (const tuple of tuples) warm.usedTuples.add(tuple);
      // What a kernel still holds it will repeat, into the capture of a later case.
      warm.spent ||= !warm.watch.ended;
    }
    context.pool.release(warm);
  }
}

const ROLES: readonly Role[] = ['client', 'server'];

interface End {
  spec: EndSpec;
  implementation: Implementation;
  attach: Attach;
}

async function playObserved(
  run: PlannedRun & { testCase: ObservedCase },
  warm: WarmLab,
  ends: Record<Role, End>,
  { tolerance, starts }: RunContext,
) {
  const sessions: Partial<Record<Role, IutSession>> = {};
  try {
    const port = ends.server.spec.port ?? DEFAULT_PORT;
    const start = (role: Role): IutSession => {
      const { implementation, attach } = ends[role];
      const aside = role === 'server' && wantsClosedPort(run.testCase) && isPlain(implementation, role);
      const told = { port: aside ? ASIDE_PORT : port };
      return (sessions[role] = startIut(implementation, warm, role, attach, run.family, told));
    };
    const server = start('server');
    // A plain client is its own application: it connects from its start, so it starts when the server listens.
    const client = isPlain(ends.client.implementation, 'client') ? undefined : start('client');
    await Promise.all([server.ready(), client?.ready()]);
    starts.cameUp(run.implementation.name);
    warm.begin(run.testCase.lab.impair);
    const trace = await observe(run.testCase, { server, client: () => client ?? start('client') }, warm, {
      family: run.family,
      tolerance,
    });
    const wire = await warm.cut();
    const output = Object.values(sessions)
      .map((session) => session.output())
      .filter((text) => text !== '')
      .join('\n');
    const crash = ROLES.filter((role) => ends[role].implementation === run.implementation)
      .map((role) => sessions[role] && crashOf(role, sessions[role]))
      .find((one) => one !== undefined);
    return { wire, trace, output, crash };
  } finally {
    await Promise.all(Object.values(sessions).map((session) => session.stop()));
  }
}

async function endOf(spec: EndSpec, iut: Implementation, context: RunContext): Promise<End> {
  const implementation = spec.stack === 'iut' ? iut : await context.implementation(spec.stack);
  const fixed = implementation.attach === 'kernel' || implementation.attach === 'tap';
  return {
    spec,
    implementation,
    attach: fixed ? implementation.attach : (spec.attach ?? implementation.attach),
  };
}

export function hasKernelAddress(attach: Attach): boolean {
  return attach === 'kernel' || attach === 'raw';
}

function tapOf(client: Attach, server: Attach): Partial<LabKind> {
  if (client === 'tap' && server === 'tap') return { tap: 'both' };
  if (client === 'tap') return { tap: 'client' };
  return server === 'tap' ? { tap: 'server' } : {};
}

/** What the case needs between the ends beyond a plain wire. */
export function impairedKind({ impair }: LabSpec, capture: LabKind['capture']): Partial<LabKind> {
  return {
    ...(impair.length > 0 ? { middle: true } : {}),
    ...(capture === undefined || capture === 'client' ? {} : { capture }),
  };
}

/** 4-tuples that a kernel may keep in TIME-WAIT: only a case with both ports fixed can meet its own past. */
function fixedTuples(testCase: ObservedCase, family: string): string[] {
  const { client, server } = testCase;
  return [client, ...client.also].flatMap((connection) => {
    const to = connection.to ?? client.to ?? server.port ?? DEFAULT_PORT;
    return connection.port === undefined ? [] : [`${family} ${connection.port}>${to}`];
  });
}
