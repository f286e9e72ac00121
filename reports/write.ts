import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { CaseResult, RunResults } from '../harness/run/results.js';
import { badgeEndpoint, badgeOf, badgeSvg } from './badge.js';
import { compareRuns, type Comparison, withHistory } from './compare.js';
import { htmlReport } from './html/page.js';
import { junitXml } from './junit.js';
import { markdownSummary } from './markdown.js';
import type { Requirement } from './requirements.js';

export interface WriteOptions {
  /** The catalogue of rules, for the matrix and what was not covered. */
  catalogue?: readonly Requirement[];
  /** Why rules of the catalogue have no case. */
  openRules?: readonly { id: string; reason: string }[];
  /** Results to compare with; by default those that the folder has from the run before, nothing where it is `false`. */
  earlier?: RunResults | false;
  title?: string;
}

/** Paths of what was written, below the folder as given. */
export interface WrittenReport {
  html: string;
  json: string;
  junit: string;
  markdown: string;
  badge: string;
  /** The results with history, as written. */
  results: RunResults;
  /** What is new since the earlier run, where there is one. */
  comparison?: Comparison;
}

/** Captures above this are linked, not embedded. */
const EMBEDDED_CAPTURE = 128 * 1024;

/**
 * Writes the report of a run: `index.html`, `results.json`, `junit.xml`, `summary.md`, `badge.svg`, `badge.json`. Captures
 * stay where they are; paths to them are seen from the folder. Every file is written beside its place and renamed, so that
 * a reader never sees half of one. Throws what the file system throws.
 */
export async function writeReport(
  dir: string,
  run: RunResults,
  options: WriteOptions = {},
): Promise<WrittenReport> {
  await mkdir(dir, { recursive: true });
  const earlier = options.earlier ?? (await earlierIn(dir, run));
  const results = withHistory(seenFrom(dir, run), earlier === false ? undefined : earlier);
  const comparison = earlier === false || earlier === undefined ? undefined : compareRuns(results, earlier);
  const shared = {
    ...(options.catalogue === undefined ? {} : { requirements: options.catalogue }),
    ...(comparison === undefined ? {} : { comparison }),
  };
  const html = await htmlReport(results, {
    ...shared,
    captureOf: (result) => captureOctets(dir, result),
    folder: fromHere(dir),
    ...(options.openRules === undefined ? {} : { openRules: options.openRules }),
    ...(options.title === undefined ? {} : { title: options.title }),
  });
  const badge = badgeOf(results, onlyIut(results), options.catalogue);
  const files = {
    html: ['index.html', html],
    json: ['results.json', `${JSON.stringify(results, null, 1)}\n`],
    junit: ['junit.xml', junitXml(results)],
    markdown: ['summary.md', markdownSummary(results, shared)],
    badge: ['badge.svg', badgeSvg(badge)],
    endpoint: ['badge.json', `${JSON.stringify(badgeEndpoint(badge))}\n`],
  } as const;
  for (const [name, text] of Object.values(files)) await writeAtomically(path.join(dir, name), text);
  const at = (name: keyof typeof files): string => path.join(dir, files[name][0]);
  return {
    html: at('html'),
    json: at('json'),
    junit: at('junit'),
    markdown: at('markdown'),
    badge: at('badge'),
    results,
    ...(comparison === undefined ? {} : { comparison }),
  };
}

/** Writes beside the place and renames; nothing is left beside it when that fails. */
export async function writeAtomically(file: string, text: string): Promise<void> {
  const partial = `${file}.${process.pid}.partial`;
  try {
    await writeFile(partial, text);
    await rename(partial, file);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}

/**
 * The run that a results file holds, with the paths of its captures as absolute ones where they are found: before files from
 * several folders are merged.
 */
export function withCapturesFound(run: RunResults, file: string): RunResults {
  const dir = path.dirname(path.resolve(file));
  const results = run.results.map((result) => ({
    ...result,
    capture: captureFile(dir, result.capture) ?? result.capture,
  }));
  return { ...run, results };
}

/** The folder as one types it: relative below this one, absolute elsewhere. */
function fromHere(dir: string): string {
  const relative = path.relative('', dir);
  return relative.startsWith('..') ? path.resolve(dir) : relative;
}

/** The run with paths of captures below the folder as seen from it, whatever they were seen from before. */
function seenFrom(dir: string, run: RunResults): RunResults {
  const results = run.results.map((result) => {
    const file = captureFile(dir, result.capture);
    if (file === undefined) return result;
    const relative = path.relative(path.resolve(dir), file);
    const below = !relative.startsWith('..') && !path.isAbsolute(relative);
    return { ...result, capture: below ? relative : file };
  });
  return { ...run, results };
}

/** The capture's place on this machine: as seen from the folder, or from where the run was started. */
function captureFile(dir: string, capture: string): string | undefined {
  if (capture === '') return undefined;
  return [path.resolve(dir, capture), path.resolve(capture)].find((file) => existsSync(file));
}

/** The folder's results where they are of a run before this one; written again, a run is not compared with itself. */
async function earlierIn(dir: string, run: RunResults): Promise<RunResults | undefined> {
  try {
    const value = JSON.parse(await readFile(path.join(dir, 'results.json'), 'utf8')) as RunResults;
    return Array.isArray(value.results) && value.startedAt < run.startedAt ? value : undefined;
  } catch {
    return undefined;
  }
}

function captureOctets(dir: string, result: CaseResult): Uint8Array | undefined {
  const file = captureFile(dir, result.capture);
  if (file === undefined) return undefined;
  try {
    const octets = readFileSync(file);
    return octets.length <= EMBEDDED_CAPTURE ? octets : undefined;
  } catch {
    return undefined;
  }
}

function onlyIut(run: RunResults): string | undefined {
  const names = new Set(run.results.map(({ iut }) => iut));
  return names.size === 1 ? [...names][0] : undefined;
}
