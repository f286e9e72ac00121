import type { CaseResult, ImplementationInfo } from './results.js';

/** Whom the engine tells what happens; methods that are not needed are left out. */
export interface RunListener {
  runStarted?(run: {
    total: number;
    startedAt: string;
    implementations: ImplementationInfo[];
    jobs: number;
  }): void;
  caseStarted?(start: { id: string; iut: string; title: string }): void;
  caseFinished?(result: CaseResult): void;
}
