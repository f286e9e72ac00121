import { deflateSync } from 'node:zlib';

/** Blocks above this many characters are deflated; below, plain JSON is as good and can be read in the file. */
const PLAIN = 6 * 1024;

/** A data block of the page: JSON that no HTML parser can leave, deflated where it is longer than `plain` characters. */
export function dataBlock(id: string, value: unknown, plain = PLAIN): string {
  const json = JSON.stringify(value);
  if (json.length <= plain) return `<script type="application/json" id="${id}">${safeJson(json)}</script>`;
  return `<script type="text/plain" data-deflate id="${id}">${deflated(Buffer.from(json))}</script>`;
}

/** A block that must be there at once, whatever its length. */
export function plainBlock(id: string, value: unknown): string {
  return `<script type="application/json" id="${id}">${safeJson(JSON.stringify(value))}</script>`;
}

/** zlib, base64. */
export function deflated(octets: Uint8Array): string {
  return deflateSync(octets, { level: 9 }).toString('base64');
}

/**
 * JSON that is the same value and cannot end a script element, open a comment or a tag in it, or turn the reading
 * direction of whoever opens the file in an editor.
 */
export function safeJson(json: string): string {
  return json.replace(/[<>&\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g, escaped);
}

function escaped(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
