import { expect, test } from '@jest/globals';
import { octetAt, runScenario, type Scenario } from './scenario.js';

const LOSS = [0, 0.01, 0.05, 0.1];
const REORDER = [0, 0.05, 0.2];
const BUFFER = [4_000, 65_535, 1_000_000];
const OCTETS = 300_000;

/** Loss x reordering x buffer over a path of 10 ms each way: goodput of one transfer in Mbit/s of virtual time. */
test('the grid of loss, reordering and buffer size: all arrives, and less of each is never a disaster', () => {
  const rows: string[] = [];
  const goodput = new Map<string, number>();
  for (const buffer of BUFFER) {
    for (const reorder of REORDER) {
      const cells = LOSS.map((loss) => {
        const mbps = transfer(loss, reorder, buffer);
        goodput.set(`${loss} ${reorder} ${buffer}`, mbps);
        return mbps.toFixed(2).padStart(8);
      });
      rows.push(`${String(buffer).padStart(9)} ${`${reorder * 100} %`.padStart(7)} ${cells.join('')}`);
    }
  }
  const head = `   buffer reorder ${LOSS.map((loss) => `${loss * 100} %`.padStart(8)).join('')}   loss`;
  process.stdout.write(`\nGoodput in Mbit/s, 10 ms each way\n${head}\n${rows.join('\n')}\n`);
  const at = (loss: number, reorder: number, buffer: number) => goodput.get(`${loss} ${reorder} ${buffer}`)!;
  // What bounds an undisturbed transfer is one buffer a round trip.
  expect(at(0, 0, 4_000)).toBeLessThan((4_000 * 8) / 0.02 / 1e6);
  expect(at(0, 0, 1_000_000)).toBeGreaterThan(10);
  for (const buffer of BUFFER) expect(at(0.1, 0.2, buffer)).toBeLessThan(at(0, 0, buffer));
  expect(Math.min(...goodput.values())).toBeGreaterThan(0.005);
});

function transfer(loss: number, reorder: number, buffer: number): number {
  const quiet = { send: 0, chunk: 1000, readDelayMs: 0, readSize: 1e6, closes: 'after peer' as const };
  const scenario: Scenario = {
    seed: 7,
    version: 4,
    conditions: { delayMs: 10, loss, reorder, reorderMs: 5 },
    connection: { receiveBuffer: buffer, sendBuffer: buffer },
    config: {},
    connections: 1,
    client: { ...quiet, send: OCTETS, chunk: 50_000, closes: 'when sent' },
    server: quiet,
  };
  const { pairs } = runScenario(scenario);
  const { client, server } = pairs[0]!;
  expect([server.received, server.wrongAt, client.error]).toEqual([OCTETS, -1, undefined]);
  return (OCTETS * 8) / (server.endedAt - 1000) / 1000;
}

test('octets differ enough to be told apart', () => {
  const octets = Array.from({ length: 4096 }, (_, i) => octetAt(1, i));
  for (const shift of [1, 4, 256, 1448]) {
    const same = octets.filter((octet, i) => octet === octetAt(1, i + shift)).length;
    expect(same).toBeLessThan(2500);
  }
});
