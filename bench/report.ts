/// <reference lib="dom" />
import { mkdtemp, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { readResults, resultsFile } from '../harness/cli/results-file.js';
import { loadCatalogue, loadOpenRules } from '../harness/coverage/catalogue.js';
import type { CaseResult, RunResults } from '../harness/run/results.js';
import { withCapturesFound, writeReport } from '../reports/write.js';

/**
 * The HTML report of 500 cases on 4 implementations, made of the results of a real run (`node dist/bench/report.js DIR`, the
 * folder of its report): its size, when its first view is there, and how long a filter and the page of a case take.
 */
const CASES = 500;
const IUTS = ['first', 'second', 'third', 'fourth'];
const LIMITS = { megabytes: 10, firstViewMs: 1000, filterMs: 100 };

await main(process.argv[2] ?? 'reports/out');

async function main(place: string): Promise<void> {
  const file = await resultsFile(place);
  const run = enlarged(withCapturesFound(await readResults(file), file));
  const folder = await mkdtemp(path.join(os.tmpdir(), 'tcpspec-bench-report-'));
  try {
    const started = performance.now();
    const { html } = await writeReport(folder, run, {
      catalogue: await loadCatalogue(),
      openRules: await loadOpenRules(),
    });
    say('results', run.results.length, '');
    say('written in', performance.now() - started, 'ms');
    const megabytes = (await stat(html)).size / 1e6;
    say('size', megabytes, `MB, limit ${LIMITS.megabytes}`);
    const { firstView, filter, casePage } = await inBrowser(html, run, path.join(folder, 'profile'));
    say('first view', firstView, `ms, limit ${LIMITS.firstViewMs}`);
    say('slowest filter', filter, `ms, limit ${LIMITS.filterMs}`);
    say('slowest page of a case', casePage, 'ms');
    const isWithin =
      megabytes < LIMITS.megabytes && firstView < LIMITS.firstViewMs && filter < LIMITS.filterMs;
    process.exitCode = isWithin ? 0 : 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** As many cases as the bench wants, each with its own packets, on four implementations. */
function enlarged(run: RunResults): RunResults {
  const real = run.results.filter(({ packets }) => packets.length > 0);
  if (real.length === 0) throw new Error('the run has no result with packets');
  const results = Array.from({ length: CASES }, (_, at) => at).flatMap((at) =>
    IUTS.map((iut, column): CaseResult => {
      const result = real[(at + column * CASES) % real.length]!;
      return { ...result, iut, id: `${result.id}-${at}` };
    }),
  );
  return { ...run, results, implementations: [] };
}

async function inBrowser(html: string, run: RunResults, profile: string) {
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env['TCPSPEC_CHROMIUM'] ?? '/usr/bin/chromium',
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--no-first-run',
    ],
  });
  try {
    const page = await context.newPage();
    const firstViews: number[] = [];
    for (let at = 0; at < 5; at++) firstViews.push(await load(page, html));
    const filters = [...(await filterTimes(page, 'cases')), ...(await filterTimes(page, 'rules'))];
    const pages: number[] = [];
    for (const at of [0, 700, 1400, run.results.length - 1]) pages.push(await open(page, run.results[at]!));
    return { firstView: median(firstViews), filter: Math.max(...filters), casePage: Math.max(...pages) };
  } finally {
    await context.close();
  }
}

/** Loads the page; ms until its first view is drawn and its script has run. */
async function load(page: Page, html: string): Promise<number> {
  await page.goto('about:blank');
  await page.goto(`file://${html}`);
  await shown(page);
  return page.evaluate(() => {
    const [paint] = performance.getEntriesByName('first-contentful-paint');
    const [navigation] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
    return Math.max(paint?.startTime ?? Infinity, navigation?.loadEventEnd ?? Infinity);
  });
}

/** Types into the filter of a view; ms of each keystroke until the rows are laid out anew. */
async function filterTimes(page: Page, view: string): Promise<number[]> {
  await page.evaluate((hash) => (location.hash = hash), `#${view}`);
  await shown(page);
  return page.evaluate((name) => {
    const input = document.querySelector<HTMLInputElement>(`#view-${name} input`)!;
    return ['w', 'wi', 'window', 'MUST-5', 'no such text', ''].map((text) => {
      input.value = text;
      const start = performance.now();
      input.dispatchEvent(new Event('input', { bubbles: true }));
      document.body.getBoundingClientRect();
      return performance.now() - start;
    });
  }, view);
}

async function open(page: Page, { id, iut }: CaseResult): Promise<number> {
  const start = performance.now();
  await page.evaluate((hash) => (location.hash = hash), `#case=${encodeURIComponent(id)}&iut=${iut}`);
  await shown(page);
  return performance.now() - start;
}

async function shown(page: Page): Promise<void> {
  await page.waitForFunction(() => document.getElementById('main')?.dataset['shown'] === location.hash);
}

function median(values: number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

function say(what: string, value: number, unit: string): void {
  const text = value >= 100 || Number.isInteger(value) ? String(Math.round(value)) : value.toFixed(1);
  process.stdout.write(`${what.padEnd(24)} ${text.padStart(8)} ${unit}\n`);
}
