// The engine lives in the outer realm of the jest process: one for all test files, ended by the global teardown.
let engine;

/** When this test run began. */
export const startedAt = new Date().toISOString();

/** Starts the engine on first use. */
export async function getEngine() {
  if (!engine) {
    const { createEngine } = await import('../dist/harness/run/engine.js');
    engine = createEngine({ jobs: 8, outputDir: process.env.TCPSPEC_SUITE_OUT ?? 'reports/out' });
  }
  return engine;
}

/** Everything the suites ran, for the report that the teardown writes. */
export const finished = [];

export async function endEngine() {
  const ended = engine;
  engine = undefined;
  await ended?.close();
}
