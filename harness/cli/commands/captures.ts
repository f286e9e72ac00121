import { type Command, Option } from 'commander';
import { natural } from '../option-values.js';
import type { SetStatus } from '../program.js';

/** `check`, `analyze` and `record`: what reads a capture. */
export function addCaptureCommands(program: Command, setStatus: SetStatus): void {
  program
    .command('check')
    .description('judge a capture made elsewhere against a case')
    .argument('<capture>', 'pcap or pcapng, also gzip-compressed; - for stdin')
    .requiredOption('--expect <case>', 'case file')
    .option('--stream <n>', 'TCP stream index, as Wireshark counts', natural)
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      `
Examples:
  tcpspec check session.pcapng --expect expectations/session/echo-user-space.yaml
  tcpspec check office.pcapng --expect my-case.yaml --stream 3 --json`,
    )
    .action(async (capture: string, options: Record<string, unknown>) => {
      const { checkCommand } = await import('../check.js');
      setStatus(await checkCommand(capture, options as never));
    });
  program
    .command('analyze')
    .description('what went wrong here: a verdict for each packet, a diagnosis for each conversation')
    .argument('<capture>', 'pcap or pcapng, also gzip-compressed; - for stdin')
    .option('--json', 'print the analysis as JSON')
    .option('--annotate <out>', 'write a pcapng whose comments carry the verdicts')
    .addOption(new Option('--view <view>', 'how packets are shown').choices(['table', 'ladder', 'tcpdump']))
    .option('--stream <n>', 'only this TCP stream', natural)
    .addHelpText(
      'after',
      `
Examples:
  tcpspec analyze trouble.pcapng                               what is wrong in each conversation
  tcpspec analyze trouble.pcapng --view ladder --stream 3      one conversation, packet by packet
  tcpspec analyze trouble.pcapng --annotate explained.pcapng   the verdicts as comments, for Wireshark
  ssh host tcpdump -w - tcp port 80 | tcpspec analyze -        a capture as it comes`,
    )
    .action(async (capture: string, options: Record<string, unknown>) => {
      const { analyzeCommand } = await import('../analyze.js');
      setStatus(await analyzeCommand(capture, options));
    });
  program
    .command('record')
    .description('turn a conversation of a capture into a case file')
    .argument('<capture>', 'pcap or pcapng, or what tcpdump printed; - for stdin')
    .option('--stream <n>', 'TCP stream index, as Wireshark counts', natural)
    .option('-o, --output <file>', 'write the case there instead of stdout')
    .option('--loose', 'leave out windows, timestamps and PSH, which differ from one session to the next')
    .addHelpText(
      'after',
      `
Examples:
  tcpspec record session.pcapng --stream 0 > session.yaml      a case that this conversation passes
  tcpspec record session.pcapng -o session.yaml                the only conversation there is
  tcpspec record session.pcapng --loose > session.yaml         a case that the next such session passes too`,
    )
    .action(async (capture: string, options: Record<string, unknown>) => {
      const { recordCommand } = await import('../record.js');
      setStatus(await recordCommand(capture, options));
    });
}
