import type { Verdict } from '../../harness/match/verdict.js';
import type { CaseResult } from '../../harness/run/results.js';
import type { Colours } from '../colours.js';
import { printableLine } from '../printable.js';
import type { Page } from '../terminal.js';
import { VERDICT_SIGN } from '../verdicts.js';

/** `✓ pass          linux     echo-user-space  12 ms`, with the reason where it is not a pass; never wraps. */
export function caseLine(result: CaseResult, { columns, colours }: Page): string {
  const verdict = paintVerdict(result.verdict, colours);
  const sign = verdict(VERDICT_SIGN[result.verdict]);
  const duration = `${Math.round(result.durationMs)} ms`;
  const reason = reasonOf(result);
  if (columns < 76) {
    const text = clip(`${printableLine(result.id)} ${result.iut}`, columns - 3 - duration.length);
    return `${sign} ${result.verdict === 'pass' ? text : verdict(text)} ${colours.dim(duration)}`;
  }
  const name = `${result.iut.padEnd(12)} ${printableLine(result.id).padEnd(28)}`;
  const room = columns - 17 - name.length - duration.length;
  const why = reason === '' || room < 12 ? '' : colours.dim(` ${clip(reason, room - 1)}`);
  const fitted = clip(name, columns - 17 - duration.length);
  return `${sign} ${verdict(result.verdict.padEnd(13))} ${fitted} ${colours.dim(duration)}${why}`;
}

/** Why a result is not a pass, in one line. */
export function reasonOf(result: CaseResult): string {
  if (result.verdict === 'pass') return '';
  if (result.knownDeviation) return printableLine(`known deviation: ${result.knownDeviation.reason}`);
  const reason = result.reason ?? result.failure?.requirement ?? '';
  return printableLine(result.stage === undefined ? reason : `${result.stage}: ${reason}`);
}

export function paintVerdict(verdict: Verdict, colours: Colours): (text: string) => string {
  switch (verdict) {
    case 'pass':
      return colours.green;
    case 'fail':
      return colours.red;
    case 'error':
      return colours.magenta;
    case 'inconclusive':
    case 'non-strict':
      return colours.yellow;
    case 'unsupported':
      return colours.dim;
  }
}

export function clip(text: string, columns: number): string {
  if (text.length <= columns) return text;
  return columns <= 1 ? text.slice(0, Math.max(0, columns)) : `${text.slice(0, columns - 1)}…`;
}
