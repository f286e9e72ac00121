import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { loadImplementation, PROJECT_ROOT } from '../harness/run/implementation.js';
import { planRuns } from '../harness/run/plan.js';
import type { CaseResult } from '../harness/run/results.js';
import { load, outer } from './conformance.js';

const MINUTE = 60_000;
const GOES_DOWN = path.join(PROJECT_ROOT, 'tests/fixtures/stacks/goes-down.mjs');
const folder = await mkdtemp(path.join(os.tmpdir(), 'tcpspec-broken-'));

afterAll(() => rm(folder, { recursive: true, force: true }));

describe('a stack that does not start', () => {
  test('is tried once where there is no such program', async () => {
    const results = await play('missing', ['expectations/rfc9293/3.5-open.yaml'], {
      'upper-tester': ['./no-such-program'],
    });
    expect(results.length).toBeGreaterThan(10);
    for (const { verdict, tries, capture, unexpected } of results)
      expect({ verdict, tries, capture, unexpected }).toEqual({
        verdict: 'error',
        tries: undefined,
        capture: '',
        unexpected: true,
      });
    const why = 'missing cannot be started: there is no program ./no-such-program; correct the command in';
    const reasons = results.map(({ reason }) => reason);
    expect(reasons).toContainEqual(expect.stringMatching(new RegExp(`^${why}`)));
    expect(reasons).toContainEqual(expect.stringMatching(new RegExp(`^not run, since ${why}`)));
  });

  test('is told with what it said before it ended', async () => {
    const results = await play('ends', ['expectations/rfc9293/3.5-open.yaml'], {
      'upper-tester': ['/bin/sh', '-c', 'echo no device >&2; exit 3'],
    });
    const why = 'ends ended with exit status 3 before it was ready; it printed: no device';
    expect(results.map(({ verdict }) => verdict)).not.toContain('fail');
    expect(results.map(({ reason }) => reason)).toEqual(
      expect.arrayContaining([why, `not run, since ${why}`]),
    );
  });
});

describe('a stack that goes down in a case', () => {
  test.each([
    ['SIGSEGV', 'was ended by SIGSEGV'],
    ['2', 'ended with exit status 2'],
  ])(
    'fails it: %s',
    async (how, said) => {
      const cases = ['expectations/session/byte-and-reply.yaml', 'expectations/rfc9293/3.6-close.yaml'];
      const name = `down-${how.toLowerCase()}`;
      const results = await play(name, cases, {
        'upper-tester': ['{node}', GOES_DOWN, '"op":"send"', how, ...UPPER_TESTER],
      });
      const down = results.filter(({ output }) => output?.includes('panic'));
      expect(down.map(({ id }) => id)).toContain('byte-and-reply');
      expect(down.some(({ iutRole }) => iutRole !== undefined)).toBe(true);
      for (const { verdict, failure } of down) {
        expect(verdict).toBe('fail');
        expect(failure?.text).toMatch(new RegExp(`${name} ${said}; it printed:\n.*panic: no such segment`));
      }
    },
    MINUTE,
  );

  test(
    'fails it as a plain server with a TCP of its own, and not as one on the kernel',
    async () => {
      const server = (program: string[]) => ({
        server: { command: ['{node}', GOES_DOWN, 'listening', '2', ...program], ready: 'listening' },
      });
      const handshake = ['tests/fixtures/cases/plain-echo.yaml'];
      const own = await play(
        'own',
        handshake,
        server(['{bin}/tcp-lite', 'server', ...AT, '--port', '{port}']),
      );
      expect(told(own)).toEqual({
        verdict: 'fail',
        failed: expect.stringContaining('own ended with exit status 2'),
      });

      const echo = path.join(PROJECT_ROOT, 'docs/examples/echo-server/echo-server.mjs');
      const kernel = await play('kernel', handshake, server(['{node}', echo, '{ip}', '{port}']), 'kernel');
      expect(told(kernel)?.failed).not.toContain('ended with exit status');
    },
    MINUTE,
  );

  function told(results: CaseResult[]) {
    const result = results.find(({ id }) => id === 'plain-handshake');
    return result && { verdict: result.verdict, failed: result.failure?.text ?? '' };
  }
});

const AT = ['--attach', '{attach}', '--interface', '{interface}', '--ip', '{ip}'];
const UPPER_TESTER = ['{bin}/tcp-lite', 'upper-tester', ...AT];

async function play(
  name: string,
  cases: string[],
  programs: Record<string, unknown>,
  attach = 'packet',
): Promise<CaseResult[]> {
  const file = path.join(folder, `${name}.yaml`);
  await writeFile(file, stringify({ name, title: name, attach, ...programs }));
  const planned = planRuns(await load(cases), [await loadImplementation(file)], { family: 'ipv4' });
  return Promise.all((await outer.getEngine()).start(planned));
}
