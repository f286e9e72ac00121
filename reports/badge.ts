import type { RunResults } from '../harness/run/results.js';
import { exitMeaning } from './exit-meaning.js';
import type { Requirement } from './requirements.js';
import { levelShares, ruleTable } from './rules.js';
import { xmlText } from './xml.js';

export interface Badge {
  label: string;
  message: string;
  colour: 'good' | 'bad' | 'open';
}

/** What a badge says of a run: MUST rules kept of those judged on one implementation, or whether the run is as it should be. */
export function badgeOf(run: RunResults, iut?: string, requirements?: readonly Requirement[]): Badge {
  const { exit } = exitMeaning(run);
  if (iut === undefined) {
    const wrong = run.results.filter(({ unexpected }) => unexpected).length;
    const message =
      exit === 0 ? `${run.results.length} as expected` : `${wrong} of ${run.results.length} not`;
    return { label: 'RFC 9293', message, colour: exit === 0 ? 'good' : 'bad' };
  }
  const must = levelShares(ruleTable(run.results, requirements), iut)[0]!;
  const colour = must.judged === 0 ? 'open' : must.broken === 0 ? 'good' : 'bad';
  return { label: `${iut} RFC 9293`, message: `${must.kept}/${must.judged} MUST`, colour };
}

/** The badge as SVG, in words too. */
export function badgeSvg({ label, message, colour }: Badge): string {
  const [left, right] = [width(label), width(message)];
  const whole = left + right;
  const [first, second] = [xmlText(label), xmlText(message)];
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${whole}" height="20" role="img" aria-label="${first}: ${second}"><title>${first}: ${second}</title><rect width="${whole}" height="20" rx="3" fill="#4a5058"/><path d="M${left} 0h${right - 3}a3 3 0 0 1 3 3v14a3 3 0 0 1 -3 3h-${right - 3}z" fill="${FILL[colour]}"/><g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" text-anchor="middle"><text x="${left / 2}" y="14" textLength="${left - 12}">${first}</text><text x="${left + right / 2}" y="14" textLength="${right - 12}">${second}</text></g></svg>\n`;
}

/** The JSON that shields.io's endpoint badge reads. */
export function badgeEndpoint({ label, message, colour }: Badge): Record<string, unknown> {
  const color = colour === 'good' ? 'brightgreen' : colour === 'bad' ? 'red' : 'lightgrey';
  return { schemaVersion: 1, label, message, color };
}

/** About what Verdana 11 needs, with 6 pixels on each side. */
function width(text: string): number {
  return Math.round(Array.from(text).length * 6.7) + 12;
}

const FILL: Record<Badge['colour'], string> = { good: '#1a7f37', bad: '#b3261e', open: '#59626d' };
