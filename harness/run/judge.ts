import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ObservedCase, Role, TestCase } from '../case/model.js';
import type { CaptureCut } from '../capture/capture-cut.js';
import type { Finding } from '../diagnose/report.js';
import type { Dissection, Dissector } from '../dissect/dissector.js';
import type { Packet } from '../dissect/packet.js';
import { matchConversation } from '../match/conversation.js';
import { neededFields, neededFilters } from '../match/needed.js';
import type { Failure, MatchResult, Verdict } from '../match/verdict.js';
import { verdictFor } from '../match/verdict-for.js';
import { explainApplications, explainFindings, findingFailure, iutFailure } from './failures.js';
import { labFindings } from './lab-findings.js';
import type { ObservedTrace } from './observe.js';
import type { PlannedRun } from './plan.js';
import { packetRows } from './rows.js';
import type { CaseResult } from './results.js';
import type { WarmLab, WireCut } from './warm-lab.js';

/** What judging adds to a result. */
export type Judgement = Pick<
  CaseResult,
  | 'verdict'
  | 'failure'
  | 'outcomes'
  | 'packets'
  | 'marks'
  | 'diagnosis'
  | 'displayFilter'
  | 'stage'
  | 'reason'
  | 'otherFrames'
>;

export interface JudgeContext {
  dissector: Dissector;
  /** Where the capture is kept. */
  captureFile: string;
  rerun: string;
  tolerance: number;
  phase<T>(name: string, work: () => Promise<T>): Promise<T>;
}

/** Writes the cut where it is kept and has it dissected with everything that the case asks for. */
export async function dissectCut(
  run: PlannedRun,
  cut: CaptureCut,
  context: JudgeContext,
): Promise<Dissection> {
  await context.phase('write', async () => {
    await mkdir(path.dirname(context.captureFile), { recursive: true });
    await writeFile(context.captureFile, cut.toPcapng({ file: `${run.id} on ${run.implementation.name}` }));
  });
  return context.phase('dissect', () =>
    context.dissector.dissect(context.captureFile, {
      // frame.len is the Length column of the packet table.
      fields: ['frame.len', ...neededFields([run.testCase])],
      filters: neededFilters(run.testCase),
    }),
  );
}

/** The verdict on two real ends: from the dissected capture, never from what the ends say of themselves. */
export function judgeObserved(
  run: PlannedRun & { testCase: ObservedCase },
  warm: WarmLab,
  wire: WireCut,
  dissection: Dissection,
  trace: ObservedTrace,
  context: JudgeContext,
): Judgement {
  const { testCase } = run;
  const all = dissection.packets;
  // The judged end is the client's; what the other one saw besides is for the diagnosis.
  const packets = testCase.lab.capture === 'both' ? all.filter(({ interfaceId }) => interfaceId === 0) : all;
  const roleOf = roleByAddress(warm);
  const displayFilter = displayFilterOf(packets);
  const base = {
    outcomes: [] as string[],
    packets: packetRows(packets, roleOf, wire.lost),
    marks: [] as MatchResult['marks'],
    diagnosis: [] as CaseResult['diagnosis'],
    displayFilter,
    otherFrames: otherRows(dissection),
  };
  if (wire.problem !== undefined) return { ...base, verdict: 'error', reason: wire.problem };
  if (trace.unsupported !== undefined) return { ...base, verdict: 'unsupported', reason: trace.unsupported };

  const match = matchConversation(testCase, packets, {
    roleOf,
    filterHits: dissection.filterHits,
    tolerance: context.tolerance,
    capture: context.captureFile,
    rerun: context.rerun,
    capturedUntil: Date.now() / 1000,
  });
  const findings = labFindings(all, dissection);
  const failure =
    match.failure ?? missingFinding(testCase, findings, context) ?? appFailure(testCase, trace, context);
  const verdict: Verdict =
    match.verdict === 'pass' && failure
      ? verdictFor({ ...match, verdict: 'fail' }, testCase.level)
      : verdictFor(match, testCase.level);
  return {
    ...base,
    verdict,
    outcomes: match.outcomes,
    marks: match.marks,
    diagnosis: diagnosisRows(findings),
    ...(failure ? { failure: explainApplications(explainFindings(failure, findings), trace.outcomes) } : {}),
    ...(verdict === 'inconclusive' ? stageOf(match, trace) : {}),
  };
}

/** How far an inconclusive case came: the matcher knows it better than the driver where it says so. */
function stageOf(match: MatchResult, trace: ObservedTrace): { stage: string; reason: string } {
  const reason = match.stage ?? 'no packet was seen';
  return {
    stage: match.stage ?? trace.stage,
    reason: `${reason}; the session came as far as ${trace.stage}`,
  };
}

/** Which end sent a packet: the ends of a lab have different addresses. */
export function roleByAddress(warm: WarmLab): (packet: Packet) => Role {
  const { client } = warm.lab;
  return (packet) => (packet.ip.src === client.ipv4 || packet.ip.src === client.ipv6 ? 'client' : 'server');
}

/** The filter that shows this case's conversation in its capture, by Wireshark's stream index where there is one. */
export function displayFilterOf(packets: Packet[]): string {
  const streams = [...new Set(packets.map((packet) => packet.tcp.stream))];
  if (streams.length === 0) return 'tcp';
  return streams.map((stream) => `tcp.stream eq ${stream}`).join(' || ');
}

export function diagnosisRows(findings: Finding[]): CaseResult['diagnosis'] {
  return findings.map(({ id, severity, frames, title, explanation, remedy }) => ({
    id,
    severity,
    frames,
    title,
    explanation,
    ...(remedy === undefined ? {} : { remedy }),
  }));
}

export function otherRows(dissection: Dissection): NonNullable<CaseResult['otherFrames']> {
  const start = dissection.packets[0]?.time ?? dissection.others[0]?.time ?? 0;
  return dissection.others.map(({ frame, time, protocol, info, src, dst }) => ({
    frame,
    timeMs: Math.round((time - start) * 1e6) / 1e3,
    protocol,
    info,
    src,
    dst,
  }));
}

/** The first finding that the case asks for and the diagnosis does not give, or the other way round. */
export function missingFinding(
  testCase: TestCase,
  findings: Finding[],
  context: JudgeContext,
): Failure | undefined {
  const missing = testCase.findings.find(
    ({ id, absent }) => findings.some((finding) => finding.id === id) === (absent === true),
  );
  return missing && findingFailure(testCase, missing, findings, context);
}

/** A session that was right on the wire, but not for the application, is no pass. */
function appFailure(
  testCase: ObservedCase,
  trace: ObservedTrace,
  context: JudgeContext,
): Failure | undefined {
  for (const role of ['client', 'server'] as const) {
    const problem = trace.outcomes[role]?.problem;
    // What the wire was expected to show, a reset or a refusal, explains what the application met.
    if (problem && (problem.error === 'short-read' || problem.error === 'EBADF')) {
      return iutFailure(testCase, role, problem, context);
    }
  }
  return undefined;
}
