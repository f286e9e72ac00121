/** Longest time a case may name, ms: far beyond any timer of TCP but the keep-alive's two hours. */
export const MAX_DURATION_MS = 4 * 3600 * 1000;

export const DURATION_HELP = 'a time with its unit: `300ms`, `1.5s`, `2m`';
export const DURATION_PATTERN = /^\d+(?:\.\d+)?(?:ms|s|m|h)$/;

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Milliseconds of `300ms`, `1.5s`, `2m`, `2h`; undefined when it is none or too long. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text.trim());
  const unit = UNIT_MS[match?.[2] ?? ''];
  if (match === null || unit === undefined) return undefined;
  const ms = Number(match[1]) * unit;
  return ms <= MAX_DURATION_MS ? ms : undefined;
}

/** Shortest spelling of a time in ms: `300ms`, `1.5s`. */
export function printDuration(ms: number): string {
  return ms >= 1000 && ms % 100 === 0 ? `${ms / 1000}s` : `${ms}ms`;
}
