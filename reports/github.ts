import { appendFileSync } from 'node:fs';
import path from 'node:path';
import type { CaseResult, RunResults } from '../harness/run/results.js';
import type { Reporter, RunOutputs } from './events.js';
import { briefly } from './html/collect.js';
import { markdownSummary, type MarkdownOptions } from './markdown.js';
import { printable } from './printable.js';
import type { Requirement } from './requirements.js';

/** GitHub shows ten annotations of a kind a step; the rest is in the summary. */
const MOST = 10;

/** What goes into `$GITHUB_STEP_SUMMARY`, below its limit of 1 MiB. */
export function githubSummary(run: RunResults, options: MarkdownOptions = {}): string {
  for (const ladders of [20, 5, 0]) {
    const text = markdownSummary(run, { ladders, ...options });
    if (Buffer.byteLength(text) < 1_000_000) return text;
  }
  return markdownSummary(run, { ...options, ladders: 0 }).slice(0, 900_000);
}

/**
 * Workflow commands that mark the failing lines of case files: `::error file=...,line=...::...`. Values are escaped as the
 * runner undoes it, so that no text of a case or a stack is a command of its own. Files are named as seen from `workspace`,
 * the checkout, as GitHub wants them.
 */
export function githubAnnotations(run: RunResults, workspace = process.cwd()): string[] {
  const unexpected = run.results.filter((result) => result.unexpected);
  return unexpected.slice(0, MOST).map((result) => annotation(result, workspace));
}

function annotation(result: CaseResult, workspace: string): string {
  const place = result.failure?.place;
  const properties = {
    file: path.relative(workspace, place?.file ?? result.file),
    line: String(place?.line ?? result.line),
    ...(place === undefined ? {} : { col: String(place.column) }),
    title: printable(`${result.verdict}: ${result.id} on ${result.iut}`),
  };
  const list = Object.entries(properties).map(([name, value]) => `${name}=${escapeProperty(value)}`);
  const brief = [result.failure?.requirement, briefly(result)]
    .filter((part) => part !== undefined)
    .join('\n');
  const message = brief === '' ? (result.reason ?? result.purpose) : brief;
  return `::error ${list.join(',')}::${escapeData(printable(message))}`;
}

function escapeData(text: string): string {
  return text.replace(/%/g, '%25').replace(/\r/g, '%0D').replace(/\n/g, '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replace(/:/g, '%3A').replace(/,/g, '%2C');
}

/** Inside a job of GitHub Actions: annotations on the log when the run ends, the summary on the job's page. */
export class GithubReporter implements Reporter {
  readonly #stream: { write(text: string): unknown };
  readonly #summaryFile: string | undefined;
  readonly #workspace: string | undefined;
  readonly #requirements: readonly Requirement[] | undefined;

  /** `stream` must not be one that carries JSON; `env` names the summary file; with the catalogue it counts all rules. */
  constructor(
    stream: { write(text: string): unknown } = process.stderr,
    env: NodeJS.ProcessEnv = process.env,
    requirements?: readonly Requirement[],
  ) {
    this.#stream = stream;
    this.#summaryFile = env['GITHUB_STEP_SUMMARY'];
    this.#workspace = env['GITHUB_WORKSPACE'];
    this.#requirements = requirements;
  }

  runFinished(run: RunResults, { comparison }: RunOutputs = {}): void {
    for (const line of githubAnnotations(run, this.#workspace)) this.#stream.write(`${line}\n`);
    if (this.#summaryFile) {
      const requirements = this.#requirements;
      appendFileSync(
        this.#summaryFile,
        githubSummary(run, {
          ...(comparison === undefined ? {} : { comparison }),
          ...(requirements === undefined ? {} : { requirements }),
        }),
      );
    }
  }
}
