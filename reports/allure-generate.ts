import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { writeAtomically } from './write.js';

export interface GenerateOptions {
  /** Folder of the checkout; paths are seen from it. The working directory by default. */
  cwd?: string;
  /** Folder with Allure's results, `reports/allure-results` by default. */
  results?: string;
  /** Folder of the report, made anew; `reports/allure` by default. */
  output?: string;
  /** Settings, `reports/allurerc.mjs` of this package by default. */
  config?: string;
}

/** Allure could not make its report. */
export class AllureError extends Error {
  override name = 'AllureError';
  readonly remedy: string;
  constructor(message: string, remedy: string) {
    super(message);
    this.remedy = remedy;
  }
}

/**
 * Makes Allure's report from the results of a test run: no Java, no network, one page that opens from disk. Allure's pages
 * call Google's tag manager; that call is taken out, and a page in which it is left is an error. Returns the page's path,
 * or nothing where there are no results. Throws AllureError.
 */
export async function generateAllure(options: GenerateOptions = {}): Promise<string | undefined> {
  const cwd = options.cwd ?? process.cwd();
  const results = path.resolve(cwd, options.results ?? 'reports/allure-results');
  const output = path.resolve(cwd, options.output ?? 'reports/allure');
  if (!(await hasResults(results))) return undefined;
  await rm(output, { recursive: true, force: true });
  await mkdir(path.join(cwd, '.tcpspec'), { recursive: true });
  const { failed, all } = await execa(
    process.execPath,
    [
      allureCli(),
      'generate',
      results,
      '--config',
      options.config ?? configFile(),
      '--output',
      output,
      '--cwd',
      cwd,
    ],
    { cwd, all: true, reject: false, stdin: 'ignore', env: { NO_COLOR: '1' } },
  );
  if (failed) throw new AllureError(`allure generate failed:\n${all}`, 'look at the results in ' + results);
  const pages = (await readdir(output, { recursive: true })).filter((name) => name.endsWith('.html'));
  for (const page of pages) await withoutTracking(path.join(output, page));
  const first = pages.includes('index.html') ? 'index.html' : pages[0];
  if (first === undefined)
    throw new AllureError(`allure wrote no page:\n${all}`, 'look at the results in ' + results);
  return path.join(output, first);
}

/** The page without its call to Google's tag manager. */
export function stripTracking(page: string): string {
  return page
    .replace(/<script\b[^>]*\bsrc="https:\/\/www\.googletagmanager\.com\/[^"]*"[^>]*>\s*<\/script>/g, '')
    .replace(
      /<script>\s*window\.dataLayer\b(?:(?!<\/script>)[\s\S])*?\bgtag\((?:(?!<\/script>)[\s\S])*<\/script>/g,
      '',
    );
}

async function withoutTracking(file: string): Promise<void> {
  const page = await readFile(file, 'utf8');
  const clean = stripTracking(page);
  if (/googletagmanager|google-analytics/.test(clean)) {
    throw new AllureError(
      `${file} still calls Google`,
      'this version of allure writes it differently: adapt stripTracking',
    );
  }
  if (clean !== page) await writeAtomically(file, clean);
}

async function hasResults(folder: string): Promise<boolean> {
  try {
    return (
      (await stat(folder)).isDirectory() &&
      (await readdir(folder)).some((name) => name.endsWith('-result.json'))
    );
  } catch {
    return false;
  }
}

function allureCli(): string {
  try {
    return path.join(path.dirname(createRequire(import.meta.url).resolve('allure')), '..', 'cli.js');
  } catch {
    throw new AllureError('the package `allure` is not installed', 'npm install');
  }
}

/** Beside this file in a checkout; what is built stands one folder deeper. */
function configFile(): string {
  const here = fileURLToPath(new URL('.', import.meta.url));
  return here.split(path.sep).includes('dist')
    ? path.resolve(here, '../../reports/allurerc.mjs')
    : path.join(here, 'allurerc.mjs');
}
