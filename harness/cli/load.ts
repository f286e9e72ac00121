import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { loadCaseFiles } from '../case/load-files.js';
import { loadCatalogue } from '../coverage/catalogue.js';
import type { TestCase } from '../case/model.js';
import { PROJECT_ROOT } from '../run/implementation.js';

/** Case files that could not be loaded: every problem with its place. Exit status 2. */
export class CasesInvalid extends Error {
  readonly exitStatus = 2;
}

/** The suite of tcpspec itself. */
export const OWN_CASES = path.join(PROJECT_ROOT, 'expectations');

/** Loads the cases of files and folders, the project's own without any. Throws CasesInvalid with all problems. */
export async function loadAll(paths: string[]): Promise<TestCase[]> {
  const wanted = paths.length > 0 ? paths : [path.relative(process.cwd(), OWN_CASES) || '.'];
  const { cases, errors } = await loadCaseFiles(wanted, { requirements: await requirementNames() });
  if (errors.length > 0) {
    throw new CasesInvalid(
      `${plural(errors.length, 'problem')} in case files\n\n${errors.map(String).join('\n\n')}`,
    );
  }
  if (cases.length === 0) throw new CasesInvalid(`no case in ${wanted.join(', ')}`);
  return cases;
}

/** What `covers:` may name: rules by id, and sections as R9293-3.5. */
async function requirementNames(): Promise<Set<string>> {
  const names = new Set<string>();
  for (const { id, rfc, section } of await loadCatalogue()) {
    names.add(id);
    const parts = section.split('.');
    parts.forEach((_, index) => names.add(`R${rfc}-${parts.slice(0, index + 1).join('.')}`));
  }
  return names;
}

/** Names of the project's own implementations, Linux first. */
export async function ownImplementations(): Promise<string[]> {
  const files = await readdir(path.join(PROJECT_ROOT, 'implementations'));
  const names = files.filter((file) => file.endsWith('.yaml')).map((file) => file.slice(0, -'.yaml'.length));
  return names.sort((a, b) => Number(b === 'linux') - Number(a === 'linux') || (a < b ? -1 : 1));
}

export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
