import type { ConversationReport } from '../diagnose/report.js';
import { count, endpoint } from '../diagnose/words.js';

/** The capture does not hold the one conversation that was asked for. Exit status 2. */
export class ConversationChoiceError extends Error {
  override readonly name = 'ConversationChoiceError';

  constructor(
    message: string,
    readonly remedy: string,
  ) {
    super(message);
  }
}

const SHOWN = 10;

/**
 * The conversation that a command is about: the one asked for, or the only one. `fits` narrows the choice when none was
 * asked for. Throws ConversationChoiceError with the candidates.
 */
export function chooseConversation(
  file: string,
  reports: readonly ConversationReport[],
  stream: number | undefined,
  fits: (report: ConversationReport) => boolean = () => true,
): ConversationReport {
  if (reports.length === 0) {
    throw new ConversationChoiceError(
      `${file}: there is no TCP in this capture`,
      'Was it taken on the right interface, with the right filter?',
    );
  }
  if (stream !== undefined) {
    const chosen = reports.find((report) => report.stream === stream);
    if (chosen !== undefined) return chosen;
    throw new ConversationChoiceError(
      `${file}: there is no TCP stream ${stream}`,
      `There are: ${listed(reports)}`,
    );
  }
  const fitting = reports.filter(fits);
  const candidates = fitting.length > 0 ? fitting : reports;
  const [only] = candidates;
  if (only !== undefined && candidates.length === 1) return only;
  throw new ConversationChoiceError(
    `${file} holds ${count(candidates.length, 'conversation')} that may be meant`,
    `Say which with --stream: ${listed(candidates)}`,
  );
}

function listed(reports: readonly ConversationReport[]): string {
  const shown = reports
    .slice(0, SHOWN)
    .map(
      (report) =>
        `${report.stream} (${endpoint(report.client)} > ${endpoint(report.server)}, ${count(report.packets, 'packet')})`,
    );
  return `${shown.join(', ')}${reports.length > SHOWN ? `, and ${reports.length - SHOWN} more` : ''}`;
}
