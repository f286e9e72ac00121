import { Command } from 'commander';
import { addCaptureCommands } from './commands/captures.js';
import { addCatalogueCommands, addSupportCommands } from './commands/catalogue.js';
import { addLab, addMutants, addRun } from './commands/running.js';
import { EXIT_MACHINE } from './exit.js';
import { version } from './version.js';

/** Takes the exit status of the command that ran. */
export type SetStatus = (status: number) => void;

/** The commands with their options and helps; `argv` is what they were called with. */
export function buildProgram(setStatus: SetStatus, argv: string[]): Command {
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
  addSupportCommands(program, setStatus);
  for (const command of program.commands) command.exitOverride();
  return program;
}

const HELP_FOOTER = `
Exit status: 0 all as it should be; 1 a conformance failure or a finding of severity error; 2 usage or invalid input;
${EXIT_MACHINE} this machine cannot run it (tcpspec doctor says what is missing).`;
