import type { Place } from './model.js';

/** A case file's text with what turns an offset into a line and a column, both 1-based. */
export class SourceText {
  readonly #lineStarts: number[];

  /** `text` is without a byte order mark. */
  constructor(
    readonly file: string,
    readonly text: string,
  ) {
    this.#lineStarts = startsOfLines(text);
  }

  placeAt(offset: number): Place {
    const clamped = Math.max(0, Math.min(offset, this.text.length));
    const index = lastNotAbove(this.#lineStarts, clamped);
    return { file: this.file, line: index + 1, column: clamped - (this.#lineStarts[index] ?? 0) + 1 };
  }

  /** The text of a 1-based line without its line break; undefined past the end. */
  line(number: number): string | undefined {
    const start = this.#lineStarts[number - 1];
    if (start === undefined) return undefined;
    const end = this.#lineStarts[number] ?? this.text.length;
    return this.text.slice(start, end).replace(/[\r\n]+$/, '');
  }
}

/** YAML counts LF, CRLF and a lone CR as line breaks. */
function startsOfLines(text: string): number[] {
  const starts = [0];
  for (const lineBreak of text.matchAll(/\r\n?|\n/g)) starts.push(lineBreak.index + lineBreak[0].length);
  return starts;
}

function lastNotAbove(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((sorted[middle] ?? 0) <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}
