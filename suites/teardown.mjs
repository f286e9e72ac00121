import { endEngine, finished, startedAt } from './engine-holder.mjs';

/** Ends the engine and writes the report of everything that the suites ran. */
export default async function teardown() {
  await endEngine();
  if (finished.length === 0) return;
  const { writeSuiteReport } = await import('../dist/harness/run/suite-report.js');
  const page = await writeSuiteReport(finished, process.env.TCPSPEC_SUITE_OUT ?? 'reports/out', startedAt);
  process.stdout.write(`\nreport  ${page}\n`);
  const { generateAllure } = await import('../dist/reports/allure-generate.js');
  const allure = await generateAllure();
  if (allure !== undefined) process.stdout.write(`allure  ${allure}\n`);
}
