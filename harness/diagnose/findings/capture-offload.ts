import type { Draft, View } from '../view.js';
import { count, endpoint, framesText, list, octets } from '../words.js';

/** Sums and sizes that the network card was to finish: how packets look inside the machine. */
export function offload(view: View): Draft | undefined {
  const ends = view.c.ends.filter((end) => isOffloaded(end));
  const big = view.c.ends.filter((end) => end.incidents.oversized.count > 0);
  const [end] = ends.length > 0 ? ends : big;
  if (end === undefined) return undefined;
  const bad = ends.flatMap((one) => one.incidents.badChecksums.items.map((item) => item.frame));
  const badTotal = ends.reduce((sum, one) => sum + one.incidents.badChecksums.count, 0);
  const large = big.flatMap((one) => one.incidents.oversized.items);
  const largeTotal = big.reduce((sum, one) => sum + one.incidents.oversized.count, 0);
  const largest = Math.max(0, ...large.map((item) => item.len));
  const sums =
    badTotal > 0
      ? `${count(badTotal, 'packet')} of ${list(ends.map(endpoint))} ${badTotal === 1 ? 'has' : 'have'} a wrong checksum (${framesText(bad, badTotal)}), ` +
        `yet the other end accepts them${ends.some((one) => one.incidents.badChecksums.items.some((item) => item.partial)) ? `; the field holds just the sum of the pseudo header, which the network card is to complete` : ''}. `
      : '';
  const sizes =
    largeTotal > 0
      ? `${count(largeTotal, 'segment')} of up to ${octets(largest)} ${largeTotal === 1 ? 'is' : 'are'} larger than the MSS allows: the network card cuts them up (TSO) or joins them (GRO). `
      : '';
  return {
    id: 'capture-offload',
    severity: 'note',
    end: view.role(end),
    frames: [...bad, ...large.map((item) => item.frame)],
    title: `Checksum or segmentation offload: the capture was taken on a host, before or after its network card`,
    explanation: `${sums}${sizes}This is how packets look inside the machine, not on the wire: no error.`,
    remedy: `To see what is on the wire, switch it off while capturing: ethtool -K INTERFACE tx off rx off tso off gso off gro off.`,
    facts: { badChecksums: badTotal, oversized: largeTotal },
  };
}

/** Wrong sums throughout, in one direction, which the peer accepts: left to the network card. */
export function isOffloaded(end: View['client']): boolean {
  const { goodChecksums: good } = end;
  const bad = end.incidents.badChecksums;
  if (bad.count === 0) return false;
  if (bad.items.some((item) => item.partial)) return true;
  const accepted = bad.items.some((item) => item.len > 0 && item.end <= end.una) || end.una > 0;
  return good === 0 && bad.count >= 2 && accepted;
}
