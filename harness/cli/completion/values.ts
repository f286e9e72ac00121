import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { OWN_CASES, ownImplementations } from '../load.js';

export interface Candidate {
  value: string;
  about?: string;
}

/** What an option takes: from the operands that stand before it and what was typed of it so far. */
type Source = (operands: readonly string[], typed: string) => Candidate[] | Promise<Candidate[]>;

const files: Source = () => [{ value: ':files' }];
const folders: Source = () => [{ value: ':dirs' }];

/** By the name under which commander keeps an option. Those that take a number or choices are not here. */
export const VALUES: Readonly<Record<string, Source>> = {
  iut: async () => [...named(await ownImplementations(), 'of tcpspec'), { value: ':files' }],
  case: caseIds,
  tag: async (operands) => named([...new Set((await headers(operands)).flatMap(({ tags }) => tags))].sort()),
  mutant: async () => {
    const { loadMutants } = await import('../../mutants/load-mutants.js');
    const all = [...(await loadMutants()).values()].flat();
    return all.map(({ id, breaks }) => ({ value: id, about: breaks }));
  },
  report: folders,
  json: files,
  compare: files,
  results: files,
  expect: files,
  annotate: files,
  output: files,
};

/** Ids of cases; of one case with a table its rows, once its bracket is typed. */
async function caseIds(operands: readonly string[], typed: string): Promise<Candidate[]> {
  const all = await headers(operands);
  const bracket = typed.indexOf('[');
  if (bracket === -1) return all.map(({ id, title }) => ({ value: id, about: title }));
  const own = all.filter(({ id }) => id === typed.slice(0, bracket)).map(({ file }) => file);
  if (own.length === 0) return [];
  const { loadCaseFiles } = await import('../../case/load-files.js');
  const { cases } = await loadCaseFiles([...new Set(own)]);
  return cases.map(({ id, title }) => ({ value: id, about: title }));
}

interface Header {
  id: string;
  title: string;
  tags: string[];
  file: string;
}

/** The heads of case files, read without checking them: somebody waits with a finger on the tab key. */
async function headers(operands: readonly string[]): Promise<Header[]> {
  const wanted = operands.length > 0 ? operands : [OWN_CASES];
  const found = (await Promise.all(wanted.map(caseFiles))).flat();
  const all = await Promise.all(found.map(async (file) => headersOf(await readFile(file, 'utf8'), file)));
  return all.flat();
}

function headersOf(text: string, file: string): Header[] {
  return text.split(/^---.*$/m).flatMap((document) => {
    const value = (key: string): string | undefined =>
      new RegExp(`^${key}:[ \\t]+(.*)$`, 'm')
        .exec(document)?.[1]
        ?.trim()
        .replace(/^(["'])(.*)\1$/, '$2');
    const id = value('id')?.replace(/ +#.*$/, '');
    if (id === undefined) return [];
    const tags = (value('tags') ?? '').replace(/^\[|\]$/g, '').split(',');
    return [{ id, title: value('title') ?? '', tags: tags.map((tag) => tag.trim()).filter(Boolean), file }];
  });
}

/** Folders of the suite that hold no cases. */
const NO_CASES = new Set(['requirements', 'recipes']);

async function caseFiles(place: string): Promise<string[]> {
  if (!(await stat(place)).isDirectory()) return [place];
  const names = await readdir(place, { recursive: true });
  return names
    .filter((name) => /\.ya?ml$/.test(name) && !name.split(path.sep).some((part) => NO_CASES.has(part)))
    .map((name) => path.join(place, name));
}

function named(values: readonly string[], about?: string): Candidate[] {
  return values.map((value) => ({ value, ...(about === undefined ? {} : { about }) }));
}
