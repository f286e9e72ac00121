import { writeFile } from 'node:fs/promises';
import { loadCases } from '../case/load.js';
import { recordCase } from '../record/record-case.js';
import { readCaptureInput } from './capture-input.js';
import { chooseConversation } from './conversation-choice.js';
import { EXIT_OK } from './exit.js';
import { processIo, type CommandIo } from './io.js';
import { isFromClient } from './packet-views.js';

export interface RecordCommandOptions {
  /** TCP stream index, where the capture holds several conversations. */
  stream?: number;
  /** Where the case goes; standard output unless told. */
  output?: string;
  /** Without what differs from one session to the next. */
  loose?: boolean;
}

/**
 * Writes one conversation of a capture (or of what tcpdump printed) as a case file. Throws ConversationChoiceError,
 * CaptureFileError, DissectError, TcpdumpTextError.
 */
export async function recordCommand(
  file: string,
  options: RecordCommandOptions = {},
  io: CommandIo = processIo(),
): Promise<number> {
  const { dissection, reports, withoutPayload, inferredSeq } = await readCaptureInput(file, {}, io);
  const report = chooseConversation(file, reports, options.stream);
  const packets = dissection.packets.filter(({ tcp }) => tcp.stream === report.stream);
  const text = recordCase(packets, {
    file: file === '-' ? 'standard input' : file,
    stream: report.stream,
    roleOf: (packet) => (isFromClient(report, packet) ? 'client' : 'server'),
    withoutPayload,
    inferredSeq,
    loose: options.loose ?? false,
  });
  const { errors } = loadCases(options.output ?? 'recorded.yaml', text);
  const [problem] = errors;
  if (problem !== undefined) throw new Error(`the recorded case cannot be read back: ${String(problem)}`);
  if (options.output === undefined) io.out(text);
  else {
    await writeFile(options.output, text);
    io.err(`${options.output}: stream ${report.stream}, ${packets.length} packets\n`);
  }
  return EXIT_OK;
}
