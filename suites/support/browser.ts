import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { chromium, type BrowserContext, type Page } from 'playwright-core';

const CANDIDATES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

export interface OpenOptions {
  width?: number;
  height?: number;
  colorScheme?: 'light' | 'dark';
}

/** A page together with everything that it complained of or asked of the world. */
export interface WatchedPage {
  page: Page;
  /** Console errors and warnings, uncaught errors, requests for anything but the file itself. */
  complaints: string[];
}

/** The system's Chromium with a profile of its own, which goes with it. Throws where there is no Chromium. */
export class Browser {
  readonly #profile: string;
  readonly #context: BrowserContext;

  private constructor(profile: string, context: BrowserContext) {
    this.#profile = profile;
    this.#context = context;
  }

  static async start(options: OpenOptions = {}): Promise<Browser> {
    const profile = await mkdtemp(path.join(os.tmpdir(), 'tcpspec-chromium-'));
    const context = await chromium.launchPersistentContext(profile, {
      executablePath: chromiumPath(),
      headless: true,
      acceptDownloads: true,
      viewport: { width: options.width ?? 1200, height: options.height ?? 900 },
      colorScheme: options.colorScheme ?? 'light',
      args: [
        '--headless',
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    });
    return new Browser(profile, context);
  }

  async open(file: string, hash = ''): Promise<WatchedPage> {
    const page = await this.#context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('dialog', (dialog) => {
      complaints.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith(`file://${file}`) && !url.startsWith('data:')) complaints.push(`request: ${url}`);
    });
    await page.goto(`file://${file}${hash}`);
    await settled(page);
    return { page, complaints };
  }

  async close(): Promise<void> {
    await this.#context.close();
    await rm(this.#profile, { recursive: true, force: true });
  }
}

/** Waits until the report shows what its address names. */
export async function settled(page: Page): Promise<void> {
  await page.waitForFunction(() => document.getElementById('main')?.dataset['shown'] === location.hash);
}

/** What axe-core finds wrong on a page, one line a finding. */
export async function accessibilityFindings(page: Page): Promise<string[]> {
  const source = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  await page.evaluate(source);
  const found = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run: () => Promise<AxeResults> } };
    const { violations } = await axe.run();
    return violations.flatMap(({ id, help, nodes }) =>
      nodes.slice(0, 3).map((node) => `${id}: ${help}: ${node.html} ${node.failureSummary ?? ''}`),
    );
  });
  return found;
}

interface AxeResults {
  violations: { id: string; help: string; nodes: { html: string; failureSummary?: string }[] }[];
}

function chromiumPath(): string {
  const named = process.env['TCPSPEC_CHROMIUM'];
  const found = named ?? CANDIDATES.find((candidate) => existsSync(candidate));
  if (found === undefined) {
    throw new Error(
      'no Chromium on this machine; install it (apt-get install chromium) or set TCPSPEC_CHROMIUM',
    );
  }
  return found;
}
