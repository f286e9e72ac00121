import path from 'node:path';
import { MergeError, mergeResults } from '../../reports/merge.js';
import { exitMeaning } from '../../reports/exit-meaning.js';
import { withCapturesFound, writeReport } from '../../reports/write.js';
import { loadCatalogue, loadOpenRules } from '../coverage/catalogue.js';
import { EXIT_USAGE } from './exit.js';
import { readResults } from './run.js';

/**
 * Writes a report again from results files, several of them (the shards of one run) merged. Returns what a run with these
 * results would have returned.
 */
export async function reportCommand(
  dir: string,
  options: { results: string[]; compare?: string },
): Promise<number> {
  const files = options.results.length > 0 ? options.results : [path.join(dir, 'results.json')];
  const runs = await Promise.all(files.map(async (file) => withCapturesFound(await readResults(file), file)));
  let merged;
  try {
    merged = mergeResults(runs, files);
  } catch (error) {
    if (!(error instanceof MergeError)) throw error;
    throw Object.assign(error, { exitStatus: EXIT_USAGE });
  }
  const written = await writeReport(dir, merged, {
    catalogue: await loadCatalogue(),
    openRules: await loadOpenRules(),
    ...(options.compare === undefined ? {} : { earlier: await readResults(options.compare) }),
  });
  process.stdout.write(`${written.html}\n`);
  return exitMeaning(merged).exit;
}
