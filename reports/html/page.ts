import { createHash } from 'node:crypto';
import type { CaseResult, RunResults } from '../../harness/run/results.js';
import type { Comparison } from '../compare.js';
import { ladderSvg } from '../ladder-svg.js';
import { html, Markup } from '../markup.js';
import type { Requirement } from '../requirements.js';
import { countOf, dateText, duration } from '../duration.js';
import { bundle } from './bundle.js';
import { collect } from './collect.js';
import { listed } from './data.js';
import { overview, type Example } from './overview.js';
import { PAGE_STYLE } from './style.js';

export interface PageOptions {
  /** The catalogue of rules; without it the matrix has the rules that cases name. */
  requirements?: readonly Requirement[];
  comparison?: Comparison;
  /** Why rules of the catalogue have no case. */
  openRules?: readonly { id: string; reason: string }[];
  /** Octets of a result's capture, where it may be embedded for the download. */
  captureOf?: (result: CaseResult) => Uint8Array | undefined;
  /** Folder of the report as seen from where it is written, for the commands on it. */
  folder?: string;
  title?: string;
}

/**
 * The report of a run as one HTML file that needs nothing else: no request, no other file but captures too large to
 * embed. The content security policy names the one script and the one style sheet by their hashes, so nothing that a
 * payload, a case or an implementation printed could run even if it became markup.
 */
export async function htmlReport(run: RunResults, options: PageOptions = {}): Promise<string> {
  const script = await clientScript();
  const { index, blocks } = collect(run, options);
  const title = options.title ?? `tcpspec: ${index.implementations.map(({ name }) => name).join(', ')}`;
  const policy = [
    `default-src 'none'`,
    `script-src '${hashOf(script)}'`,
    `style-src '${hashOf(PAGE_STYLE)}'`,
    `img-src data:`,
    `base-uri 'none'`,
    `form-action 'none'`,
  ].join('; ');
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="referrer" content="no-referrer" />
        <title>${title}</title>
        <link rel="icon" href="data:," />
        ${exactly('style', PAGE_STYLE)}
      </head>
      <body>
        <a class="skip" href="#main">Skip to the content</a>
        <header class="top">
          <h1>${title}</h1>
          <span class="dim"
            ><time datetime="${run.startedAt}">${dateText(run.startedAt)}</time> ·
            ${countOf(run.results.length, 'result')} in ${duration(run.durationMs)}</span
          >
          <span class="grow"></span>
          <label class="theme small dim"
            >Theme
            <select id="theme">
              <option value="">system</option>
              <option value="light">light</option>
              <option value="dark">dark</option>
            </select></label
          >
        </header>
        <nav class="views" aria-label="Views" id="views">
          <a href="#overview" aria-current="page">Overview</a>
        </nav>
        <main id="main" tabindex="-1">
          <section id="view-overview" data-view="overview">
            ${overview(listed(index), index, exampleOf(run))}
          </section>
          <noscript
            ><p>
              The matrices, filters and case pages need the script in this file. The overview above is
              complete without it.
            </p></noscript
          >
        </main>
        <footer>
          ${Object.entries(run.environment).map(([name, value]) => html`${name} ${value} · `)}Verdicts come
          from tshark’s dissection of the stored captures.
        </footer>
        ${new Markup(blocks.join('\n'))} ${exactly('script', script)}
      </body>
    </html>`.text;
}

/** The first packet trace that says something: of what fails the run, else of what is broken, else of any case. */
function exampleOf(run: RunResults): Example | undefined {
  const drawable = run.results.filter(({ packets }) => packets.length > 0);
  const chosen =
    drawable.find(({ unexpected, failure }) => unexpected && failure !== undefined) ??
    drawable.find(({ verdict }) => verdict === 'fail') ??
    drawable[0];
  if (chosen === undefined) return undefined;
  return { svg: ladderSvg(chosen, { maxRows: 24 }), detail: run.results.indexOf(chosen) };
}

/** An element with nothing around its text: its hash stands in the policy. */
function exactly(name: 'style' | 'script', text: string): Markup {
  return new Markup(`<${name}>${text}</${name}>`);
}

let compiled: Promise<string> | undefined;

function clientScript(): Promise<string> {
  compiled ??= bundle(new URL('./client/main.js', import.meta.url)).then((script) => {
    if (/<\/script|<!--/i.test(script))
      throw new Error('the report’s script must not contain what ends a script element');
    return `(() => {\n${script}\n})();`;
  });
  return compiled;
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text, 'utf8').digest('base64')}`;
}
