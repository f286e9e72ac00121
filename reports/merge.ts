import {
  RESULTS_SCHEMA_VERSION,
  type CaseResult,
  type ImplementationInfo,
  type RunResults,
} from '../harness/run/results.js';
import { countVerdicts } from './verdicts.js';

/** Results files that are no shards of one run. */
export class MergeError extends Error {
  override name = 'MergeError';
  readonly remedy: string;
  constructor(message: string, remedy: string) {
    super(message);
    this.remedy = remedy;
  }
}

/**
 * One results file from the shards of a run. Throws MergeError when a case stands in two of them, when a file is of another
 * schema version, or when there is none. `names` are the files' names, for messages. Durations are the longest shard's:
 * shards run side by side.
 */
export function mergeResults(runs: readonly RunResults[], names: readonly string[] = []): RunResults {
  const nameOf = (at: number): string => names[at] ?? `file ${at + 1}`;
  const first = runs[0];
  if (first === undefined)
    throw new MergeError('there is nothing to merge', 'give at least one results file');
  for (const [at, run] of runs.entries()) {
    if (run.schemaVersion === RESULTS_SCHEMA_VERSION) continue;
    throw new MergeError(
      `${nameOf(at)}: schemaVersion ${String(run.schemaVersion)}, expected ${RESULTS_SCHEMA_VERSION}`,
      'merge files that this version of tcpspec wrote',
    );
  }
  refuseTwice(runs, nameOf);
  const implementations = mergedImplementations(runs);
  const results = inTurn(runs, implementations);
  return {
    schemaVersion: RESULTS_SCHEMA_VERSION,
    startedAt: runs.map(({ startedAt }) => startedAt).sort()[0]!,
    durationMs: Math.max(...runs.map(({ durationMs }) => durationMs)),
    environment: mergedEnvironment(runs),
    implementations,
    results,
    summary: {
      ...countVerdicts(results),
      total: results.length,
      unexpected: results.filter(({ unexpected }) => unexpected).length,
    },
  };
}

/**
 * The results in the order of the run before it was dealt out: every n-th to a shard. By implementation, so that files that
 * were not dealt out are in order too.
 */
function inTurn(runs: readonly RunResults[], implementations: readonly ImplementationInfo[]): CaseResult[] {
  const longest = Math.max(...runs.map(({ results }) => results.length));
  const dealt = Array.from({ length: longest }, (_, at) => runs.flatMap(({ results }) => results[at] ?? []));
  const rank = new Map(implementations.map(({ name }, at) => [name, at]));
  const rankOf = ({ iut }: CaseResult): number => rank.get(iut) ?? implementations.length;
  return dealt.flat().sort((one, other) => rankOf(one) - rankOf(other));
}

/** A case may stand several times in one file (it was repeated), never in two. */
function refuseTwice(runs: readonly RunResults[], nameOf: (at: number) => string): void {
  const seen = new Map<string, number>();
  for (const [at, run] of runs.entries()) {
    for (const { id, iut } of run.results) {
      const key = JSON.stringify([iut, id]);
      const where = seen.get(key);
      if (where !== undefined && where !== at) {
        throw new MergeError(
          `${id} on ${iut} stands in ${nameOf(where)} and in ${nameOf(at)}`,
          'merge the shards of one run: --shard 1/n to n/n with the same cases and implementations',
        );
      }
      seen.set(key, at);
    }
  }
}

/** What differs between machines is named with all its values. */
function mergedEnvironment(runs: readonly RunResults[]): Record<string, string> {
  const keys = [...new Set(runs.flatMap(({ environment }) => Object.keys(environment)))];
  return Object.fromEntries(
    keys.map((key) => [
      key,
      [...new Set(runs.flatMap(({ environment }) => environment[key] ?? []))].join(', '),
    ]),
  );
}

function mergedImplementations(runs: readonly RunResults[]): ImplementationInfo[] {
  const byName = new Map<string, ImplementationInfo>();
  for (const info of runs.flatMap(({ implementations }) => implementations)) {
    const known = byName.get(info.name);
    if (known === undefined) byName.set(info.name, info);
    else {
      const deviations = new Map(
        [...known.deviations, ...info.deviations].map((one) => [JSON.stringify(one), one]),
      );
      byName.set(info.name, { ...known, deviations: [...deviations.values()] });
    }
  }
  return [...byName.values()];
}
