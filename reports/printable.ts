// What can move a cursor, change a colour, hide text or turn the reading direction: C0 and C1 controls except tab and
// newline, zero-width and direction characters, line separators, and halves of surrogate pairs.
const UNPRINTABLE =
  // eslint-disable-next-line no-control-regex
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/**
 * Text from a payload, a case or an implementation, made safe to show anywhere: every character that is not seen as
 * itself becomes its escape (`\x1b`, `\u202e`). Tab and newline stay.
 */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, escapeOf);
}

/** The same on one line: newlines and tabs become `\n` and `\t`. */
export function printableLine(text: string): string {
  return printable(text).replace(/\n/g, '\\n').replace(/\t/g, '\\t');
}

/** Payload as Wireshark's bytes pane shows it: ASCII, everything else a dot. */
export function asciiOrDots(text: string): string {
  return Array.from(text, (char) => (char >= ' ' && char <= '~' ? char : '.')).join('');
}

function escapeOf(char: string): string {
  const code = char.charCodeAt(0);
  return code < 0x100 ? `\\x${hex(code, 2)}` : `\\u${hex(code, 4)}`;
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0');
}
