/*
 * One spelling for the values of fields, whichever program gave them: tshark prints numbers and, depending on its version,
 * 1 or True; sharkd prints what Wireshark's columns show, which is a name wherever there is one, shortened where it is
 * long. Numbers are decimal or 0x with the fewest digits, booleans 1 and 0, octets hexadecimal without separators, and
 * a field that only is or is not there has the value 1.
 */

/**
 * The occurrences of a field of Wireshark type `type`, from several joined by `separator`. Undefined where the text does
 * not tell the value: a name instead of a number, something shortened, a separator that may be part of a value.
 */
export function canonicalValues(text: string, type: string, separator = ','): string[] | undefined {
  if (text === '') return [];
  // `Nov 18, 2026 11:06:40 UTC`; no field of this type comes twice.
  if (type === 'FT_ABSOLUTE_TIME') return [text];
  if (isText(type) && (text.endsWith(CUT) || (separator === ',' && text.includes(',')))) return undefined;
  const values: string[] = [];
  for (const part of text.split(separator)) {
    const value = canonicalValue(part, type);
    if (value === undefined) return undefined;
    values.push(value);
  }
  return values;
}

/** One value; undefined where `text` does not tell it. */
export function canonicalValue(text: string, type: string): string | undefined {
  if (type === 'FT_NONE' || type === 'FT_PROTOCOL') return '1';
  if (type === 'FT_BOOLEAN') return BOOLEANS[text];
  if (/^FT_(U?INT\d+|CHAR|FRAMENUM)$/.test(type)) {
    const number = /^(-?\d+|0x[0-9a-fA-F]+)(?: \((?:-?\d+|0x[0-9a-fA-F]+)\))?$/.exec(text)?.[1];
    return number?.replace(/^0x0*(?=.)/, '0x').toLowerCase();
  }
  if (/BYTES$/.test(type)) {
    const hex = text.replaceAll(':', '').toLowerCase();
    return /^([0-9a-f]{2})*$/.test(hex) ? hex : undefined;
  }
  return text;
}

/**
 * Field and value of the display filter by which Wireshark would select a part of a packet: `ip.ttl == 64`. The value is
 * undefined for a part that is only there.
 */
export function readSelection(filter: string): { name: string; value: string | undefined } {
  const at = filter.indexOf(' == ');
  if (at < 0) return { name: filter, value: undefined };
  const value = filter.slice(at + 4);
  return { name: filter.slice(0, at), value: value.startsWith('"') ? unquote(value) : value };
}

function unquote(quoted: string): string {
  return quoted
    .replace(/^"|"$/g, '')
    .replace(/\\(x[0-9a-fA-F]{2}|.)/g, (_, escape: string) =>
      escape.startsWith('x') && escape.length === 3
        ? String.fromCharCode(parseInt(escape.slice(1), 16))
        : (ESCAPES[escape] ?? escape),
    );
}

/** What ends a text that Wireshark has shortened. */
export const CUT = '…';

const isText = (type: string): boolean => /^FT_.*(STRING|BYTES)/.test(type);
const BOOLEANS: Record<string, string | undefined> = {
  '1': '1',
  '0': '0',
  True: '1',
  False: '0',
  Set: '1',
  'Not set': '0',
};
const ESCAPES: Record<string, string | undefined> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\x07',
  v: '\v',
  f: '\f',
  b: '\b',
};
