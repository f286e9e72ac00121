import { printableLine } from '../../reports/printable.js';
import { wrap } from '../../reports/wrap.js';
import type { TcpOptions } from '../dissect/packet.js';
import type { ConversationReport, EndReport, Finding } from '../diagnose/report.js';
import { count, duration, endpoint, octets } from '../diagnose/words.js';
import type { CommandIo } from './io.js';

/** Head of the whole output: what the file holds and what came of it. */
export function captureHead(
  file: string,
  totals: { frames: number; packets: number; seconds: number },
  reports: readonly ConversationReport[],
  io: CommandIo,
): string {
  const findings = reports.flatMap((report) => report.findings);
  const of = (severity: Finding['severity']): number =>
    findings.filter((one) => one.severity === severity).length;
  const other = totals.frames - totals.packets;
  const size = `${count(totals.packets, 'TCP packet')}${other > 0 ? ` and ${count(other, 'other frame')}` : ''}, ${count(reports.length, 'conversation')}, ${duration(totals.seconds * 1000)}`;
  const [errors, warnings, notes] = [of('error'), of('warning'), of('note')];
  const result =
    errors + warnings === 0
      ? io.colours.green('nothing wrong found')
      : `${io.colours.red(count(errors, 'error'))}, ${io.colours.yellow(count(warnings, 'warning'))}`;
  return `${io.colours.bold(printableLine(file))}: ${size}\n${result}${notes > 0 ? `, ${count(notes, 'note')}` : ''}\n`;
}

/** One conversation: who, how it went, and what is to be said about it; findings first. */
export function conversationText(report: ConversationReport, io: CommandIo): string {
  return [heading(report, io), ...findingsText(report.findings, io), ...facts(report, io)].join('\n');
}

/** One line a conversation, for captures with many. */
export function conversationLine(report: ConversationReport, io: CommandIo): string {
  const [worst] = report.findings;
  const title = worst === undefined ? '' : `  ${severityWord(worst, io)} ${worst.title}`;
  return `${String(report.stream).padStart(6)}  ${report.connState.padEnd(6)} ${endpoint(report.client)} > ${endpoint(report.server)}  ${count(report.packets, 'packet')}${title}`;
}

function heading(report: ConversationReport, io: CommandIo): string {
  const again = report.incarnation > 1 ? ` (connection ${report.incarnation} on these ports)` : '';
  return io.colours.bold(
    `Stream ${report.stream}${again}: client ${endpoint(report.client)}, server ${endpoint(report.server)}`,
  );
}

function findingsText(findings: readonly Finding[], io: CommandIo): string[] {
  const width = io.columns - 4;
  return findings.flatMap((finding) => [
    `  ${severityWord(finding, io)} ${io.colours.bold(printableLine(finding.title))} ${io.colours.dim(`[${finding.id}]`)}`,
    ...wrap(printableLine(finding.explanation), width).map((line) => `    ${line}`),
    ...(finding.remedy === undefined
      ? []
      : wrap(`What to do: ${finding.remedy}`, width).map((line) => `    ${line}`)),
    io.colours.dim(`    Show: ${frameFilter(finding.frames)}`),
  ]);
}

function severityWord(finding: Finding, io: CommandIo): string {
  if (finding.severity === 'error') return io.colours.red('ERROR  ');
  return finding.severity === 'warning' ? io.colours.yellow('WARNING') : io.colours.cyan('NOTE   ');
}

const MOST_FRAMES = 12;

/** A display filter for Wireshark that shows the frames of a finding. */
function frameFilter(frames: readonly number[]): string {
  const shown = frames.slice(0, MOST_FRAMES);
  return `frame.number in {${shown.join(', ')}}${frames.length > MOST_FRAMES ? ` and ${frames.length - MOST_FRAMES} more` : ''}`;
}

function facts(report: ConversationReport, io: CommandIo): string[] {
  const { rtt, time } = report;
  const lines = [
    `state ${report.connState} (${STATE_WORDS[report.connState]}), completeness ${report.completeness} (${completenessWords(report.completeness)})`,
    `${count(report.packets, 'packet')} in ${duration(report.durationMs)}, frames ${report.firstFrame} to ${report.lastFrame}`,
    ...(report.handshakeRttMs === undefined
      ? []
      : [
          `round trip ${duration(report.handshakeRttMs)}` +
            (rtt === undefined
              ? ''
              : `: ${duration(rtt.serverSideMs)} to the server, ${duration(rtt.clientSideMs)} to the client; captured ${rtt.capturePoint === 'cannot be told' ? 'where cannot be told' : rtt.capturePoint}`),
        ]),
    `waiting: server ${duration(time.serverMs)}, client ${duration(time.clientMs)}, network ${duration(time.networkMs)}`,
    `client  ${endText(report.client)}`,
    `server  ${endText(report.server)}`,
  ];
  return lines.map((line) => io.colours.dim(`  ${line}`));
}

function endText(end: EndReport): string {
  const parts = [
    end.isn === undefined ? 'ISN not captured' : `ISN ${end.isn}`,
    ...(end.options === undefined ? [] : [optionsText(end.options)]),
    `${octets(end.uniqueOctets)} in ${count(end.segments, 'segment')}${end.mssInUse === undefined ? '' : ` of up to ${octets(end.mssInUse)}`}`,
    ...(end.retransmissions > 0 ? [count(end.retransmissions, 'retransmission')] : []),
    ...(end.ttl === undefined ? [] : [`TTL ${end.ttl}`]),
  ];
  return parts.join(', ');
}

function optionsText(options: TcpOptions): string {
  const words = [
    ...(options.mss === undefined ? [] : [`MSS ${options.mss}`]),
    ...(options.windowScale === undefined ? [] : [`window scale ${options.windowScale}`]),
    ...(options.sackPermitted ? ['SACK'] : []),
    ...(options.timestamp === undefined ? [] : ['timestamps']),
  ];
  return words.length === 0 ? 'no options' : words.join(', ');
}

/** Zeek's own words for its states. */
const STATE_WORDS: Record<ConversationReport['connState'], string> = {
  S0: 'attempt seen, no reply',
  S1: 'established, not terminated',
  SF: 'normal establishment and termination',
  REJ: 'attempt rejected',
  S2: 'established, close attempt by the originator, no reply from the responder',
  S3: 'established, close attempt by the responder, no reply from the originator',
  RSTO: 'established, originator aborted',
  RSTR: 'responder sent a reset',
  RSTOS0: 'originator sent SYN and reset, no SYN,ACK seen',
  RSTRH: 'responder sent SYN,ACK and reset, no SYN seen',
  SH: 'originator sent SYN and FIN, no SYN,ACK seen',
  SHR: 'responder sent SYN,ACK and FIN, no SYN seen',
  OTH: 'no SYN seen, midstream traffic',
};

function completenessWords(value: number): string {
  const names = ['SYN', 'SYN,ACK', 'ACK', 'data', 'FIN', 'RST'];
  const seen = names.filter((_, bit) => value & (1 << bit));
  return seen.length === 0 ? 'nothing of a handshake' : seen.join(' + ');
}
