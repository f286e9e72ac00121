/**
 * Two payloads that differ, as text where they are text, else as hex, each cut to a window around the first octet that
 * differs, which is named by its offset and shown in hex.
 */
export function showBytes(expected: Uint8Array, actual: Uint8Array): { expected: string; actual: string } {
  const at = firstDifference(expected, actual);
  const from = Math.max(0, at - Math.floor(WINDOW / 2));
  const asText =
    printable(expected.subarray(from, from + WINDOW)) && printable(actual.subarray(from, from + WINDOW));
  return { expected: show(expected, at, from, asText), actual: show(actual, at, from, asText) };
}

/** Octets as a quoted text where all are printable, else as hex, cut to `limit` octets. */
export function quoteBytes(bytes: Uint8Array, limit = WINDOW): string {
  const head = bytes.subarray(0, limit);
  const more = bytes.length > limit ? '…' : '';
  return printable(head) ? JSON.stringify(Buffer.from(head).toString('latin1')) + more : hex(head) + more;
}

const WINDOW = 24;

function show(bytes: Uint8Array, at: number, from: number, asText: boolean): string {
  if (bytes.length === 0) return 'nothing (0 octets)';
  const part = bytes.subarray(from, from + WINDOW);
  const shown = asText ? JSON.stringify(Buffer.from(part).toString('latin1')) : hex(part);
  const octet = bytes[at];
  const place = octet === undefined ? `ends before octet ${at}` : `octet ${at} is 0x${hexOctet(octet)}`;
  const before = from > 0 ? '…' : '';
  const after = from + WINDOW < bytes.length ? '…' : '';
  return `${before}${shown}${after} (${bytes.length} octets, ${place})`;
}

function firstDifference(a: Uint8Array, b: Uint8Array): number {
  const shorter = Math.min(a.length, b.length);
  for (let index = 0; index < shorter; index++) if (a[index] !== b[index]) return index;
  return shorter;
}

function printable(bytes: Uint8Array): boolean {
  return bytes.every(
    (octet) => (octet >= 0x20 && octet < 0x7f) || octet === 0x0a || octet === 0x0d || octet === 0x09,
  );
}

function hex(bytes: Uint8Array): string {
  return [...bytes].map(hexOctet).join(' ');
}

function hexOctet(octet: number): string {
  return octet.toString(16).padStart(2, '0');
}
