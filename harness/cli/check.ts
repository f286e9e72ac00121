import { loadCaseFiles } from '../case/load-files.js';
import type { ObservedCase, Role, TestCase } from '../case/model.js';
import type { ConversationReport, Finding } from '../diagnose/report.js';
import { count, endpoint } from '../diagnose/words.js';
import type { Packet } from '../dissect/packet.js';
import { matchConversation } from '../match/conversation.js';
import { neededFields, neededFilters } from '../match/needed.js';
import { verdictFor } from '../match/verdict-for.js';
import type { Failure, MatchResult, Verdict } from '../match/verdict.js';
import { explainFindings, findingFailure } from '../run/failures.js';
import { ladderText } from '../../reports/ladder.js';
import { programName, shellWord } from '../run/program-name.js';
import { packetRows } from '../run/rows.js';
import { readCaptureInput, type CaptureInput } from './capture-input.js';
import { chooseConversation } from './conversation-choice.js';
import { EXIT_FAILURE, EXIT_OK } from './exit.js';
import { processIo, type CommandIo } from './io.js';
import { CasesInvalid } from './load.js';

export interface CheckOptions {
  /** Case file. */
  expect: string;
  /** TCP stream index; otherwise the conversation whose ports fit, or the only one. */
  stream?: number;
  json?: boolean;
}

const SCHEMA_VERSION = 1;

interface Checked {
  testCase: ObservedCase;
  report: ConversationReport;
  verdict: Verdict;
  match: MatchResult;
  failure: Failure | undefined;
  packets: Packet[];
  roleOf: (packet: Packet) => Role;
}

/**
 * Judges a capture made elsewhere against the cases of a file: addresses and ports are bound by role. Returns 0 when all
 * pass, 1 when not. Throws CasesInvalid, ConversationChoiceError, CaptureFileError, DissectError.
 */
export async function checkCommand(
  file: string,
  options: CheckOptions,
  io: CommandIo = processIo(),
): Promise<number> {
  const cases = await observedCases(options.expect);
  const request = { fields: neededFields(cases), filters: [...new Set(cases.flatMap(neededFilters))] };
  const input = await readCaptureInput(file, request, io);
  const checked = cases.map((testCase) => check(file, testCase, input, options));
  if (options.json) io.out(`${JSON.stringify(jsonOf(file, checked), null, 2)}\n`);
  else for (const one of checked) io.out(textOf(one, io));
  return checked.every(({ verdict }) => verdict === 'pass' || verdict === 'non-strict')
    ? EXIT_OK
    : EXIT_FAILURE;
}

async function observedCases(path: string): Promise<ObservedCase[]> {
  const { cases, errors } = await loadCaseFiles([path]);
  if (errors.length > 0)
    throw new CasesInvalid(
      `${count(errors.length, 'problem')} in ${path}\n\n${errors.map(String).join('\n\n')}`,
    );
  const observed = cases.filter((testCase): testCase is ObservedCase => testCase.kind === 'observed');
  if (observed.length === 0) throw new CasesInvalid(whyNone(path, cases));
  return observed;
}

function whyNone(path: string, cases: readonly TestCase[]): string {
  if (cases.length === 0) return `no case in ${path}`;
  return `${path} holds scripted cases only: they tell what the tester sends while it runs, so a capture made elsewhere cannot be judged by them. Use tcpspec run.`;
}

function check(file: string, testCase: ObservedCase, input: CaptureInput, options: CheckOptions): Checked {
  const report = chooseConversation(file, input.reports, options.stream, (one) => fitsPorts(testCase, one));
  const packets = input.dissection.packets.filter(({ tcp }) => tcp.stream === report.stream);
  const roleOf = bindRoles(testCase, report);
  const where = {
    captureFile: file,
    rerun: rerunCommand(file, options),
  };
  const match = matchConversation(testCase, packets, {
    roleOf,
    filterHits: input.dissection.filterHits,
    capture: where.captureFile,
    rerun: where.rerun,
  });
  const findings = input.reports.filter((one) => one.stream === report.stream).flatMap((one) => one.findings);
  const found = match.failure ?? findingMismatch(testCase, findings, where);
  const failed: Pick<MatchResult, 'verdict'> = found === undefined ? match : { verdict: 'fail' };
  return {
    testCase,
    report,
    verdict: verdictFor(failed, testCase.level),
    match,
    failure: found && explainFindings(found, findings),
    packets,
    roleOf,
  };
}

function rerunCommand(file: string, { expect, stream }: CheckOptions): string {
  const words = [
    'check',
    file,
    '--expect',
    expect,
    ...(stream === undefined ? [] : ['--stream', String(stream)]),
  ];
  return `${programName()} ${words.map(shellWord).join(' ')}`;
}

/** A port that the case names, on either end, marks the conversation as meant. */
function fitsPorts(testCase: ObservedCase, report: ConversationReport): boolean {
  const { client, server } = testCase;
  const fitsServer = server.port === undefined || server.port === report.server.port;
  return fitsServer && (client.port === undefined || client.port === report.client.port);
}

/** Who plays which role: by the ports that the case names where they tell, else as the capture shows. */
function bindRoles(testCase: ObservedCase, report: ConversationReport): (packet: Packet) => Role {
  const ends = [report.client, report.server];
  const only = (port: number | undefined): number => {
    const at = ends.flatMap((end, index) => (end.port === port ? [index] : []));
    return at.length === 1 ? (at[0] ?? -1) : -1;
  };
  const server = only(testCase.server.port);
  const client = only(testCase.client.port);
  const isSwapped = server === 0 || (server === -1 && client === 1);
  const source = isSwapped ? report.server : report.client;
  return ({ ip, tcp }) => (ip.src === source.address && tcp.srcPort === source.port ? 'client' : 'server');
}

/** A finding that the case asks for and is not there, or that must not be there (`!id`) and is. */
function findingMismatch(
  testCase: ObservedCase,
  findings: Finding[],
  where: { captureFile: string; rerun: string },
): Failure | undefined {
  const wrong = testCase.findings.find(({ id }) => {
    const isForbidden = id.startsWith('!');
    const name = isForbidden ? id.slice(1) : id;
    return findings.some((finding) => finding.id === name) === isForbidden;
  });
  return wrong && findingFailure(testCase, wrong, findings, where);
}

function textOf(
  { testCase, report, verdict, match, failure, packets, roleOf }: Checked,
  io: CommandIo,
): string {
  const paint =
    verdict === 'pass' ? io.colours.green : verdict === 'fail' ? io.colours.red : io.colours.yellow;
  const head = `${paint(verdict)}  ${testCase.id}: ${testCase.title}\n      stream ${report.stream}, client ${endpoint(report.client)}, server ${endpoint(report.server)}, ${count(packets.length, 'packet')}\n`;
  const stage = match.stage === undefined ? '' : `      ${match.stage}\n`;
  if (failure === undefined) return `${head}${stage}`;
  const rows = packetRows(packets, roleOf);
  const ladder = ladderText(
    { packets: rows, marks: match.marks, failure },
    { width: io.columns, window: { before: 6, after: 4 } },
  );
  return `${head}${stage}\n${failure.text}\n${ladder}\n`;
}

function jsonOf(file: string, checked: readonly Checked[]): unknown {
  return {
    schemaVersion: SCHEMA_VERSION,
    file,
    results: checked.map(({ testCase, report, verdict, match, failure }) => ({
      id: testCase.id,
      title: testCase.title,
      verdict,
      stream: report.stream,
      client: { address: report.client.address, port: report.client.port },
      server: { address: report.server.address, port: report.server.port },
      ...(match.stage !== undefined && { stage: match.stage }),
      ...(failure !== undefined && { failure }),
      outcomes: match.outcomes,
      marks: match.marks,
    })),
  };
}
