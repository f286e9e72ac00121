import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { RunResults } from '../run/results.js';
import { EXIT_USAGE } from './exit.js';

/** Results of a run, from the file or from the folder of its report. Throws with a remedy when it is not that. */
export async function readResults(place: string): Promise<RunResults> {
  const file = await resultsFile(place);
  const fault = (message: string) =>
    Object.assign(new Error(`${file}: ${message}`), {
      exitStatus: EXIT_USAGE,
      remedy: 'give a file that `tcpspec run --json FILE` or --report wrote',
    });
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw fault((error as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : String(error));
  }
  try {
    const value = JSON.parse(text) as RunResults;
    if (typeof value.schemaVersion === 'number' && Array.isArray(value.results)) return value;
  } catch {
    // Told below, as any other content that is not a results file.
  }
  throw fault('these are not results of a run');
}

/** A results file by its own name or by the folder of its report. */
export async function resultsFile(place: string): Promise<string> {
  const found = await stat(place).catch(() => undefined);
  return found?.isDirectory() ? path.join(place, 'results.json') : place;
}
