import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execa } from 'execa';
import type { RunResults } from '../harness/run/results.js';

const MINUTE = 60_000;
const TCPSPEC = path.resolve('bin/tcpspec');

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'tcpspec-cli-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function tcpspec(...args: string[]) {
  const { exitCode, stdout, stderr } = await execa(TCPSPEC, args, { reject: false, stdin: 'ignore' });
  return { exitCode, stdout, stderr };
}

describe('tcpspec run', () => {
  test(
    'prints nothing but JSON with --json -, and exits with 0',
    async () => {
      const { exitCode, stdout } = await tcpspec('run', '--case', 'echo-user-space', '--json', '-');
      const results = JSON.parse(stdout) as RunResults;
      expect(results.schemaVersion).toBe(1);
      expect(results.results.map(({ id, iut, verdict }) => [id, iut, verdict])).toEqual([
        ['echo-user-space', 'tcp-lite', 'pass'],
        ['echo-user-space@ipv6', 'tcp-lite', 'pass'],
      ]);
      expect(exitCode).toBe(0);
    },
    MINUTE,
  );

  test(
    'exits with 1 when a case fails, and writes the report',
    async () => {
      const report = path.join(folder, 'report');
      const { exitCode, stdout } = await tcpspec(
        'run',
        'docs/examples/kernel-reset.yaml',
        '--report',
        report,
      );
      expect(stdout).toContain('packet 3');
      expect(stdout).toContain(path.join(report, 'index.html'));
      expect(exitCode).toBe(1);
    },
    MINUTE,
  );

  test('says place and remedy for a broken case, and exits with 2', async () => {
    const file = path.join(folder, 'broken.yaml');
    await writeFile(
      file,
      'id: broken\ntitle: Broken\nclient: {}\nserver: {}\nexpect:\n  - client: "[SYM] Seq=0"\n',
    );
    const { exitCode, stderr } = await tcpspec('run', file);
    expect(stderr).toContain(`${file}:6:15`);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(exitCode).toBe(2);
  });

  test.each([
    [['run', '--iut', 'no-such-stack'], 'no-such-stack'],
    [['run', 'no/such/file.yaml'], 'no/such/file.yaml'],
    [['run', '--jobs', 'many'], 'whole number'],
    [['run', '--shard', '3/2'], 'i/n'],
    [['frobnicate'], 'unknown command'],
  ])('refuses %j with 2', async (args, told) => {
    const { exitCode, stderr } = await tcpspec(...args);
    expect(stderr).toContain(told);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(exitCode).toBe(2);
  });

  test('without root says how to get it, and exits with 3', async () => {
    const { exitCode, stderr } = await execa(
      'setpriv',
      [
        '--reuid=65534',
        '--regid=65534',
        '--clear-groups',
        '--inh-caps=-all',
        process.execPath,
        TCPSPEC,
        'run',
      ],
      { reject: false, env: { TCPSPEC_PRIVATE: '' } },
    );
    expect(stderr).toContain('run: sudo bin/tcpspec run');
    expect(exitCode).toBe(3);
  });
});

describe('commands that need no root', () => {
  test(
    'list, coverage, schema and --help answer',
    async () => {
      expect((await tcpspec('list')).stdout).toContain('echo-user-space');
      expect((await tcpspec('list', '--iuts')).stdout).toMatch(/^linux/);
      expect((await tcpspec('coverage')).stdout).toContain('MUST-2');
      expect(JSON.parse((await tcpspec('schema')).stdout)).toHaveProperty('$schema');
      expect((await tcpspec('run', '--help')).stdout).toContain('Examples:');
    },
    MINUTE,
  );

  test('doctor names each thing that it looked at', async () => {
    const { stdout } = await tcpspec('doctor', '--json');
    const { checks } = JSON.parse(stdout) as { checks: { name: string }[] };
    expect(checks.map(({ name }) => name)).toEqual(expect.arrayContaining(['node', 'tshark', 'namespaces']));
  });
});
