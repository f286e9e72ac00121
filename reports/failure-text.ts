/** Lines of a failure text with the ladder in the place of their plain packet list, or after them where they have none. */
export function withLadder(text: string[], drawn: string[]): string[] {
  const from = text.findIndex((line) => /^\s*packet\s+ms\s+client\s+server\s*$/.test(line));
  if (from === -1) return [...text, '', ...drawn];
  const length = text.slice(from).findIndex((line) => line.trim() === '');
  const to = length === -1 ? text.length : from + length;
  return [...text.slice(0, from), ...drawn, ...text.slice(to)];
}
