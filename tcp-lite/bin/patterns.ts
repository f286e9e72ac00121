import { Readable } from 'node:stream';

/** `octets` octets that repeat `pattern`; endless for Infinity. */
export function repeated(pattern: Buffer, octets: number): Readable {
  let left = octets;
  return new Readable({
    highWaterMark: pattern.length,
    read() {
      if (left <= 0) {
        this.push(null);
        return;
      }
      const piece = left < pattern.length ? pattern.subarray(0, left) : pattern;
      left -= piece.length;
      this.push(piece);
    },
  });
}

/** The lines of RFC 864: 72 printable characters, each line starting one further on. */
export const CHARGEN: Buffer = Buffer.from(
  Array.from({ length: 95 }, (_, line) => {
    const characters = Array.from({ length: 72 }, (_, column) =>
      String.fromCharCode(32 + ((line + column) % 95)),
    );
    return `${characters.join('')}\r\n`;
  }).join(''),
);
