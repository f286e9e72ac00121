// What XML 1.0 section 2.2 does not allow at all, escaped or not: controls but tab, newline and return, lone surrogates,
// U+FFFE and U+FFFF.
const FORBIDDEN =
  // eslint-disable-next-line no-control-regex
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** Text for element content and quoted attributes; characters that XML 1.0 forbids are left out. */
export function xmlText(text: string): string {
  return text.replace(FORBIDDEN, '').replace(/[&<>"'\n\r\t]/g, (char) => ENTITIES[char] ?? char);
}

/** The same for element content, where newlines and tabs may stay as they are. */
export function xmlContent(text: string): string {
  return text.replace(FORBIDDEN, '').replace(/[&<>\r]/g, (char) => ENTITIES[char] ?? char);
}

const ENTITIES: Record<string, string | undefined> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '\n': '&#10;',
  '\r': '&#13;',
  '\t': '&#9;',
};
