import type * as AllureCommons from 'allure-js-commons';
import type { CaseResult } from '../harness/run/results.js';
import { ladderSvg } from './ladder-svg.js';
import { ladderText } from './ladder.js';
import { printable, printableLine } from './printable.js';
import { rulesNamed, sectionOf, uncataloguedRule, type Requirement } from './requirements.js';
import { sectionTitle } from './section-titles.js';
import { timeSequences } from './time-sequence.js';
import { timeSequenceSvg } from './time-sequence-svg.js';
import { infoColumn } from './wire/info.js';
import { isWrong, ladderRows, rowRemark, type LadderRow } from './wire/ladder-rows.js';

/** What of Allure's facade a result needs; `allure-js-commons` is one. */
export type Allure = Pick<
  typeof AllureCommons,
  | 'epic'
  | 'feature'
  | 'story'
  | 'severity'
  | 'label'
  | 'tags'
  | 'parameter'
  | 'description'
  | 'testCaseId'
  | 'historyId'
  | 'attachment'
  | 'logStep'
>;

export interface AttachOptions {
  /** The catalogue, for sections and levels of the rules that the case covers. */
  requirements?: readonly Requirement[];
  /** Octets of the capture, where they are to be attached. */
  capture?: Uint8Array;
}

/** Packets that become steps of their own; the packet table has all. */
const MOST_STEPS = 60;

/**
 * Tells Allure what a result is about and what it saw: epic, feature and story by RFC, section and rule; parameters; a step a
 * packet; ladder, packet table, capture, case file and failure text as attachments. To be called inside the test, before it
 * throws.
 */
export async function attachResult(
  allure: Allure,
  result: CaseResult,
  options: AttachOptions = {},
): Promise<void> {
  await labels(allure, result, options.requirements ?? []);
  await allure.parameter('implementation', result.iut);
  await allure.parameter('family', result.family);
  await allure.description(descriptionOf(result));
  await steps(allure, result);
  await attachments(allure, result, options.capture);
}

async function labels(allure: Allure, result: CaseResult, catalogue: readonly Requirement[]): Promise<void> {
  const rules = result.covers.flatMap((entry) => {
    const named = rulesNamed(entry, catalogue);
    return named.length > 0 ? named : [uncataloguedRule(entry, result.level, result.title)];
  });
  const unique = (names: string[]): string[] => [...new Set(names)];
  for (const name of unique(rules.map((rule) => epicOf(rule)))) await allure.epic(name);
  for (const name of unique(rules.map((rule) => sectionTitle(sectionOf(rule))))) await allure.feature(name);
  for (const name of unique(rules.map(({ id, feature }) => `${id}: ${feature}`)))
    await allure.story(printableLine(name));
  await allure.severity(
    result.level === 'MUST' ? 'critical' : result.level === 'SHOULD' ? 'normal' : 'minor',
  );
  await allure.label('verdict', result.verdict);
  await allure.label('implementation', result.iut);
  await allure.label('cause', causeOf(result));
  await allure.tags(result.verdict, ...result.tags);
  await allure.testCaseId(result.id);
  await allure.historyId(`${result.iut}/${result.id}`);
}

function epicOf(rule: Requirement): string {
  const { rfc } = sectionOf(rule);
  return rfc === '' ? 'Outside the catalogue' : `RFC ${rfc}`;
}

/** What kind of thing went wrong: what Allure's categories are made by. */
export function causeOf(result: CaseResult): string {
  if (result.knownDeviation) return result.verdict === 'pass' ? 'deviation cured' : 'known deviation';
  if (result.verdict !== 'fail') return result.verdict;
  const finding = result.diagnosis.find(({ severity }) => severity === 'error');
  return finding?.id ?? result.failure?.kind ?? 'fail';
}

function descriptionOf(result: CaseResult): string {
  const lines = [
    result.purpose,
    `${result.file}:${result.line}`,
    `Run again: ${result.rerun}`,
    `Display filter: ${result.displayFilter}`,
  ];
  if (result.reason !== undefined) lines.splice(1, 0, `${result.verdict}: ${result.reason}`);
  return lines.map((line) => `    ${printableLine(line)}`).join('\n');
}

async function steps(allure: Allure, result: CaseResult): Promise<void> {
  const rows = ladderRows(result);
  for (const row of rows.slice(0, MOST_STEPS)) await allure.logStep(stepName(row), stepStatus(row));
  if (rows.length > MOST_STEPS) {
    await allure.logStep(`${rows.length - MOST_STEPS} more packets: see the packet table`);
  }
}

function stepName(row: LadderRow): string {
  if (row.kind === 'gap') return printableLine(`missing from the ${row.from ?? 'peer'}: ${row.expected}`);
  if (row.kind === 'frame')
    return printableLine(`${row.frame.frame} ${row.frame.protocol}: ${row.frame.info}`);
  if (row.kind === 'skipped') return `${row.count} more packets`;
  const remark = rowRemark(row);
  const expected = row.expected === undefined ? '' : `, expected ${row.expected}`;
  const text = `${row.packet.frame} ${row.packet.from}: ${infoColumn(row.packet)}`;
  return printableLine(remark === '' ? text : `${text} (${remark}${expected})`);
}

function stepStatus(row: LadderRow): AllureCommons.Status {
  const status = isWrong(row)
    ? 'failed'
    : row.kind === 'packet' && row.mark === 'expected'
      ? 'passed'
      : 'skipped';
  return status as AllureCommons.Status;
}

async function attachments(
  allure: Allure,
  result: CaseResult,
  capture: Uint8Array | undefined,
): Promise<void> {
  if (result.failure) await allure.attachment('Failure', printable(result.failure.text), 'text/plain');
  if (result.packets.length > 0) {
    const svg = { contentType: 'image/svg+xml', fileExtension: '.svg' };
    await allure.attachment('Ladder', ladderSvg(result, { standalone: true }), svg);
    for (const graph of timeSequences(result.packets)) {
      const name = `Time-sequence graph, data from the ${graph.from}`;
      await allure.attachment(name, timeSequenceSvg(graph, { standalone: true }), svg);
    }
    await allure.attachment('Ladder as text', ladderText(result, { width: 110 }), 'text/plain');
    await allure.attachment('Packets', packetCsv(result), { contentType: 'text/csv', fileExtension: '.csv' });
  }
  if (capture) {
    const type = { contentType: 'application/vnd.tcpdump.pcap', fileExtension: '.pcapng' };
    await allure.attachment('Capture', Buffer.from(capture), type);
  }
  if (result.source !== '') {
    await allure.attachment('Expectation', result.source, {
      contentType: 'application/yaml',
      fileExtension: '.yaml',
    });
  }
  if (result.output)
    await allure.attachment(`Output of ${result.iut}`, printable(result.output), 'text/plain');
}

/** Wireshark's packet list as CSV, with the verdict's remark. */
export function packetCsv(result: CaseResult): string {
  const head = ['No.', 'Time', 'Source', 'Destination', 'Protocol', 'Length', 'Info', 'Verdict'];
  const rows = ladderRows(result).map((row): string[] => {
    const remark = rowRemark(row);
    if (row.kind === 'gap') return ['', '', '', '', '', '', row.expected, remark];
    if (row.kind === 'skipped') return [];
    if (row.kind === 'frame') {
      const { frame, timeMs, src, dst, protocol, length, info } = row.frame;
      return [
        String(frame),
        (timeMs / 1000).toFixed(6),
        src,
        dst,
        protocol,
        String(length ?? ''),
        info,
        remark,
      ];
    }
    const { packet } = row;
    const time = (packet.timeMs / 1000).toFixed(6);
    return [
      String(packet.frame),
      time,
      packet.src,
      packet.dst,
      'TCP',
      String(packet.length ?? ''),
      infoColumn(packet),
      remark,
    ];
  });
  return [head, ...rows].map((row) => row.map(csvCell).join(',')).join('\r\n') + '\r\n';
}

/** Quoted where it has to be; a leading sign that a spreadsheet takes for a formula is kept from it. */
function csvCell(text: string): string {
  const plain = printableLine(text).replace(/^(?=[=+\-@])/, "'");
  return /[",\r\n]/.test(plain) ? `"${plain.replace(/"/g, '""')}"` : plain;
}
