import type { Failure } from '../../harness/match/verdict.js';
import type { CaseResult, RunResults } from '../../harness/run/results.js';
import type { Comparison } from '../compare.js';
import { exitMeaning } from '../exit-meaning.js';
import type { Requirement } from '../requirements.js';
import { dataBlock, deflated, plainBlock } from './embed.js';
import type { CaseDetail, CaseEntry, ReportIndex, ResultEntry } from './data.js';
import { packPackets } from './packed-packets.js';

export interface CollectOptions {
  requirements?: readonly Requirement[];
  comparison?: Comparison;
  openRules?: readonly { id: string; reason: string }[];
  folder?: string;
  /** Octets of a result's capture, for the download inside the file; nothing where it is not to be embedded. */
  captureOf?: (result: CaseResult) => Uint8Array | undefined;
  /** Characters that all details together may have; what the rest of the page leaves of 9.5 million by default. */
  detailBudget?: number;
}

/** Characters of the whole page: one file must stay under 10 MB. */
const PAGE_BUDGET = 9_500_000;
/** Of these, what script, style and overview take. */
const AROUND = 400_000;
/** Octets of embedded captures, as base64. */
const CAPTURE_BUDGET = 2_000_000;
const MOST_PACKETS = 5000;

/** The data of a report: the index, and the blocks that the page reads when a case is opened. */
export function collect(
  run: RunResults,
  options: CollectOptions = {},
): { index: ReportIndex; blocks: string[] } {
  const sources = new Numbered<string>((source) => source);
  const index = indexOf(run, options);
  const captures = embeddedCaptures(run, options);
  const details = run.results.map((result) =>
    detailOf(result, sources.of(result.source), captures.get(result)),
  );
  const others = [plainBlock('index', index), dataBlock('sources', sources.values)];
  const left = PAGE_BUDGET - AROUND - others.reduce((sum, block) => sum + block.length, 0);
  const blocks = withinBudget(run, details, options.detailBudget ?? left);
  return { index, blocks: [...blocks, ...others] };
}

function indexOf(run: RunResults, options: CollectOptions): ReportIndex {
  const cases = new Numbered<CaseEntry>((entry) => JSON.stringify(entry));
  const results = run.results.map((result): ResultEntry => {
    const brief = briefly(result);
    return {
      case: cases.of(caseEntry(result)),
      iut: result.iut,
      verdict: result.verdict,
      unexpected: result.unexpected,
      durationMs: Math.round(result.durationMs * 10) / 10,
      ...(result.reason === undefined ? {} : { reason: result.reason }),
      ...(result.stage === undefined ? {} : { stage: result.stage }),
      ...(result.tries === undefined ? {} : { tries: result.tries }),
      ...(result.since === undefined ? {} : { since: result.since }),
      ...(result.history === undefined ? {} : { history: result.history }),
      ...(result.knownDeviation === undefined ? {} : { known: result.knownDeviation }),
      ...(brief === undefined ? {} : { brief }),
    };
  });
  return {
    startedAt: run.startedAt,
    durationMs: run.durationMs,
    environment: run.environment,
    implementations: implementationsOf(run),
    exit: exitMeaning(run),
    cases: cases.values,
    results,
    requirements: [...(options.requirements ?? [])].map(shownRequirement),
    openRules: Object.fromEntries((options.openRules ?? []).map(({ id, reason }) => [id, reason])),
    ...(options.comparison === undefined ? {} : { comparison: options.comparison }),
    ...(options.folder === undefined ? {} : { folder: options.folder }),
  };
}

/** Only what the page shows: the catalogue has more. */
function shownRequirement({
  id,
  rfc,
  level,
  neg,
  section,
  feature,
  observable,
  how,
  notes,
}: Requirement): Requirement {
  return { id, rfc, level, neg, section, feature, observable, how, notes };
}

function caseEntry(result: CaseResult): CaseEntry {
  const { id, title, purpose, level, covers, tags, family, file, line } = result;
  return { id, title, purpose, level, covers, tags, family, file, line };
}

/** Implementations of the run, those included that only results name. */
export function implementationsOf(run: RunResults): RunResults['implementations'] {
  const known = new Set(run.implementations.map(({ name }) => name));
  const others = [...new Set(run.results.map(({ iut }) => iut))].filter((name) => !known.has(name));
  return [
    ...run.implementations,
    ...others.map((name) => ({ name, title: name, attach: '', deviations: [] })),
  ];
}

/** What went wrong, in one line: expected and seen, or the reason. */
export function briefly({ failure, reason, verdict, diagnosis }: CaseResult): string | undefined {
  if (verdict === 'pass') return undefined;
  if (failure === undefined) return reason;
  const cause = diagnosis.find(({ severity }) => severity === 'error')?.title;
  const where = failure.frame === undefined ? '' : `packet ${failure.frame}: `;
  const seen = `${failure.actual}${wanted(failure)}`;
  return `${where}${seen}${cause === undefined ? '' : ` (${cause})`}`;
}

function wanted({ kind, expected }: Failure): string {
  if (expected === '') return '';
  return kind === 'never'
    ? `, must never come: ${expected.replace(/^never:\s*/, '')}`
    : `, expected ${expected}`;
}

function detailOf(result: CaseResult, source: number, captureData: string | undefined): CaseDetail {
  const packets = result.packets.slice(0, MOST_PACKETS);
  return {
    packets: packPackets(packets),
    packetsLeftOut: result.packets.length - packets.length,
    marks: result.marks.slice(0, MOST_PACKETS),
    diagnosis: result.diagnosis,
    outcomes: result.outcomes,
    phases: result.phases,
    capture: result.capture,
    displayFilter: result.displayFilter,
    rerun: result.rerun,
    source,
    ...(result.failure === undefined ? {} : { failure: result.failure }),
    ...(result.output === undefined ? {} : { output: result.output }),
    ...(result.otherFrames === undefined ? {} : { otherFrames: result.otherFrames }),
    ...(captureData === undefined ? {} : { captureData }),
  };
}

/** Captures of what failed come first, then the others, until the budget is spent. */
function embeddedCaptures(run: RunResults, { captureOf }: CollectOptions): Map<CaseResult, string> {
  const chosen = new Map<CaseResult, string>();
  if (captureOf === undefined) return chosen;
  let left = CAPTURE_BUDGET;
  const urgency = (result: CaseResult): number => (result.unexpected ? 0 : result.verdict === 'pass' ? 2 : 1);
  for (const result of [...run.results].sort((a, b) => urgency(a) - urgency(b))) {
    if (left <= 0) break;
    const octets = captureOf(result);
    if (octets === undefined) continue;
    const text = deflated(octets);
    if (text.length > left) continue;
    left -= text.length;
    chosen.set(result, text);
  }
  return chosen;
}

/**
 * The blocks of all details. Where they are too much they are deflated, however short. If that is not enough, captures and
 * long packet lists of passing cases go first, the longest before the short, then those of the others, then all packets, in
 * the same order.
 */
function withinBudget(run: RunResults, details: CaseDetail[], budget: number): string[] {
  const blockOf = (detail: CaseDetail, number: number): string => dataBlock(`detail-${number}`, detail);
  const sizeOf = (all: string[]): number => all.reduce((sum, block) => sum + block.length, 0);
  let blocks = details.map(blockOf);
  if (sizeOf(blocks) <= budget) return blocks;
  // Nothing that a person could read in the file as it is, but nothing is lost.
  const packed = (detail: CaseDetail, number: number): string => dataBlock(`detail-${number}`, detail, 0);
  blocks = details.map(packed);
  let size = sizeOf(blocks);
  const order = [...blocks.keys()].sort(
    (a, b) => Number(isWrong(run, a)) - Number(isWrong(run, b)) || blocks[b]!.length - blocks[a]!.length,
  );
  for (const most of [FEW_PACKETS, 0]) {
    for (const number of order) {
      if (size <= budget) return blocks;
      const short = packed(shortened(details[number]!, most), number);
      size -= blocks[number]!.length - short.length;
      blocks[number] = short;
    }
  }
  return blocks;
}

function isWrong(run: RunResults, number: number): boolean {
  return run.results[number]?.verdict !== 'pass';
}

/** Packets that tell how a connection began. */
const FEW_PACKETS = 20;

function shortened(detail: CaseDetail, most: number): CaseDetail {
  const rest = { ...detail };
  delete rest.captureData;
  const rows = detail.packets.rows.slice(0, most);
  const leftOut = detail.packetsLeftOut + detail.packets.rows.length - rows.length;
  return {
    ...rest,
    packets: { ...detail.packets, rows },
    marks: detail.marks.slice(0, most),
    packetsLeftOut: leftOut,
  };
}

/** Values that stand once, each with its number. */
class Numbered<T> {
  readonly values: T[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #key: (value: T) => string;

  constructor(key: (value: T) => string) {
    this.#key = key;
  }

  of(value: T): number {
    const key = this.#key(value);
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    this.values.push(value);
    this.#numbers.set(key, this.values.length - 1);
    return this.values.length - 1;
  }
}
