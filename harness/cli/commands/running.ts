import { type Command, Option } from 'commander';
import { EXIT_MACHINE } from '../exit.js';
import { collect, factor, natural, positive, shard } from '../option-values.js';
import { enterPrivate } from '../private-entry.js';
import type { SetStatus } from '../program.js';

export function addRun(program: Command, setStatus: SetStatus, argv: string[]): void {
  program
    .command('run')
    .description('run cases on implementations and judge the captures')
    .argument('[paths...]', 'case files or folders (default: the suite of tcpspec)')
    .option('-i, --iut <name|file>', 'implementation under test, repeatable (default: tcp-lite)', collect, [])
    .option('-j, --jobs <n>', 'cases in flight', positive, 8)
    .option('--case <id>', 'run only this case, repeatable', collect, [])
    .option('--json <file>', 'write the results as JSON; - for stdout')
    .option('--report <dir>', 'write the HTML report and everything beside it there')
    .option('--compare <file>', 'results of an earlier run or folder of its report, to tell what is new')
    .addOption(new Option('--level <level>', 'leave out what is below it').choices(['must', 'should', 'may']))
    .addOption(new Option('--family <family>', 'one address family').choices(['ipv4', 'ipv6']))
    .option('--tag <tag>', 'only cases with this tag, repeatable; very-slow ones run only so', collect, [])
    .option('--tolerance <n>', 'scale every timing tolerance', factor, 1)
    .option('--shard <i/n>', 'run the i-th of n parts', shard)
    .addHelpText(
      'after',
      `
Examples:
  sudo tcpspec run                                     the whole suite on TCP Lite
  sudo tcpspec run expectations/session --iut linux    one folder on the kernel's TCP
  sudo tcpspec run --iut my-stack.yaml --report out    your stack, with an HTML report
  sudo tcpspec run --case echo-user-space --json -     one case, results on stdout
  sudo tcpspec run --iut linux --report out --compare last-week    what is new since then
  sudo tcpspec run --iut linux --shard 1/3 --report shard-1        a third of it, on one of three machines`,
    )
    .action(async (paths: string[], options: Record<string, unknown>) => {
      const entered = await enterPrivate(argv);
      if (entered !== undefined) return setStatus(entered);
      const { runCommand } = await import('../run.js');
      setStatus(await runCommand(paths, options as never));
    });
}

export function addMutants(program: Command, setStatus: SetStatus, argv: string[]): void {
  program
    .command('mutants')
    .description(
      'does the suite notice a TCP that is wrong? breaks TCP Lite, rule by rule, and says which case saw it',
    )
    .argument('[paths...]', 'case files or folders (default: the suite of tcpspec)')
    .option('--mutant <id>', 'only this mutant, repeatable', collect, [])
    .option('--tag <tag>', 'only with cases of this tag, repeatable', collect, [])
    .option(
      '-j, --jobs <n>',
      'cases in flight; most of them wait for what a mutant does not send',
      positive,
      16,
    )
    .option('--json <file>', 'write the results as JSON; - for stdout')
    .option('--all', 'play every case that covers the rule, not only until one notices')
    .option('--random <n>', 'instead: n middleboxes that change a field of segments at random', positive)
    .option('--seed <n>', 'draw the same ones again', natural)
    .option('--tolerance <n>', 'scale every timing tolerance', factor, 1)
    .addHelpText(
      'after',
      `
Examples:
  sudo tcpspec mutants                                     every mutant, until a case notices it
  sudo tcpspec mutants --mutant mss-ignored --all          one mutant, and every case that notices it
  sudo tcpspec mutants expectations/states                 only with the cases of one folder
  sudo tcpspec mutants --random 200 --seed 1               200 random changes on the wire, and the share noticed

Exit status: 0 every mutant was noticed; 1 one survived; 2 usage or invalid input; ${EXIT_MACHINE} this machine cannot run it.`,
    )
    .action(async (paths: string[], options: Record<string, unknown>) => {
      const entered = await enterPrivate(argv);
      if (entered !== undefined) return setStatus(entered);
      const { mutantsCommand } = await import('../mutants.js');
      setStatus(await mutantsCommand(paths, options as never));
    });
}

export function addLab(program: Command, setStatus: SetStatus, argv: string[]): void {
  program
    .command('lab')
    .description('the lab by hand: two namespaces and a wire, for a shell, tshark or Wireshark')
    .addOption(
      new Option('--kernel-rst <what>', "the kernel's resets").choices(['allow', 'drop']).default('drop'),
    )
    .argument('[command...]', "command to run in the client's namespace (default: a shell)")
    .addHelpText(
      'after',
      `
Examples:
  sudo tcpspec lab                                             a shell at the client; it says how to go on
  sudo tcpspec lab -- ping -c 1 10.0.0.2                       one command, and its exit status
  sudo tcpspec lab --kernel-rst allow -- my-stack 10.0.0.1     the kernel's own resets are not held back`,
    )
    .action(async (command: string[], options: { kernelRst: 'allow' | 'drop' }) => {
      const entered = await enterPrivate(argv);
      if (entered !== undefined) return setStatus(entered);
      const { runLabShell } = await import('../../../netns/lab-shell.js');
      setStatus(await runLabShell({ kernelRst: options.kernelRst, command }));
    });
}
