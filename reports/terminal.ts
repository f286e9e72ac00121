import type { CaseResult, RunResults } from '../harness/run/results.js';
import { coloursFor, wantsColour, type Colours } from './colours.js';
import { countOf } from './duration.js';
import type { CaseStart, Reporter, RunOutputs, RunStart } from './events.js';
import { caseLine } from './terminal/case-line.js';
import { failureBlock } from './terminal/failure-block.js';
import { LiveArea } from './terminal/live-area.js';
import { progressLines } from './terminal/progress-lines.js';
import { summaryLines } from './terminal/summary-lines.js';

export interface TerminalOptions {
  /** Where to write; standard output by default (standard error when standard output carries JSON). */
  stream?: NodeJS.WriteStream | TerminalStream;
  env?: NodeJS.ProcessEnv;
  /** Overrides what the environment and the stream say. */
  colour?: boolean;
  /** Redraw what runs now; on a terminal outside CI by default. */
  live?: boolean;
  /** Columns; the terminal's own by default, 100 where it has none. */
  columns?: number;
  /** Prints the failure text and ladder of at most so many results; all by default. */
  maxFailures?: number;
}

/** As much of a terminal as the reporter uses. */
export interface TerminalStream {
  write(text: string): unknown;
  isTTY?: boolean;
  columns?: number;
}

/**
 * The report of a run on a terminal: one line a case, what runs now (on a terminal only), for each failure its text and
 * the ladder with the offending packet, and a closing summary that says what the exit status means.
 */
export class TerminalReporter implements Reporter {
  readonly #stream: TerminalStream;
  readonly #options: TerminalOptions;
  readonly #colours: Colours;
  readonly #live: LiveArea | undefined;
  readonly #running = new Map<string, CaseStart>();
  readonly #shown: CaseResult[] = [];
  #run: RunStart = { total: 0, startedAt: '', implementations: [], jobs: 1 };
  #done = 0;
  #unexpected = 0;
  #startedMs = 0;

  constructor(options: TerminalOptions = {}) {
    const env = options.env ?? process.env;
    this.#options = options;
    this.#stream = options.stream ?? process.stdout;
    this.#colours = coloursFor(options.colour ?? wantsColour(this.#stream, env));
    const live = options.live ?? (this.#stream.isTTY === true && !isSet(env['CI']) && env['TERM'] !== 'dumb');
    this.#live = live ? new LiveArea(this.#stream, () => this.#progress()) : undefined;
  }

  runStarted(run: RunStart): void {
    this.#run = run;
    this.#startedMs = performance.now();
    const names = run.implementations.map(({ name }) => name).join(', ');
    const count = run.total === 1 ? '1 case' : `${run.total} cases`;
    this.#print([this.#colours.bold(`${count} on ${names === '' ? 'no implementation' : names}`)]);
    this.#live?.start();
  }

  caseStarted(start: CaseStart): void {
    this.#running.set(keyOf(start), start);
    this.#live?.redraw();
  }

  caseFinished(result: CaseResult): void {
    this.#running.delete(keyOf(result));
    this.#done++;
    if (result.unexpected) this.#unexpected++;
    if (deservesDetails(result)) this.#shown.push(result);
    this.#print([caseLine(result, this.#page())]);
  }

  runFinished(results: RunResults, outputs: RunOutputs): void {
    this.#live?.stop();
    const most = this.#options.maxFailures ?? Infinity;
    const page = this.#page();
    const blocks = new Map<string, CaseResult[]>();
    for (const result of this.#shown) {
      const trouble = sameTrouble(result);
      blocks.set(trouble, [...(blocks.get(trouble) ?? []), result]);
    }
    for (const [first, ...others] of [...blocks.values()].slice(0, most)) {
      this.#print(['', ...failureBlock(first!, page)]);
      if (others.length > 0) this.#print([`  likewise  ${countOf(others.length, 'other case')}`]);
    }
    if (blocks.size > most) this.#print(['', `${blocks.size - most} more like these are in the report`]);
    this.#print(['', ...summaryLines(results, outputs, page)]);
  }

  #progress(): string[] {
    const seconds = (performance.now() - this.#startedMs) / 1000;
    const state = { total: this.#run.total, done: this.#done, unexpected: this.#unexpected, seconds };
    return progressLines(state, [...this.#running.values()], this.#page());
  }

  #page(): Page {
    return { columns: this.#options.columns ?? this.#stream.columns ?? 100, colours: this.#colours };
  }

  #print(lines: string[]): void {
    const text = lines.map((line) => `${line}\n`).join('');
    if (this.#live) this.#live.above(text);
    else this.#stream.write(text);
  }
}

/** How wide a page is and how it is coloured: what every block of the terminal report needs. */
export interface Page {
  columns: number;
  colours: Colours;
}

/** What is shown with text and ladder: everything that fails the run, and what went wrong without being known. */
export function deservesDetails(result: CaseResult): boolean {
  if (result.unexpected) return true;
  return result.verdict !== 'pass' && result.failure !== undefined && result.knownDeviation === undefined;
}

/** What never came to run for one reason is told once; every other result is a trouble of its own. */
function sameTrouble({ iut, id, verdict, reason, failure, packets }: CaseResult): string {
  const alike = verdict === 'error' && failure === undefined && packets.length === 0;
  return JSON.stringify(alike ? [iut, reason] : [iut, reason, id]);
}

function keyOf({ id, iut }: { id: string; iut: string }): string {
  return `${iut} ${id}`;
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '' && value !== '0' && value !== 'false';
}
