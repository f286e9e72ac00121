import { appendFile } from 'node:fs/promises';
import { coloursFor, wantsColour } from '../../reports/colours.js';
import { gatherCaptures } from '../../reports/gather-captures.js';
import { githubSummary } from '../../reports/github.js';
import { MergeError, mergeResults } from '../../reports/merge.js';
import { exitMeaning } from '../../reports/exit-meaning.js';
import { comparisonLines } from '../../reports/terminal/comparison-lines.js';
import { writeReport } from '../../reports/write.js';
import { loadCatalogue, loadOpenRules } from '../coverage/catalogue.js';
import { EXIT_USAGE } from './exit.js';
import { readResults, resultsFile } from './results-file.js';

/**
 * Writes a report again from results files, several of them (the shards of one run) merged. Returns what a run with these
 * results would have returned.
 */
export async function reportCommand(
  dir: string,
  options: { results: string[]; compare?: string },
): Promise<number> {
  const named = options.results.length > 0 ? options.results : [dir];
  const files = await Promise.all(named.map(resultsFile));
  const runs = await Promise.all(
    files.map(async (file) => gatherCaptures(dir, await readResults(file), file)),
  );
  const earlier = options.compare === undefined ? undefined : await readResults(options.compare);
  let merged;
  try {
    merged = mergeResults(runs, files);
  } catch (error) {
    if (!(error instanceof MergeError)) throw error;
    throw Object.assign(error, { exitStatus: EXIT_USAGE });
  }
  const catalogue = await loadCatalogue();
  const written = await writeReport(dir, merged, {
    catalogue,
    openRules: await loadOpenRules(),
    ...(earlier === undefined ? {} : { earlier }),
  });
  process.stdout.write(`${written.html}\n`);
  const { comparison } = written;
  if (comparison !== undefined) {
    const page = { columns: 100, colours: coloursFor(wantsColour(process.stdout, process.env)) };
    process.stdout.write(comparisonLines(comparison, page).join('\n') + '\n');
  }
  const summaryFile = process.env['GITHUB_STEP_SUMMARY'];
  if (summaryFile) {
    const options = { requirements: catalogue, ...(comparison === undefined ? {} : { comparison }) };
    await appendFile(summaryFile, githubSummary(written.results, options));
  }
  return exitMeaning(merged).exit;
}
