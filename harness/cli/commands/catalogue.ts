import { Argument, type Command } from 'commander';
import { collect } from '../option-values.js';
import type { SetStatus } from '../program.js';

/** `list`, `coverage` and `report`: what there is, what it covers, and what was seen. */
export function addCatalogueCommands(program: Command, setStatus: SetStatus): void {
  program
    .command('list')
    .description('cases and implementations there are; reads every case and runs none')
    .argument('[paths...]', 'case files or folders (default: the suite of tcpspec)')
    .option('--iuts', 'implementations instead of cases')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
Examples:
  tcpspec list                             id, level, kind, rules, title and place of every case
  tcpspec list my-cases                    the same of your own, and every mistake in them with its place
  tcpspec list --iuts                      names for --iut`,
    )
    .action(async (paths: string[], options: Record<string, unknown>) => {
      const { listCommand } = await import('../list.js');
      setStatus(await listCommand(paths, options));
    });
  program
    .command('coverage')
    .description('which rules of RFC 9293 and its companions have which cases, and why others have none')
    .argument('[paths...]', 'case files or folders (default: the suite of tcpspec)')
    .option('--cases', 'case to rules instead of rule to cases')
    .option('--json', 'both directions as JSON')
    .addHelpText(
      'after',
      `
Examples:
  tcpspec coverage                         each rule, the cases that cover it, or why there is none
  tcpspec coverage --cases                 each case and its rules
  tcpspec coverage my-cases --json         what your own cases cover, for a program`,
    )
    .action(async (paths: string[], options: Record<string, unknown>) => {
      const { coverageCommand } = await import('../coverage.js');
      setStatus(await coverageCommand(paths, options));
    });
  program
    .command('report')
    .description('write the report again from results files; several, as the shards of one run, are merged')
    .argument('<dir>', 'folder of the report')
    .argument('[results...]', 'results files, or folders of reports (default: the folder itself)')
    .option('--results <file>', 'one more results file or folder, repeatable', collect, [])
    .option('--compare <file>', 'results of an earlier run, to tell what is new')
    .addHelpText(
      'after',
      `
Examples:
  tcpspec report out                                   the page again, from out/results.json
  tcpspec report merged shard-1 shard-2                one report of two shards
  tcpspec report out --compare last-week/results.json  what is new since last week

Exit status: as that of a run with these results.`,
    )
    .action(async (dir: string, results: string[], options: { results: string[]; compare?: string }) => {
      const { reportCommand } = await import('../report.js');
      setStatus(await reportCommand(dir, { ...options, results: [...results, ...options.results] }));
    });
}

/** `schema`, `doctor` and `completion`: what editor, machine and shell need. */
export function addSupportCommands(program: Command, setStatus: SetStatus): void {
  program
    .command('schema')
    .description('print the JSON Schema of case files or of descriptors, for editors')
    .addArgument(new Argument('[of]', 'what').choices(['case', 'implementation']).default('case'))
    .addHelpText(
      'after',
      `
Examples:
  tcpspec schema > case.schema.json                    of cases; the package has it in schema/
  tcpspec schema implementation                        of what --iut takes

An editor with the YAML language server uses it from a file's first line:
  # yaml-language-server: $schema=./case.schema.json`,
    )
    .action(async (of: 'case' | 'implementation') => {
      const { schemaCommand } = await import('../schema.js');
      setStatus(await schemaCommand(of));
    });
  program
    .command('doctor')
    .description('what this machine lacks, and the command that installs it')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
Examples:
  sudo tcpspec doctor                      as root: also what only root may try
  tcpspec doctor --json                    for a program

Exit status: 0 nothing is missing; 3 something is.`,
    )
    .action(async (options: Record<string, unknown>) => {
      const { doctorCommand } = await import('../doctor.js');
      setStatus(await doctorCommand(options));
    });
  program
    .command('completion')
    .description('print what makes a shell complete commands, options, case ids and implementations')
    .addArgument(new Argument('<shell>', 'which shell').choices(['bash', 'zsh', 'fish']))
    .addHelpText(
      'after',
      `
Examples:
  source <(tcpspec completion bash)        in ~/.bashrc
  source <(tcpspec completion zsh)         in ~/.zshrc, after compinit
  tcpspec completion fish > ~/.config/fish/completions/tcpspec.fish`,
    )
    .action(async (shell: 'bash' | 'zsh' | 'fish') => {
      const { completionCommand } = await import('../completion/command.js');
      setStatus(await completionCommand(shell));
    });
  program
    .command('complete', { hidden: true })
    .description('what may stand at the last word: what the scripts of `tcpspec completion` ask')
    .argument('[words...]')
    .action(async (words: string[]) => {
      const { completeCommand } = await import('../completion/command.js');
      setStatus(await completeCommand(program, words));
    });
}
