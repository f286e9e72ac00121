import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execa } from 'execa';
import type { RunResults } from '../harness/run/results.js';

const MINUTE = 60_000;

/** Somebody's project, with the package of this checkout as npm would install it: its own files, its dependencies only. */
let project: string;
let installed: string;

beforeAll(async () => {
  project = await mkdtemp(path.join(os.tmpdir(), 'tcpspec-package-'));
  installed = path.join(project, 'node_modules', 'tcpspec');
  // The suites run from a build that is there already; `npm pack` by itself would make it anew.
  const packed = await execa('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', project]);
  const [{ filename }] = JSON.parse(packed.stdout) as [{ filename: string }];
  await mkdir(installed, { recursive: true });
  await execa('tar', ['-xzf', path.join(project, filename), '-C', installed, '--strip-components=1']);
  const { dependencies } = await manifest();
  for (const name of Object.keys(dependencies))
    await symlink(path.resolve('node_modules', name), path.join(project, 'node_modules', name));
  await mkdir(path.join(project, 'node_modules/.bin'));
  await symlink('../tcpspec/bin/tcpspec', path.join(project, 'node_modules/.bin/tcpspec'));
  await writeFile(path.join(project, 'package.json'), '{ "name": "my-stack", "private": true }');
}, 2 * MINUTE);
afterAll(() => rm(project, { recursive: true, force: true }));

interface Manifest {
  dependencies: Record<string, string>;
  scripts: Record<string, string>;
}

async function manifest(): Promise<Manifest> {
  return JSON.parse(await readFile(path.join(installed, 'package.json'), 'utf8')) as Manifest;
}

async function tcpspec(...args: string[]) {
  const program = path.join(project, 'node_modules/.bin/tcpspec');
  return execa(program, args, { cwd: project, reject: false, stdin: 'ignore' });
}

test('nothing runs while it is installed, and nothing is in it that only a checkout needs', async () => {
  const { scripts } = await manifest();
  expect(Object.keys(scripts).filter((name) => /^(pre|post)?(install|prepare)$/.test(name))).toEqual([]);
  const all = await readdir(installed, { recursive: true });
  expect(all).toEqual(
    expect.arrayContaining(['dist/harness/cli/main.js', 'schema/case.schema.json', 'LICENSE', 'README.md']),
  );
  expect(all.filter((name) => /(^|\/)\.|\.map$|^(tests|suites|dist\/bench)\//.test(name))).toEqual([]);
});

test(
  'npx tcpspec answers',
  async () => {
    const { stdout, exitCode } = await execa('npx', ['--no', '--', 'tcpspec', 'list', '--iuts'], {
      cwd: project,
      reject: false,
    });
    expect(stdout).toMatch(/^linux/);
    expect(exitCode).toBe(0);
  },
  MINUTE,
);

test('what an editor, a machine and a shell ask for is there', async () => {
  expect(JSON.parse((await tcpspec('schema')).stdout)).toMatchObject({ title: 'tcpspec test case' });
  expect((await tcpspec('doctor', '--json')).stdout).toContain('"schemaVersion": 1');
  expect((await tcpspec('completion', 'bash')).stdout).toContain('complete -F _tcpspec tcpspec');
});

test(
  'a case of the package, and own cases on an own stack, run and are reported',
  async () => {
    await mkdir(path.join(project, 'cases'));
    await cp(path.join(installed, 'docs/examples/echo-server'), path.join(project, 'stack'), {
      recursive: true,
    });
    const own = await readFile(path.resolve('tests/fixtures/cases/plain-echo.yaml'), 'utf8');
    await writeFile(path.join(project, 'cases/my own.yaml'), own);

    const mine = await tcpspec('run', 'cases', '--iut', 'stack/my-stack.yaml', '--report', 'out');
    expect(mine.stdout).toContain('report  out/index.html');
    expect(mine.exitCode).toBe(0);
    const results = JSON.parse(await readFile(path.join(project, 'out/results.json'), 'utf8')) as RunResults;
    const [first] = results.results;
    expect(first?.verdict).toBe('pass');
    expect(first?.rerun).toBe(
      `sudo npx tcpspec run 'cases/my own.yaml' --case ${first?.id} --iut stack/my-stack.yaml`,
    );
    expect(first?.capture).toMatch(/^captures\/my-stack\//);

    const theirs = await tcpspec('run', '--case', 'echo-user-space', '--iut', 'tcp-lite', '--json', '-');
    expect((JSON.parse(theirs.stdout) as RunResults).summary).toMatchObject({ pass: 2, total: 2 });
    expect(theirs.exitCode).toBe(0);
  },
  2 * MINUTE,
);
