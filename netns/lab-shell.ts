import { once } from 'node:events';
import { constants } from 'node:os';
import { READ_GUARD_COMMAND } from './guard.js';
import { createLab } from './lab.js';
import type { Lab } from './lab.js';
import { LabError } from './errors.js';
import { privatePid } from './private.js';

export interface LabShellOptions {
  kernelRst: 'allow' | 'drop';
  /** What to run at the client; an interactive shell when empty. */
  command?: readonly string[];
  /** Where the explanation goes; standard error unless told, since standard output is the command's. */
  write?: (text: string) => void;
}

/**
 * Builds a lab with the kernel's TCP at both ends, tells what there is and how to look at it, runs a command (or a
 * shell) at the client with this process's standard streams, and takes the lab down again. Returns the command's exit
 * status. Works inside of runPrivate only. Throws LabError.
 */
export async function runLabShell(options: LabShellOptions): Promise<number> {
  const write = options.write ?? ((text) => void process.stderr.write(text));
  const lab = await createLab({
    kernelRst: options.kernelRst,
    clientKernel: true,
    serverKernel: true,
    countResets: true,
    id: '',
  });
  try {
    const command = options.command ?? [];
    write(describeLab(lab, options.kernelRst));
    if (command.length > 0) return await runAtClient(lab, command);
    write('\nThis shell is at the client. Leave it, and the lab is gone.\n');
    return await runAtClient(lab, [process.env.SHELL ?? '/bin/sh']);
  } finally {
    await lab.destroy();
  }
}

/** What a person needs to work in a lab by hand. */
export function describeLab(lab: Lab, kernelRst: 'allow' | 'drop'): string {
  const ends = [lab.client, lab.server].map(
    (end) => `  ${end.netns}  ${end.ipv4}  ${end.ipv6}  ${end.interface}  ${end.mac}\n`,
  );
  const server = lab.server.netns;
  const pid = privatePid();
  const outside =
    pid === undefined
      ? ''
      : `  from another terminal       sudo nsenter --net=/proc/${pid}/root${lab.server.path} wireshark -k -i eth0\n`;
  const counted = kernelRst === 'drop' ? 'dropped and counted' : 'allowed and counted';
  return `Two network namespaces joined by a wire; no way leads out.

${ends.join('')}
Run a command at an end       ip netns exec ${server} nc -l 8080
Watch the wire                ip netns exec ${server} tshark -i eth0
${outside}Resets of the kernels         ${counted}: ip netns exec ${lab.client.netns} ${READ_GUARD_COMMAND}
`;
}

async function runAtClient(lab: Lab, command: readonly string[]): Promise<number> {
  const child = lab.spawn('client', command, { stdio: 'inherit' });
  // Ctrl-C is for the command, which has it from the terminal; what comes to this process alone is passed on.
  const ignore = () => {};
  const pass = (signal: NodeJS.Signals) => void child.kill(signal);
  process.on('SIGINT', ignore).on('SIGTERM', pass).on('SIGHUP', pass);
  try {
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    return code ?? 128 + constants.signals[signal ?? 'SIGKILL'];
  } catch (cause) {
    throw new LabError(`'${command[0]}' could not be started`, {
      command: command.join(' '),
      cause,
      remedy: 'Is it installed, and in PATH?',
    });
  } finally {
    process.off('SIGINT', ignore).off('SIGTERM', pass).off('SIGHUP', pass);
  }
}
