import { endEngine, finished } from './engine-holder.mjs';

/** Ends the engine and writes the report of everything that the suites ran. */
export default async function teardown() {
  if (finished.length > 0) {
    const { writeSuiteReport } = await import('../dist/harness/run/suite-report.js');
    await writeSuiteReport(finished);
  }
  await endEngine();
}
