import { expect, test } from '@jest/globals';
import { runOne } from './conformance.js';

const EVERY_MS = 300;
const STILL_MS = 1100;
const FOR_MS = 2500;
/** Twenty of them outlast a retransmission timeout. */
const SHORT_MS = 8;
const SHORT_FOR_MS = 1500;

function standStill(ms: number): void {
  for (const until = performance.now() + ms; performance.now() < until;);
}

test('a case that a standstill of this process spoilt is played again, and says so', async () => {
  const filter = { ids: ['rto-first-sample'] };
  const play = () => runOne('expectations/companions/6298-estimate.yaml', 'linux', filter);
  // The lab is warm from then on.
  expect(await play()).toMatchObject({ verdict: 'pass' });

  // While the tester stands still in its wait of 600 ms, the SYN, ACK is sent again after a second: that fails the case.
  const end = performance.now() + FOR_MS;
  const busy = setInterval(() => {
    if (performance.now() < end) standStill(STILL_MS);
    else clearInterval(busy);
  }, EVERY_MS);
  const result = await play();
  expect(result).toMatchObject({ verdict: 'pass', unexpected: false });
  expect(result.tries).toBeGreaterThan(1);
}, 60_000);

test('so is one that many short delays spoilt', async () => {
  const play = () => runOne('tests/fixtures/cases/tester-late.yaml', 'linux', { family: 'ipv4' });
  expect(await play()).toMatchObject({ verdict: 'pass' });

  const end = performance.now() + SHORT_FOR_MS;
  const busy = () => {
    if (performance.now() > end) return;
    standStill(SHORT_MS);
    setImmediate(busy);
  };
  busy();
  const result = await play();
  expect(result).toMatchObject({ verdict: 'pass', unexpected: false });
  expect(result.tries).toBeGreaterThan(1);
}, 60_000);
