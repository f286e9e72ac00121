import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { CaseError, codeFrame } from './case-error.js';
import { doubleId, loadCases } from './load.js';
import type { LoadContext, LoadedCases } from './load.js';
import type { TestCase } from './model.js';
import { SourceText } from './source-text.js';

/** More than the text that `loadCases` takes can be in UTF-8. */
const MAX_OCTETS = 16 * 1024 * 1024;

/** Folders beside the cases that hold other YAML. */
const SKIPPED_FOLDERS = ['recipes', 'requirements', 'node_modules'];

/**
 * Reads cases from files, and from folders with everything below them (`*.yaml`, `*.yml`; not `recipes/`, `requirements/` and
 * hidden folders, nor descriptors of implementations that lie among the cases). Every problem of every file is returned at once. Never throws for anything about the files.
 */
export async function loadCaseFiles(
  paths: readonly string[],
  context: LoadContext = {},
): Promise<LoadedCases> {
  const files = new Set<string>();
  const named = new Set(paths);
  const errors: CaseError[] = [];
  for (const path of paths) {
    try {
      for (const file of await caseFilesOf(path)) files.add(file);
    } catch (error) {
      errors.push(unreadable(path, error));
    }
  }
  const cases: TestCase[] = [];
  for (const file of files) {
    const loaded = await loadFile(file, context, named.has(file));
    cases.push(...loaded.cases);
    errors.push(...loaded.errors);
  }
  return withoutDoubles(cases, errors);
}

async function caseFilesOf(path: string): Promise<string[]> {
  const found = await stat(path);
  if (!found.isDirectory()) return [path];
  const entries = await readdir(path, { withFileTypes: true });
  const files: string[] = [];
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const child = join(path, entry.name);
    if (entry.isDirectory()) {
      const isSkipped = entry.name.startsWith('.') || SKIPPED_FOLDERS.includes(entry.name);
      if (!isSkipped) files.push(...(await caseFilesOf(child)));
    } else if (!/\.ya?ml$/.test(entry.name)) continue;
    else if (entry.isFile() || (entry.isSymbolicLink() && (await isFile(child)))) files.push(child);
  }
  return files;
}

/** A link that leads nowhere is somebody else's business; one to a folder could lead in circles. */
async function isFile(link: string): Promise<boolean> {
  try {
    return (await stat(link)).isFile();
  } catch {
    return false;
  }
}

async function loadFile(file: string, context: LoadContext, isNamed: boolean): Promise<LoadedCases> {
  let bytes: Uint8Array;
  try {
    const found = await stat(file);
    // A pipe is as good as a file; a device may never end.
    if (!found.isFile() && !found.isFIFO())
      return { cases: [], errors: [tooOdd(file, 'neither a file nor a folder')] };
    if (found.size > MAX_OCTETS)
      return { cases: [], errors: [tooOdd(file, `a file of ${found.size} octets`)] };
    bytes = await readFile(file);
  } catch (error) {
    return { cases: [], errors: [unreadable(file, error)] };
  }
  const text = decodeUtf8(bytes);
  if (text === undefined) return { cases: [], errors: [notUtf8(file, bytes)] };
  return !isNamed && isDescriptor(text) ? { cases: [], errors: [] } : loadCases(file, text, context);
}

/** An implementation's descriptor, by keys that no case has. */
function isDescriptor(text: string): boolean {
  return /^name:/m.test(text) && /^attach:/m.test(text) && !/^id:/m.test(text);
}

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function notUtf8(file: string, bytes: Uint8Array): CaseError {
  const isUtf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  const lenient = new TextDecoder('utf-8').decode(bytes);
  const source = new SourceText(file, lenient);
  const place = source.placeAt(isUtf16 ? 0 : Math.max(0, lenient.indexOf('\ufffd')));
  const found = isUtf16 ? 'UTF-16' : 'octets that are not UTF-8';
  const frame = codeFrame(source, place);
  return new CaseError({ place, found, expected: 'UTF-8', remedy: 'save the file as UTF-8', frame });
}

function tooOdd(path: string, found: string): CaseError {
  return new CaseError({
    place: { file: path, line: 1, column: 1 },
    found,
    expected: 'a case file of at most 16 MiB',
  });
}

function unreadable(path: string, error: unknown): CaseError {
  const { code, message } = error as NodeJS.ErrnoException;
  const found =
    code === 'ENOENT'
      ? 'no such file or folder'
      : code === 'EACCES'
        ? 'a file that may not be read'
        : `unreadable: ${message}`;
  return new CaseError({
    place: { file: path, line: 1, column: 1 },
    found,
    expected: 'a case file or a folder of them',
  });
}

/** An id names one case in the whole run. Within a file `loadCases` has looked already. */
function withoutDoubles(cases: readonly TestCase[], errors: readonly CaseError[]): LoadedCases {
  const seen = new Map<string, TestCase>();
  const doubles: CaseError[] = [];
  const unique = cases.filter((testCase) => {
    const first = seen.get(testCase.id);
    if (first === undefined) seen.set(testCase.id, testCase);
    else {
      const source = new SourceText(testCase.place.file, testCase.source);
      const frame = codeFrame(source, testCase.place, testCase.id.length);
      doubles.push(new CaseError({ place: testCase.place, ...doubleId(testCase, first), frame }));
    }
    return first === undefined;
  });
  return { cases: unique, errors: [...errors, ...doubles] };
}
