import type { Place } from './model.js';
import type { SourceText } from './source-text.js';

export interface CaseErrorParts {
  place: Place;
  /** What stands there, in words: ``unknown key `Sqe` ``. */
  found: string;
  /** What may stand there; empty where the found part says it all. */
  expected: string;
  /** What to do about it: the likely intended spelling, or the rule that was broken. */
  remedy?: string | undefined;
  /** The lines around the place with a caret under it. */
  frame?: string;
  /** Name of the `table:` row with which the error appeared. */
  row?: string | undefined;
}

/**
 * One problem of a case file. The message is complete for a person: file:line:column, what was found, what may stand
 * there, the remedy, and the line with a caret.
 */
export class CaseError extends Error {
  override readonly name = 'CaseError';
  readonly place: Place;
  readonly found: string;
  readonly expected: string;
  readonly remedy: string | undefined;
  readonly row: string | undefined;

  constructor(parts: CaseErrorParts) {
    super(messageOf(parts));
    this.place = parts.place;
    this.found = parts.found;
    this.expected = parts.expected;
    this.remedy = parts.remedy;
    this.row = parts.row;
  }

  /** Without the class name: the message is meant for the person who wrote the case. */
  override toString(): string {
    return this.message;
  }
}

/** The line of `place` and the one before it, numbered, with a caret under `length` characters. */
export function codeFrame(source: SourceText, place: Place, length = 1): string {
  const line = source.line(place.line) ?? '';
  const width = String(place.line).length;
  const gutter = (mark: string, text: string): string => `${mark} ${text.padStart(width)} | `;
  // A long line is shown from a little before the caret.
  const cut = place.column > MAX_LINE - 20 ? place.column - 41 : 0;
  const shown = (text: string): string => printable(text.slice(cut, cut + MAX_LINE));
  const carets = '^'.repeat(Math.max(1, Math.min(length, line.length - place.column + 1, MAX_LINE / 2)));
  const frame: string[] = [];
  const before = source.line(place.line - 1);
  if (before !== undefined && before.trim() !== '') {
    frame.push(gutter(' ', String(place.line - 1)) + shown(before));
  }
  frame.push(gutter('>', String(place.line)) + shown(line));
  frame.push(gutter(' ', '') + ' '.repeat(place.column - 1 - cut) + carets);
  return frame.map((text) => text.trimEnd()).join('\n');
}

const MAX_LINE = 120;

/** One character stays one character, and none of them can steer a terminal. */
export function printable(text: string): string {
  return text.replace(/\t/g, ' ').replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, '\ufffd');
}

function messageOf(parts: CaseErrorParts): string {
  const { place, found, expected, remedy, frame, row } = parts;
  const lines = [`${place.file}:${place.line}:${place.column}: ${found}`];
  if (expected !== '') lines.push(`  expected: ${expected}`);
  if (remedy !== undefined) lines.push(`  remedy: ${remedy}`);
  if (row !== undefined) lines.push(`  in the table's row: ${row}`);
  const text = lines.map(printable).join('\n');
  return frame === undefined ? text : `${text}\n\n${frame}`;
}
