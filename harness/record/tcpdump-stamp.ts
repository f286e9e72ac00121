/** Time stamp at the beginning of a line, s; undefined with -t. Times of day count from midnight. */
export function parseStamp(line: string): number | undefined {
  const epoch = /^\s*(\d{5,})\.(\d+)\s/.exec(line);
  if (epoch !== null) return Number(`${epoch[1]}.${epoch[2]}`);
  const dated = /^\s*(\d{4})-(\d{2})-(\d{2}) (\d{2}):(\d{2}):(\d{2})(\.\d+)?\s/.exec(line);
  if (dated !== null) {
    const [, year, month, day, hour, minute, second, fraction] = dated;
    const whole = Date.UTC(
      Number(year),
      Number(month) - 1,
      Number(day),
      Number(hour),
      Number(minute),
      Number(second),
    );
    return whole / 1000 + Number(`0${fraction ?? ''}`);
  }
  const ofDay = /^\s*(\d{1,2}):(\d{2}):(\d{2})(\.\d+)?\s/.exec(line);
  if (ofDay === null) return undefined;
  const [, hour, minute, second, fraction] = ofDay;
  return Number(hour) * 3600 + Number(minute) * 60 + Number(second) + Number(`0${fraction ?? ''}`);
}

const DAY = 86_400;

/**
 * Times that only go on, s, from the stamps of a text: over midnight, from differences to the packet before (-ttt), and
 * a ms apart where there are none (-t).
 */
export function continuousTimes(stamps: readonly (number | undefined)[]): number[] {
  const known = stamps.filter((stamp) => stamp !== undefined);
  if (known.length < stamps.length) return stamps.map((_, index) => (index + 1) / 1000);
  const [first] = known;
  const falls = known.some((stamp, index) => index > 0 && stamp < (known[index - 1] ?? 0));
  const areDifferences = first === 0 && falls;
  let shift = 0;
  let sum = 0;
  return known.map((stamp, index) => {
    if (areDifferences) return (sum += stamp);
    if (stamp + shift < (known[index - 1] ?? stamp) + shift - DAY / 2) shift += DAY;
    return stamp + shift;
  });
}
