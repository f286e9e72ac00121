const PERIOD = 999_983;
const base = Buffer.alloc(PERIOD + 65_536);
for (let i = 0, state = 1; i < base.length; i++) {
  if (i >= PERIOD) base[i] = base[i - PERIOD];
  else {
    state = (state * 48_271) % 2_147_483_647;
    base[i] = state >>> 8;
  }
}

/** Octets `from` to `from + length` of an endless stream whose period, a prime, is no multiple of any segment size. */
export function pattern(from, length) {
  const start = from % PERIOD;
  return base.subarray(start, start + length);
}
