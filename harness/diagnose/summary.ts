import type { CaptureFacts } from './capture-facts.js';
import type { Conversation } from './conversation.js';
import type { End } from './end.js';
import { RULES } from './findings/index.js';
import { usualTtl } from './fingerprint.js';
import type { ConversationReport, EndReport, Finding, Severity } from './report.js';
import type { SynPair } from './sightings.js';
import { timeReport } from './time.js';
import { View } from './view.js';

/** Judges a conversation that is over (or at the end of the capture). */
export function summarize(
  conversation: Conversation,
  synPairs: readonly SynPair[],
  facts: CaptureFacts,
): ConversationReport {
  const view = new View(conversation, facts, synPairs);
  const findings = RULES.flatMap((rule) => rule(view) ?? []).map((finding) =>
    conversation.witness.quote(tidy(finding)),
  );
  const { handshake, client, server } = conversation;
  return {
    stream: conversation.stream,
    incarnation: conversation.incarnation,
    client: endReport(client, server),
    server: endReport(server, client),
    rolesFrom: conversation.rolesFrom,
    packets: conversation.packets,
    firstFrame: conversation.firstFrame,
    lastFrame: conversation.lastFrame,
    startTime: conversation.startTime,
    durationMs: milliseconds(conversation.lastTime - conversation.startTime),
    connState: conversation.zeek.state,
    completeness: conversation.completeness.value,
    ...(handshake.total !== undefined && { handshakeRttMs: milliseconds(handshake.total) }),
    ...roundTrip(conversation),
    time: timeReport(conversation),
    findings: sortFindings(findings),
  };
}

const RANK: Record<Severity, number> = { error: 0, warning: 1, note: 2 };

/** Errors first; capture faults stand before everything, because they may explain the rest away. */
export function sortFindings(findings: Finding[]): Finding[] {
  const rank = (finding: Finding): number =>
    finding.id.startsWith('capture-') ? -1 : RANK[finding.severity];
  return [...findings].sort((a, b) => rank(a) - rank(b));
}

function tidy(finding: Finding): Finding {
  const frames = [...new Set(finding.frames)].sort((a, b) => a - b).slice(0, 50);
  return { ...finding, frames };
}

function endReport(end: End, peer: End): EndReport {
  const mssInUse = end.segmentSize(peer.synOptions?.mss);
  const ttl = usualTtl(end.fingerprint);
  return {
    address: end.address,
    port: end.port,
    ...(end.isn !== undefined && { isn: end.isn }),
    ...(end.synOptions !== undefined && { options: end.synOptions }),
    packets: end.packets,
    octets: end.octets,
    uniqueOctets: end.uniqueOctets,
    segments: end.segments,
    retransmissions: end.incidents.retransmissions.count,
    duplicateAcks: end.dupAckTotal,
    ...(mssInUse !== undefined && { mssInUse }),
    ...(ttl !== undefined && { ttl }),
  };
}

/** Below this both halves are too short to tell where the capture was taken, s. */
const TELLING = 0.000_5;

function roundTrip(conversation: Conversation): Pick<ConversationReport, 'rtt'> {
  const { toServer, toClient } = conversation.handshake;
  if (toServer === undefined || toClient === undefined) return {};
  let capturePoint: NonNullable<ConversationReport['rtt']>['capturePoint'] = 'in between';
  if (Math.max(toServer, toClient) < TELLING) capturePoint = 'cannot be told';
  else if (toClient < toServer / 3) capturePoint = 'near the client';
  else if (toServer < toClient / 3) capturePoint = 'near the server';
  return {
    rtt: { serverSideMs: milliseconds(toServer), clientSideMs: milliseconds(toClient), capturePoint },
  };
}

function milliseconds(seconds: number): number {
  return Math.round(seconds * 1e6) / 1000;
}
