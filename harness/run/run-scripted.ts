import path from 'node:path';
import { macOctets } from '../../tcp-lite/wire/address.js';
import type { Role, ScriptedCase, Step } from '../case/model.js';
import type { Packet } from '../dissect/packet.js';
import { IutActions } from '../lower-tester/iut-actions.js';
import { type Played, playScript } from '../lower-tester/play.js';
import { Recipes } from '../lower-tester/recipes.js';
import { LowerTester } from '../lower-tester/tester.js';
import { bearsOut, judgeScript } from '../match/judge-script.js';
import { verdictFor } from '../match/verdict-for.js';
import { labFindings } from './lab-findings.js';
import { alwaysBroken } from './always.js';
import { alwaysFailure, explainFindings } from './failures.js';
import { PROJECT_ROOT } from './implementation.js';
import { type IutSession, startIut } from './iut.js';
import {
  diagnosisRows,
  dissectCut,
  displayFilterOf,
  type JudgeContext,
  type Judgement,
  missingFinding,
  otherRows,
  roleByAddress,
} from './judge.js';
import { DEFAULT_PORT } from './play-session.js';
import { ASIDE_PORT, isPlain, wantsClosedPort } from './plain-iut.js';
import type { PlannedRun } from './plan.js';
import { readLateMs } from './reception.js';
import { packetRows } from './rows.js';
import { crashOf, withCrash } from './crash.js';
import { type Attempt, NOTHING_SEEN, type RunContext } from './run-case.js';
import { hasKernelAddress, impairedKind } from './run-observed.js';
import type { LabKind, WarmLab } from './warm-lab.js';

const recipes = new Recipes(path.join(PROJECT_ROOT, 'expectations', 'recipes'));

/** How long a call to the application may wait for the peer, ms. */
const APPLICATION_MS = 3000;
/** How much later than the wire the live view may see a packet: a busy machine must not decide. */
const SLACK_MS = 400;

/**
 * Runs a case whose other end is the lower tester: plays it live, then judges the capture with the recorded trace. Where
 * the two disagree, the verdict is `error`.
 */
export async function runScripted(
  run: PlannedRun & { testCase: ScriptedCase },
  context: RunContext,
  judge: JudgeContext,
): Promise<Attempt> {
  const { testCase, implementation } = run;
  const role = testCase.iut;
  const { attach } = implementation;
  const kernel = hasKernelAddress(attach);
  const kind: LabKind = {
    ...(attach === 'raw' ? { kernelRst: 'drop', guarded: [role] } : { kernelRst: 'allow' }),
    clientKernel: role === 'client' && kernel,
    serverKernel: role === 'server' && kernel,
    ...(testCase.lab.mtu === 1500 ? {} : { mtu: testCase.lab.mtu }),
    ...(attach === 'tap' ? { tap: role } : {}),
    ...(implementation.run === 'in-process' ? { neighbours: 'static' } : {}),
    // What the tester sent and got is what its own end of an impaired link shows.
    ...(testCase.lab.impair.length === 0 ? {} : impairedKind(testCase.lab, otherRole(role))),
  };
  const aside = wantsClosedPort(testCase) && isPlain(implementation, role);
  const recipe = await recipes.stepsTo(testCase, run.family);
  const warm = await judge.phase('lab', () => context.pool.acquire(kind));
  let session: IutSession | undefined;
  let tester: LowerTester | undefined;
  try {
    const port = testerPort(testCase, warm);
    tester = makeTester(run, warm, port);
    const testerIsn = testCase.start.options.isn ?? randomIsn();
    const { played, wire } = await judge.phase('traffic', async () => {
      session = startIut(implementation, warm, role, attach, run.family, {
        port: role === 'client' ? port : aside ? ASIDE_PORT : DEFAULT_PORT,
      });
      if (role === 'server' || session.upper) await session.ready();
      context.starts.cameUp(implementation.name);
      warm.begin(testCase.lab.impair);
      await tester!.resolve();
      const actions = actionsFor(run, warm, tester!, session, context.tolerance);
      const options = {
        family: run.family,
        tolerance: context.tolerance,
        testerIsn,
        recipe,
        slack: SLACK_MS * context.tolerance,
      };
      const result = await playScript(testCase, tester!, actions, options);
      return { played: result, wire: await warm.cut() };
    });
    const dissection = await dissectCut(run, wire.cut, judge);
    const packets = dissection.packets.filter(({ tcp }) => tcp.srcPort === port || tcp.dstPort === port);
    const crash = session && crashOf(role, session);
    const judged = await judge.phase('judge', (): Promise<Attempt> => {
      const roleOf = roleByAddress(warm);
      const shown = {
        ...NOTHING_SEEN,
        lateMs: played.lateMs + readLateMs(played.reads, packets),
        packets: packetRows(packets, roleOf, wire.lost),
        otherFrames: otherRows(dissection),
        displayFilter: displayFilterOf(packets),
        ...(session?.output() ? { output: session.output() } : {}),
      };
      if (wire.problem !== undefined)
        return Promise.resolve({ ...shown, verdict: 'error', reason: wire.problem });
      if (played.unsupported ?? played.inapplicable) {
        return Promise.resolve({
          ...shown,
          verdict: 'unsupported',
          reason: played.unsupported ?? played.inapplicable ?? '',
        });
      }
      // An address that is neither end's is the IUT's doing, unless the tester has borrowed it.
      const own = warm.lab[otherRole(role)];
      const isFromIut = ({ ip }: Packet) => ip.src !== own.ipv4 && ip.src !== own.ipv6;
      return Promise.resolve({
        ...shown,
        ...judgePlayed(run, played, packets, { testerIsn, recipe, isFromIut, judge, dissection }),
      });
    });
    return withCrash(judged, run, crash, judge);
  } catch (error) {
    warm.spent = true;
    throw error;
  } finally {
    tester?.stop();
    await session?.stop();
    warm.spent ||= kernel && shrinksPath(testCase);
    context.pool.release(warm);
  }
}

/** A kernel remembers the path MTU that it was told for minutes: the next case must not find it. */
function shrinksPath({ steps }: ScriptedCase): boolean {
  return steps.some(
    (step) =>
      step.kind === 'icmp' &&
      ((step.message.ipv4?.type === 3 && step.message.ipv4.code === 4) || step.message.ipv6?.type === 2),
  );
}

interface JudgePlayed {
  testerIsn: number;
  recipe: readonly Step[];
  isFromIut: (packet: Packet) => boolean;
  judge: JudgeContext;
  dissection: Awaited<ReturnType<typeof dissectCut>>;
}

function judgePlayed(
  run: PlannedRun & { testCase: ScriptedCase },
  played: Played,
  packets: Packet[],
  { testerIsn, recipe, isFromIut, judge, dissection }: JudgePlayed,
): Pick<Judgement, 'verdict' | 'failure' | 'outcomes' | 'marks' | 'stage' | 'reason' | 'diagnosis'> {
  const replay = {
    testerIsn,
    family: run.family,
    tolerance: judge.tolerance,
    recipe,
    filterHits: dissection.filterHits,
    capture: judge.captureFile,
    rerun: judge.rerun,
    isFromIut,
  };
  const judged = judgeScript(run.testCase, played.trace, packets, replay);
  const lenient = { ...replay, slack: SLACK_MS * judge.tolerance };
  const neverDecides = judged.failure?.kind === 'never' && played.live.verdict === 'pass';
  if (!neverDecides && !bearsOut(played.live, run.testCase, played.trace, packets, lenient)) {
    const told = (result: typeof judged) =>
      `${result.verdict}${result.failure ? ` at step ${result.failure.step}` : ''}${result.stage ? ` (${result.stage})` : ''}`;
    const reason = `the live view says ${told(played.live)}, the capture says ${told(judged)}`;
    return { verdict: 'error', reason, outcomes: [], marks: judged.marks, diagnosis: [] };
  }
  const findings =
    judged.verdict === 'pass' && run.testCase.findings.length === 0 ? [] : labFindings(packets, dissection);
  const missing = judged.verdict === 'pass' ? missingFinding(run.testCase, findings, judge) : undefined;
  if (missing !== undefined) {
    return {
      verdict: verdictFor({ ...judged, verdict: 'fail' }, run.testCase.level),
      failure: missing,
      outcomes: judged.outcomes,
      marks: judged.marks,
      diagnosis: diagnosisRows(findings),
    };
  }
  const always = judged.verdict === 'pass' ? alwaysBroken(packets, isFromIut) : undefined;
  if (always !== undefined) {
    return {
      verdict: 'fail',
      failure: alwaysFailure(run.testCase, always, judge),
      outcomes: judged.outcomes,
      marks: judged.marks,
      diagnosis: diagnosisRows(labFindings(packets, dissection)),
    };
  }
  return {
    verdict: verdictFor(judged, run.testCase.level),
    outcomes: judged.outcomes,
    marks: judged.marks,
    diagnosis: diagnosisRows(findings),
    ...(judged.failure ? { failure: explainFindings(judged.failure, findings) } : {}),
    ...(judged.stage === undefined ? {} : { stage: judged.stage, reason: judged.stage }),
  };
}

function makeTester(run: PlannedRun & { testCase: ScriptedCase }, warm: WarmLab, port: number): LowerTester {
  const role = run.testCase.iut;
  const own = warm.lab[otherRole(role)];
  const iut = warm.lab[role];
  return new LowerTester({
    device: warm.device(otherRole(role)),
    self: { mac: macOctets(own.mac), ipv4: own.ipv4, ipv6: own.ipv6 },
    iut: {
      ipv4: iut.ipv4,
      ipv6: iut.ipv6,
      // A stack behind a TAP device has a hardware address of its own choice.
      ...(run.implementation.attach === 'tap' ? {} : { mac: macOctets(iut.mac) }),
    },
    version: run.family === 'ipv4' ? 4 : 6,
    port,
    ...(role === 'server' ? { iutPort: DEFAULT_PORT } : {}),
  });
}

function actionsFor(
  run: PlannedRun & { testCase: ScriptedCase },
  warm: WarmLab,
  tester: LowerTester,
  session: IutSession,
  tolerance: number,
): IutActions {
  return new IutActions({
    ...(session.upper ? { upper: session.upper } : {}),
    listen: { address: tester.iutAddress, port: DEFAULT_PORT },
    connect: { address: tester.address, port: tester.port },
    options: run.testCase.start.options.options,
    timeoutMs: APPLICATION_MS * tolerance,
  });
}

/** A port of its own for each case in a lab, so that what a kernel still remembers of an earlier one does not matter. */
function testerPort(testCase: ScriptedCase, warm: WarmLab): number {
  const { port } = testCase.start.options;
  return typeof port === 'number' ? port : warm.nextPort();
}

function otherRole(role: Role): Role {
  return role === 'client' ? 'server' : 'client';
}

function randomIsn(): number {
  return Math.floor(Math.random() * 2 ** 32);
}
