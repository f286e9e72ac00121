import os from 'node:os';
import { writeReport } from '../../reports/write.js';
import { loadCatalogue, loadOpenRules } from '../coverage/catalogue.js';
import { wiresharkVersion } from '../dissect/version.js';
import { summarise } from './engine.js';
import { loadImplementation } from './implementation.js';
import { type CaseResult, RESULTS_SCHEMA_VERSION } from './results.js';

/** Writes the HTML report and what belongs to it for results that a test run has gathered. Returns the page's path. */
export async function writeSuiteReport(
  results: CaseResult[],
  dir: string,
  startedAt: string,
): Promise<string> {
  const names = [...new Set(results.map((result) => result.iut))];
  const implementations = await Promise.all(names.map((name) => loadImplementation(name)));
  const written = await writeReport(
    dir,
    {
      schemaVersion: RESULTS_SCHEMA_VERSION,
      startedAt,
      durationMs: Date.now() - Date.parse(startedAt),
      environment: { node: process.versions.node, wireshark: await wiresharkVersion(), kernel: os.release() },
      implementations: implementations.map(({ name, title, attach, deviations }) => ({
        name,
        title,
        attach,
        deviations: deviations.map(({ case: id, reason, reference }) => ({
          case: id,
          reason,
          ...(reference === undefined ? {} : { reference }),
        })),
      })),
      results,
      summary: summarise(results),
    },
    { catalogue: await loadCatalogue(), openRules: await loadOpenRules() },
  );
  return written.html;
}
