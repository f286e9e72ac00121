import { copyFile, mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { RunResults } from '../harness/run/results.js';
import { withCapturesFound } from './write.js';

/**
 * The run of a results file, its captures copied below `dir` where they lie below the file's own folder: a merged report is
 * one folder that can be published or sent. Captures that are not there any more stay named as they were.
 */
export async function gatherCaptures(dir: string, run: RunResults, file: string): Promise<RunResults> {
  const from = path.dirname(path.resolve(file));
  const to = path.resolve(dir);
  const found = withCapturesFound(run, file);
  if (from === to) return found;
  const results = await Promise.all(
    found.results.map(async (result) => {
      const below = path.relative(from, result.capture);
      if (!path.isAbsolute(result.capture) || below.startsWith('..')) return result;
      const capture = path.join(to, below);
      await mkdir(path.dirname(capture), { recursive: true });
      await copyFile(result.capture, capture);
      return { ...result, capture };
    }),
  );
  return { ...found, results };
}
