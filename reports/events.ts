import type { CaseResult, ImplementationInfo, RunResults } from '../harness/run/results.js';
import type { Comparison } from './compare.js';

/** A case that is about to run, before anything is known of it but its name. */
export interface CaseStart {
  id: string;
  iut: string;
  title: string;
}

export interface RunStart {
  /** How many case runs are planned, all implementations together. */
  total: number;
  startedAt: string;
  implementations: ImplementationInfo[];
  /** How many may be in flight at once. */
  jobs: number;
}

/** Where a reader finds what a run left behind, paths as they should be shown, and what is new in it. */
export interface RunOutputs {
  html?: string;
  json?: string;
  /** What is new since an earlier run. */
  comparison?: Comparison;
}

/** What a run tells while it goes on. Every sink implements this; methods it does not need are left out. */
export interface Reporter {
  runStarted?(run: RunStart): void;
  caseStarted?(start: CaseStart): void;
  caseFinished?(result: CaseResult): void;
  /** The last call: every file named in `outputs` is written. */
  runFinished?(results: RunResults, outputs: RunOutputs): void;
}

/** One reporter that tells several, in order. */
export function tellAll(reporters: readonly Reporter[]): Required<Reporter> {
  return {
    runStarted: (run) => reporters.forEach((reporter) => reporter.runStarted?.(run)),
    caseStarted: (start) => reporters.forEach((reporter) => reporter.caseStarted?.(start)),
    caseFinished: (result) => reporters.forEach((reporter) => reporter.caseFinished?.(result)),
    runFinished: (results, outputs) =>
      reporters.forEach((reporter) => reporter.runFinished?.(results, outputs)),
  };
}
