import path from 'node:path';
import { isPrivate, runPrivate } from '../../netns/private.js';
import { PROJECT_ROOT } from '../run/implementation.js';
import { programName, shellWord } from '../run/program-name.js';
import { EXIT_MACHINE } from './exit.js';

/**
 * Starts this program again inside its private namespaces and returns that run's exit status; undefined when it is there
 * already and the caller is to go on.
 */
export async function enterPrivate(argv: string[]): Promise<number | undefined> {
  if (isPrivate()) return undefined;
  if (process.getuid?.() !== 0) {
    const command = ['sudo', programName(), ...argv.map(shellWord)].join(' ');
    process.stderr.write(`tcpspec: making network namespaces needs root\n  run: ${command}\n`);
    return EXIT_MACHINE;
  }
  return runPrivate([process.execPath, path.join(PROJECT_ROOT, 'bin', 'tcpspec'), ...argv]);
}
