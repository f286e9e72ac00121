import type { Conversation } from './conversation.js';
import type { ConversationReport, PacketVerdict } from './report.js';
import type { Kind, Step } from './step.js';
import { sentenceOf } from './sentences.js';
import { role } from './words.js';

/** The verdict on one packet, as far as it can be given when the packet is seen. */
export function verdictOf(conversation: Conversation, step: Step): PacketVerdict {
  return {
    frame: step.frame,
    from: role(conversation, step.from),
    verdict: VERDICTS[step.kind] ?? 'as-expected',
    kind: step.kind,
    sentence: sentenceOf(conversation, step),
  };
}

export function isNotable(step: Step): boolean {
  return VERDICTS[step.kind] !== undefined;
}

/** What only the whole conversation shows: the frames of errors are wrong, and say why. */
export function raiseVerdicts(verdicts: PacketVerdict[], report: ConversationReport): PacketVerdict[] {
  const byFrame = new Map(verdicts.map((verdict) => [verdict.frame, verdict]));
  for (const finding of report.findings) {
    if (finding.severity === 'note') continue;
    const culprits = finding.frames.filter((frame) => blames(finding.id, byFrame.get(frame)?.kind));
    for (const frame of culprits) {
      const verdict = byFrame.get(frame);
      if (verdict === undefined) continue;
      verdict.verdict =
        finding.severity === 'error' ? 'wrong' : verdict.verdict === 'wrong' ? 'wrong' : 'notable';
      if (!verdict.sentence.includes(finding.title)) verdict.sentence += ` ${finding.title}.`;
    }
  }
  return verdicts;
}

/** Of the frames that show a finding, those that are themselves amiss. */
function blames(id: string, kind: string | undefined): boolean {
  if (kind === undefined) return false;
  if (id.includes('reset') || id === 'connection-refused') return kind === 'reset' || kind === 'refusal';
  if (id === 'syn-unanswered' || id === 'destination-unreachable') return kind.startsWith('syn');
  if (id === 'synack-unanswered' || id === 'accept-queue-full') return kind.startsWith('syn-ack');
  return VERDICTS[kind as Kind] !== undefined;
}

const VERDICTS: Partial<Record<Kind, 'notable' | 'wrong'>> = {
  'syn-repeated': 'notable',
  'syn-ack-repeated': 'notable',
  'duplicate-ack': 'notable',
  'zero-window': 'notable',
  'old-ack': 'notable',
  'zero-window-probe': 'notable',
  'window-full': 'notable',
  gap: 'notable',
  'fills-gap': 'notable',
  'out-of-order': 'notable',
  'fast-retransmission': 'notable',
  'timeout-retransmission': 'notable',
  'tail-probe': 'notable',
  'spurious-retransmission': 'notable',
  retransmission: 'notable',
  'duplicate-frame': 'notable',
  'acks-unseen': 'notable',
  'fin-repeated': 'notable',
  reset: 'notable',
  refusal: 'notable',
  'bad-checksum': 'wrong',
  'out-of-window': 'wrong',
  'after-reset': 'notable',
  'strange-flags': 'wrong',
};
