import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { explain, EXIT_MACHINE, EXIT_USAGE } from './exit.js';
import { enterPrivate } from './private-entry.js';
import { version } from './version.js';

/**
 * The command line. Returns the exit status: 0 all as it should be, 1 a conformance failure or a finding of severity
 * error, 2 usage or invalid input, 3 this machine cannot run it. Nothing escapes as a stack trace.
 */
export async function main(argv: string[]): Promise<number> {
  let status = 0;
  // A reader that has seen enough, as `head` has, is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(status);
  });
  const program = build((code) => {
    status = code;
  }, argv);
  try {
    await program.parseAsync(argv, { from: 'user' });
    return status;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_USAGE;
    return explain(error);
  }
}

type SetStatus = (status: number) => void;

function build(setStatus: SetStatus, argv: string[]): Command {
  const program = new Command('tcpspec');
  program
    .description(
      'Runs a TCP implementation in a private network and judges what Wireshark saw against RFC 9293.',
    )
    .version(version())
    .exitOverride()
    .showHelpAfterError('(see tcpspec COMMAND --help)')
    .addHelpText('after', HELP_FOOTER);
  addRun(program, setStatus, argv);
  addMutants(program, setStatus, argv);
  addLab(program, setStatus, argv);
  addCaptureCommands(program, setStatus);
  addCatalogueCommands(program, setStatus);
  for (const command of program.commands) command.exitOverride();
  return program;
}

function addRun(program: Command, setStatus: SetStatus, argv: string[]): void {
  program
    .command('run')
    .description('run cases on implementations and judge the captures')
    .argument('[paths...]', 'case files or folders (default: the suite of tcpspec)')
    .option('-i, --iut <name|file>', 'implementation under test, repeatable (default: tcp-lite)', collect, [])
    .option('-j, --jobs <n>', 'cases in flight', positive, 8)
    .option('--case <id>', 'run only this case, repeatable', collect, [])
    .option('--json <file>', 'write the results as JSON; - for stdout')
    .option('--report <dir>', 'write the HTML report and everything beside it there')
    .option('--compare <file>', 'results of an earlier run, to tell what is new')
    .addOption(new Option('--level <level>', 'leave out what is below it').choices(['must', 'should', 'may']))
    .addOption(new Option('--family <family>', 'one address family').choices(['ipv4', 'ipv6']))
    .option('--tag <tag>', 'only cases with this tag, repeatable', collect, [])
    .option('--tolerance <n>', 'scale every timing tolerance', factor, 1)
    .option('--shard <i/n>', 'run the i-th of n parts', shard)
    .addHelpText(
      'after',
      `
Examples:
  sudo tcpspec run                                     the whole suite on TCP Lite
  sudo tcpspec run expectations/session --iut linux    one folder on the kernel's TCP
  sudo tcpspec run --iut my-stack.yaml --report out    your stack, with an HTML report
  sudo tcpspec run --case echo-user-space --json -     one case, results on stdout`,
    )
    .action(async (paths: string[], options: Record<string, unknown>) => {
      const entered = await enterPrivate(argv);
      if (entered !== undefined) return setStatus(entered);
      const { runCommand } = await import('./run.js');
      setStatus(await runCommand(paths, options as never));
    });
}

function addMutants(program: Command, setStatus: SetStatus, argv: string[]): void {
  program
    .command('mutants')
    .description(
      'does the suite notice a TCP that is wrong? breaks TCP Lite, rule by rule, and says which case saw it',
    )
    .argument('[paths...]', 'case files or folders (default: the suite of tcpspec)')
    .option('--mutant <id>', 'only this mutant, repeatable', collect, [])
    .option('-j, --jobs <n>', 'cases in flight', positive, 8)
    .option('--json <file>', 'write the results as JSON; - for stdout')
    .option('--all', 'play every case that covers the rule, not only until one notices')
    .option('--tolerance <n>', 'scale every timing tolerance', factor, 1)
    .addHelpText(
      'after',
      `
Examples:
  sudo tcpspec mutants                                     every mutant, until a case notices it
  sudo tcpspec mutants --mutant mss-ignored --all          one mutant, and every case that notices it
  sudo tcpspec mutants expectations/states                 only with the cases of one folder

Exit status: 0 every mutant was noticed; 1 one survived; 2 usage or invalid input; ${EXIT_MACHINE} this machine cannot run it.`,
    )
    .action(async (paths: string[], options: Record<string, unknown>) => {
      const entered = await enterPrivate(argv);
      if (entered !== undefined) return setStatus(entered);
      const { mutantsCommand } = await import('./mutants.js');
      setStatus(await mutantsCommand(paths, options as never));
    });
}

function addLab(program: Command, setStatus: SetStatus, argv: string[]): void {
  program
    .command('lab')
    .description('the lab by hand: two namespaces and a wire, for a shell, tshark or Wireshark')
    .addOption(
      new Option('--kernel-rst <what>', "the kernel's resets").choices(['allow', 'drop']).default('drop'),
    )
    .argument('[command...]', "command to run in the client's namespace (default: a shell)")
    .addHelpText('after', '\nExample:\n  sudo tcpspec lab --kernel-rst allow -- ping -c 1 10.0.0.2')
    .action(async (command: string[], options: { kernelRst: 'allow' | 'drop' }) => {
      const entered = await enterPrivate(argv);
      if (entered !== undefined) return setStatus(entered);
      const { runLabShell } = await import('../../netns/lab-shell.js');
      setStatus(await runLabShell({ kernelRst: options.kernelRst, command }));
    });
}

function addCaptureCommands(program: Command, setStatus: SetStatus): void {
  program
    .command('check')
    .description('judge a capture made elsewhere against a case')
    .argument('<capture>')
    .requiredOption('--expect <case>', 'case file')
    .option('--stream <n>', 'TCP stream index, as Wireshark counts', natural)
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      '\nExample:\n  tcpspec check session.pcapng --expect expectations/session/echo-user-space.yaml',
    )
    .action(async (capture: string, options: Record<string, unknown>) => {
      const { checkCommand } = await import('./check.js');
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
      '\nExamples:\n  tcpspec analyze trouble.pcapng\n  tcpspec analyze trouble.pcapng --annotate explained.pcapng',
    )
    .action(async (capture: string, options: Record<string, unknown>) => {
      const { analyzeCommand } = await import('./analyze.js');
      setStatus(await analyzeCommand(capture, options));
    });
  program
    .command('record')
    .description('turn a conversation of a capture into a case file')
    .argument('<capture>')
    .option('--stream <n>', 'TCP stream index, as Wireshark counts', natural)
    .option('-o, --output <file>', 'write the case there instead of stdout')
    .addHelpText('after', '\nExample:\n  tcpspec record session.pcapng --stream 0 > session.yaml')
    .action(async (capture: string, options: Record<string, unknown>) => {
      const { recordCommand } = await import('./record.js');
      setStatus(await recordCommand(capture, options));
    });
}

function addCatalogueCommands(program: Command, setStatus: SetStatus): void {
  program
    .command('list')
    .description('cases and implementations there are')
    .argument('[paths...]')
    .option('--iuts', 'implementations instead of cases')
    .option('--json', 'as JSON')
    .action(async (paths: string[], options: Record<string, unknown>) => {
      const { listCommand } = await import('./list.js');
      setStatus(await listCommand(paths, options));
    });
  program
    .command('coverage')
    .description('which rules of RFC 9293 and its companions have which cases, and why others have none')
    .argument('[paths...]')
    .option('--cases', 'case to rules instead of rule to cases')
    .option('--json', 'both directions as JSON')
    .action(async (paths: string[], options: Record<string, unknown>) => {
      const { coverageCommand } = await import('./coverage.js');
      setStatus(await coverageCommand(paths, options));
    });
  program
    .command('report')
    .description('write the report again from results files, several of them merged')
    .argument('<dir>', 'folder of the report')
    .option('--results <file>', 'results JSON, repeatable (default: results.json in the folder)', collect, [])
    .option('--compare <file>', 'results of an earlier run')
    .action(async (dir: string, options: Record<string, unknown>) => {
      const { reportCommand } = await import('./report.js');
      setStatus(await reportCommand(dir, options as never));
    });
  program
    .command('schema')
    .description('print the JSON Schema of case files, for editors')
    .action(async () => {
      const { schemaCommand } = await import('./schema.js');
      setStatus(await schemaCommand());
    });
  program
    .command('doctor')
    .description('what this machine lacks, and the command that installs it')
    .option('--json', 'as JSON')
    .action(async (options: Record<string, unknown>) => {
      const { doctorCommand } = await import('./doctor.js');
      setStatus(await doctorCommand(options));
    });
}

const HELP_FOOTER = `
Exit status: 0 all as it should be; 1 a conformance failure or a finding of severity error; 2 usage or invalid input;
${EXIT_MACHINE} this machine cannot run it (tcpspec doctor says what is missing).`;

function collect(value: string, earlier: string[]): string[] {
  return [...earlier, value];
}

function positive(value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1)
    throw new InvalidArgumentError('a whole number from 1 is needed');
  return number;
}

function natural(value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 0)
    throw new InvalidArgumentError('a whole number from 0 is needed');
  return number;
}

function factor(value: string): number {
  const number = Number(value);
  if (!(number > 0) || !Number.isFinite(number)) throw new InvalidArgumentError('a number above 0 is needed');
  return number;
}

function shard(value: string): { index: number; of: number } {
  const match = /^(\d+)\/(\d+)$/.exec(value);
  const [index, of] = [Number(match?.[1]), Number(match?.[2])];
  if (!match || index < 1 || of < 1 || index > of)
    throw new InvalidArgumentError('i/n with 1 <= i <= n is needed');
  return { index, of };
}
