import type { CaseResult, ImplementationInfo } from '../../harness/run/results.js';
import type { Comparison } from '../compare.js';
import type { Requirement } from '../requirements.js';
import type { PackedPackets } from './packed-packets.js';

/** What the page knows before any case is opened. Cases stand once, whatever number of implementations ran them. */
export interface ReportIndex {
  startedAt: string;
  durationMs: number;
  environment: Record<string, string>;
  implementations: ImplementationInfo[];
  exit: { exit: number; text: string };
  cases: CaseEntry[];
  results: ResultEntry[];
  requirements: Requirement[];
  /** Why rules have no case, by their id. */
  openRules: Record<string, string>;
  comparison?: Comparison;
  /** Folder of the report as seen from where it was written; captures lie below it. */
  folder?: string;
}

/** What all results of one case share. */
export type CaseEntry = Pick<
  CaseResult,
  'id' | 'title' | 'purpose' | 'level' | 'covers' | 'tags' | 'family' | 'file' | 'line'
>;

/** One result, as far as lists need it. */
export interface ResultEntry extends Pick<
  CaseResult,
  'iut' | 'verdict' | 'unexpected' | 'durationMs' | 'reason' | 'stage' | 'since' | 'history' | 'tries'
> {
  /** Index in `cases`. */
  case: number;
  known?: CaseResult['knownDeviation'];
  /** One line on what went wrong. */
  brief?: string;
}

/** A result with its case, and the number under which its details are embedded. */
export interface Listed extends CaseEntry, Omit<ResultEntry, 'case'> {
  detail: number;
}

/** What a case page shows beyond the index; embedded one block a result, read when it is opened. */
export interface CaseDetail extends Pick<
  CaseResult,
  | 'failure'
  | 'diagnosis'
  | 'marks'
  | 'outcomes'
  | 'phases'
  | 'capture'
  | 'displayFilter'
  | 'rerun'
  | 'output'
  | 'otherFrames'
> {
  packets: PackedPackets;
  /** Packets of the case that the file leaves out for its size. */
  packetsLeftOut: number;
  /** Index among the embedded case files. */
  source: number;
  /** The capture itself, deflated and base64, where it fits. */
  captureData?: string;
}

/** Results with their cases, in the order of the run. */
export function listed(index: Pick<ReportIndex, 'cases' | 'results'>): Listed[] {
  return index.results.flatMap(({ case: number, ...own }, detail) => {
    const entry = index.cases[number];
    return entry === undefined ? [] : [{ ...entry, ...own, detail }];
  });
}
