import { afterAll, expect, test } from '@jest/globals';
import { StallMonitor } from '../../../harness/run/stall.js';

const monitor = new StallMonitor();
afterAll(() => monitor.stop());

/** Keeps this process from everything else. */
function stall(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

test('a stall is noticed, and one before is not counted', () => {
  const before = performance.now();
  stall(150);
  expect(monitor.worstSince(before)).toBeGreaterThanOrEqual(100);
  expect(monitor.worstSince(performance.now())).toBe(0);
});

test('calm comes after the last stall', async () => {
  const began = performance.now();
  let ended = 0;
  setTimeout(() => {
    stall(300);
    ended = performance.now();
  }, 50);
  await monitor.calm(200, 200, 10_000);
  expect(ended).toBeGreaterThan(began);
  expect(performance.now() - ended).toBeGreaterThanOrEqual(150);
});

test('calm is not waited for for ever', async () => {
  const began = performance.now();
  const busy = setInterval(() => stall(60), 1);
  await monitor.calm(30, 1000, 400);
  clearInterval(busy);
  expect(performance.now() - began).toBeGreaterThanOrEqual(400);
});
