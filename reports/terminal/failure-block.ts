import type { CaseResult } from '../../harness/run/results.js';
import type { Colours } from '../colours.js';
import { withLadder } from '../failure-text.js';
import { ladderText, type Paint } from '../ladder.js';
import { printable, printableLine } from '../printable.js';
import type { Page } from '../terminal.js';
import { VERDICT_SIGN } from '../verdicts.js';
import { wrap } from '../wrap.js';
import { paintVerdict } from './case-line.js';

/** One result that needs eyes: heading, the whole failure text, the ladder, the cause where the text does not say it. */
export function failureBlock(result: CaseResult, { columns, colours }: Page): string[] {
  const paint = paintVerdict(result.verdict, colours);
  const heading = `${VERDICT_SIGN[result.verdict]} ${result.verdict}: ${printableLine(result.id)} on ${result.iut}`;
  const text = failureText(result)
    .split('\n')
    .flatMap((line) => folded(line, columns));
  return [
    colours.bold(paint(heading)),
    ...(result.packets.length === 0 ? text : withLadder(text, ladder(result, columns, colours))),
    ...causes(result, columns, colours),
  ];
}

function failureText(result: CaseResult): string {
  if (result.failure) return printable(result.failure.text.trimEnd());
  const lines = [`${result.file}:${result.line}`, result.purpose];
  if (result.verdict === 'pass' && result.knownDeviation) {
    lines.push(`  listed    as a known deviation: ${result.knownDeviation.reason}`);
    lines.push('  remedy    it deviates no longer: take it off the list of deviations');
  }
  if (result.stage !== undefined) lines.push(`  reached   ${result.stage}`);
  if (result.reason !== undefined) lines.push(`  reason    ${result.reason}`);
  if (result.capture !== '') lines.push(`  capture   ${result.capture}  ${result.displayFilter}`);
  lines.push(`  again     ${result.rerun}`);
  return printable(lines.join('\n'));
}

/** An indented sentence that is too long, folded below itself; lines that somebody may copy stay whole. */
function folded(line: string, columns: number): string[] {
  const [, indent = '', label = '', rest = ''] = /^( {2,})([a-z]+: +)?(.*)$/.exec(line) ?? [];
  if (line.length <= columns || (label === '' && indent.length < 5) || COPIED.test(line) || rest === '')
    return [line];
  const hanging = ' '.repeat(indent.length + label.length);
  const [first = '', ...more] = wrap(rest, Math.max(20, columns - hanging.length));
  return [`${indent}${label}${first}`, ...more.map((part) => `${hanging}${part}`)];
}

const COPIED = /^\s*(?:again|capture|filter)\b/;

function ladder(result: CaseResult, columns: number, colours: Colours): string[] {
  const paint = (kind: Paint, text: string): string => {
    if (kind === 'wrong') return colours.red(text);
    if (kind === 'expected') return colours.yellow(text);
    return kind === 'dim' ? colours.dim(text) : text;
  };
  const width = Math.min(columns, 120);
  return ladderText(result, { width, paint, window: { before: 8, after: 4 } }).split('\n');
}

function causes(result: CaseResult, columns: number, colours: Colours): string[] {
  if (result.diagnosis.some(({ title }) => result.failure?.text.includes(title))) return [];
  return result.diagnosis
    .filter(({ severity }) => severity === 'error' || severity === 'warning')
    .flatMap(({ title, frames, explanation, remedy }) => [
      '',
      ...labelled('cause', `${title} (${frames.length === 1 ? 'packet' : 'packets'} ${listed(frames)})`),
      ...labelled('', explanation),
      ...(remedy === undefined ? [] : labelled('remedy', remedy)),
    ]);

  function labelled(label: string, text: string): string[] {
    const [first, ...rest] = wrap(printableLine(text), Math.max(20, columns - 8));
    return [
      `${colours.bold(label)}${' '.repeat(8 - label.length)}${first ?? ''}`,
      ...rest.map((line) => `        ${line}`),
    ];
  }
}

function listed(frames: number[]): string {
  return frames.length > 6 ? `${frames.slice(0, 6).join(', ')}, …` : frames.join(', ');
}
