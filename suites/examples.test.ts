import { describe, expect, test } from '@jest/globals';
import { loadImplementation } from '../harness/run/implementation.js';
import { planRuns } from '../harness/run/plan.js';
import type { CaseResult } from '../harness/run/results.js';
import { load, outer, runOne } from './conformance.js';

const MINUTE = 60_000;

describe('the failure of the README', () => {
  test(
    'names packet 3, its cause and the remedy',
    async () => {
      const result = await runOne('docs/examples/kernel-reset.yaml', 'tcp-lite');
      expect(result.verdict).toBe('fail');
      expect(result.failure?.frame).toBe(3);
      expect(result.packets[2]).toMatchObject({ flags: 'RST', seq: 1, win: 0, len: 0, options: '' });
      expect(result.failure?.text).toContain('Packet 3 is a reset from the kernel of 10.0.0.1');
      expect(result.failure?.text).toContain('kernel-rst: drop');
      const cause = result.diagnosis.find(({ id }) => id === 'kernel-reset');
      expect(cause).toMatchObject({ severity: 'error' });
      expect(cause?.frames).toContain(3);
      expect(cause?.remedy).toBeDefined();
    },
    MINUTE,
  );
});

describe('the case of "write a case in five steps"', () => {
  for (const iut of ['linux', 'tcp-lite']) {
    test(`passes on ${iut}`, async () => {
      const result = await runOne('docs/examples/data-after-close.yaml', iut);
      expect(result.failure?.text ?? result.verdict).toBe('pass');
    });
  }
});

describe('plain programs that know nothing of tcpspec', () => {
  // One for each way to meet the wire: the kernel's TCP, raw frames on its address, an address of its own, a TAP device.
  test.each(['my-stack', 'raw-frames', 'own-address', 'tap-device'])(
    '%s serves as an end, and is told what it cannot run',
    async (name) => {
      expect(await verdicts(name)).toEqual({
        'plain-echo': 'pass',
        'plain-handshake': 'pass',
        'plain-data': 'unsupported',
        'plain-closed': 'pass',
        'plain-client': name === 'my-stack' ? 'pass' : 'unsupported',
      });
    },
    MINUTE,
  );

  test(
    'a server that discards can be sent data',
    async () => {
      expect(await verdicts('discard')).toEqual({
        'plain-echo': 'unsupported',
        'plain-handshake': 'pass',
        'plain-data': 'pass',
        'plain-closed': 'pass',
        'plain-client': 'unsupported',
      });
    },
    MINUTE,
  );

  async function verdicts(name: string): Promise<Record<string, string>> {
    const descriptor = `docs/examples/echo-server/${name}.yaml`;
    const results = await runAll('tests/fixtures/cases/plain-echo.yaml', descriptor);
    return Object.fromEntries(results.map(({ id, verdict, failure }) => [id, failure?.text ?? verdict]));
  }
});

describe('TCP Lite in process and as processes of its own', () => {
  test(
    'is judged alike, and the captures agree',
    async () => {
      const file = 'expectations/session/echo-user-space.yaml';
      const inside = await runOne(file, 'tcp-lite', { family: 'ipv4' });
      const outside = await runOne(file, 'tcp-lite-process', { family: 'ipv4' });
      expect(outside.failure?.text ?? outside.verdict).toBe('pass');
      expect(wire(outside)).toEqual(wire(inside));
    },
    MINUTE,
  );
});

async function runAll(file: string, iut: string): Promise<CaseResult[]> {
  const planned = planRuns(await load([file]), [await loadImplementation(iut)], { family: 'ipv4' });
  return Promise.all((await outer.getEngine()).start(planned));
}

/** What two captures of the same session must have in common: everything but times and timestamps. */
function wire(result: CaseResult): unknown[] {
  return result.packets.map(({ from, flags, seqRaw, ackRaw, win, len, payload, options }) => ({
    ...{ from, flags, seqRaw, ackRaw, win, len, payload },
    options: options.replaceAll(/TS(val|ecr)=\d+/g, 'TS$1'),
  }));
}
