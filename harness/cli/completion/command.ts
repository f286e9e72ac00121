import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Command } from 'commander';
import { PROJECT_ROOT } from '../../run/implementation.js';
import { EXIT_OK } from '../exit.js';
import { completions } from './completions.js';

export type Shell = 'bash' | 'zsh' | 'fish';

/** Prints the script that a shell reads once; from then on it asks `tcpspec complete` at each tab. */
export async function completionCommand(shell: Shell): Promise<number> {
  process.stdout.write(
    await readFile(path.join(PROJECT_ROOT, 'scripts/completion', `tcpspec.${shell}`), 'utf8'),
  );
  return EXIT_OK;
}

/** Prints what may stand at the last of the words, one a line: the word, a tab, what it is. Never fails: a shell waits. */
export async function completeCommand(program: Command, words: string[]): Promise<number> {
  try {
    const lines = (await completions(program, words)).map(({ value, about }) =>
      about === undefined ? value : `${value}\t${about.replaceAll(/\s+/g, ' ')}`,
    );
    process.stdout.write(lines.map((line) => `${line}\n`).join(''));
  } catch {
    // A broken case file is told by the commands that read it, not in the middle of a line that somebody types.
  }
  return EXIT_OK;
}
