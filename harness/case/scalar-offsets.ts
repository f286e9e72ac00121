import { SCALAR_STYLE } from 'js-yaml';
import type { ScalarEvent } from 'js-yaml';

/**
 * Source offset of each character of a decoded scalar. Exact for scalars on one line, plain or quoted, and for
 * literal blocks; folded text points at the line's beginning of the scalar.
 */
export function scalarOffsets(
  source: string,
  event: ScalarEvent,
  decoded: string,
): (index: number) => number {
  const { valueStart, valueEnd, style } = event;
  const raw = source.slice(valueStart, valueEnd);
  if (raw === decoded) return (index) => valueStart + index;
  let offsets: number[] | undefined;
  return (index) => {
    offsets ??= exactOffsets(raw, style, decoded, event.indent);
    const inside = offsets[Math.min(index, offsets.length - 1)] ?? 0;
    return valueStart + inside;
  };
}

function exactOffsets(raw: string, style: number, decoded: string, indent: number): number[] {
  const offsets =
    style === SCALAR_STYLE.SINGLE_QUOTED
      ? walk(
          raw,
          () => /''|[^\r\n]/y,
          (piece) => (piece === "''" ? 1 : piece.length),
        )
      : style === SCALAR_STYLE.DOUBLE_QUOTED
        ? walk(raw, () => /\\x..|\\u.{4}|\\U.{8}|\\[^\r\n]|[^\r\n\\]/y, decodedLength)
        : style === SCALAR_STYLE.LITERAL_BLOCK
          ? literalOffsets(raw, indent)
          : [0];
  // The entry behind the last character is the place of "something is missing at the end".
  const complete = offsets.length > decoded.length || style === SCALAR_STYLE.LITERAL_BLOCK;
  return complete ? offsets : [0];
}

function walk(raw: string, pattern: () => RegExp, lengthOf: (piece: string) => number): number[] {
  const offsets: number[] = [];
  const piece = pattern();
  let position = 0;
  while (position < raw.length) {
    piece.lastIndex = position;
    const match = piece.exec(raw);
    if (match === null) return [];
    for (let count = lengthOf(match[0]); count > 0; count--) offsets.push(position);
    position += match[0].length;
  }
  offsets.push(position);
  return offsets;
}

/** UTF-16 units that one escape of a double-quoted scalar becomes. */
function decodedLength(piece: string): number {
  return piece.startsWith('\\U') && parseInt(piece.slice(2), 16) > 0xffff ? 2 : 1;
}

function literalOffsets(raw: string, indent: number): number[] {
  const offsets: number[] = [];
  for (const line of raw.matchAll(/([^\r\n]*)(\r\n?|\n|$)/g)) {
    const text = line[1] ?? '';
    const skipped = Math.min(Math.max(0, indent), text.length);
    for (let column = skipped; column <= text.length; column++) offsets.push(line.index + column);
    if (line[2] === '') break;
  }
  return offsets;
}
