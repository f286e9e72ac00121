import path from 'node:path';
import { PROJECT_ROOT } from './implementation.js';

/**
 * How this program is called from the folder where it runs: `bin/tcpspec` in a checkout, `npx tcpspec` where it is a
 * package of the project, `tcpspec` where it is installed for everybody. For commands that a reader can paste.
 */
export function programName(root = PROJECT_ROOT, cwd = process.cwd()): string {
  const parent = path.dirname(root);
  if (path.basename(parent) !== 'node_modules') return seenFrom(cwd, path.join(root, 'bin', 'tcpspec'));
  const project = path.dirname(parent);
  const isOfThisProject = cwd === project || cwd.startsWith(project + path.sep);
  return isOfThisProject ? 'npx tcpspec' : 'tcpspec';
}

/** The path as one would type it: relative below the folder, absolute elsewhere. */
function seenFrom(cwd: string, file: string): string {
  const relative = path.relative(cwd, file);
  return shellWord(relative.startsWith('..') ? file : relative);
}

/** A word as a shell takes it, quoted where it has to be. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
