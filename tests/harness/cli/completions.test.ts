import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { completions } from '../../../harness/cli/completion/completions.js';
import { buildProgram } from '../../../harness/cli/program.js';

const program = buildProgram(() => undefined, []);

const values = async (...words: string[]): Promise<string[]> =>
  (await completions(program, words)).map(({ value }) => value);

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'tcpspec-completion-'));
  const table = ['table:', '  - { name: syn, flags: "[SYN]" }', '  - { name: "rst:far", flags: "[RST]" }'];
  const head = ['iut: server', 'start: CLOSED', 'steps:'];
  await writeFile(
    path.join(folder, 'mine.yaml'),
    [
      'id: mine',
      'title: "Mine: {{name}}"',
      'tags: [own, slow]',
      ...head,
      '  - send: "{{flags}}"',
      ...table,
      '---',
      'id: other # of two',
      "title: 'Other'",
      ...head,
      '  - quiet: 1s',
      '',
    ].join('\n'),
  );
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('commands', () => {
  test('at the first word, without those that are hidden', async () => {
    const all = await values('');
    expect(all).toEqual(expect.arrayContaining(['run', 'check', 'completion', 'help', '--version']));
    expect(all).not.toContain('complete');
    expect(await values('re')).toEqual(['record', 'report']);
    expect(await values('help', 'do')).toEqual(['doctor']);
  });

  test('nothing after one that does not exist', async () => {
    expect(await values('frobnicate', '')).toEqual([]);
  });
});

describe('options', () => {
  test('of the command, each once unless it is repeatable', async () => {
    expect(await values('run', '--j')).toEqual(['--jobs', '--json']);
    expect(await values('run', '--json', '-', '--jobs=2', '--j')).toEqual([]);
    expect(await values('run', '--iut', 'linux', '--i')).toEqual(['--iut']);
  });

  test('choices, behind a blank and behind =', async () => {
    expect(await values('run', '--level', '')).toEqual(['must', 'should', 'may']);
    expect(await values('run', '--level=s')).toEqual(['--level=should']);
    expect(await values('analyze', 'x.pcap', '--view', 'l')).toEqual(['ladder']);
  });

  test('files, folders, or nothing for numbers', async () => {
    expect(await values('run', '--json', '')).toEqual([':files']);
    expect(await values('run', '--report', '')).toEqual([':dirs']);
    expect(await values('run', '--jobs', '')).toEqual([]);
  });

  test('no options after --', async () => {
    expect(await values('lab', '--', '--')).toEqual([':files']);
  });
});

describe('arguments', () => {
  test('files, folders and choices', async () => {
    expect(await values('run', 'a', '')).toEqual([':files']);
    expect(await values('report', '')).toEqual([':dirs']);
    expect(await values('schema', '')).toEqual(['case', 'implementation']);
    expect(await values('schema', 'case', '')).toEqual([]);
    expect(await values('completion', 'z')).toEqual(['zsh']);
  });
});

describe('what this project has', () => {
  test('implementations and files of descriptors', async () => {
    expect(await values('run', '-i', 'tcp-')).toEqual(['tcp-lite', 'tcp-lite-process', ':files']);
  });

  test('ids of cases, of the suite or of the paths that were given', async () => {
    expect(await values('run', '--case', 'echo-user')).toEqual(['echo-user-space']);
    expect(await completions(program, ['run', folder, '--case', ''])).toEqual([
      { value: 'mine', about: 'Mine: {{name}}' },
      { value: 'other', about: 'Other' },
    ]);
  });

  test('rows of a table behind the bracket, and behind a quote', async () => {
    expect(await values('run', folder, '--case', 'mine[')).toEqual(['mine[syn]', 'mine[rst:far]']);
    expect(await values('run', folder, '--case', "'mine[r")).toEqual(['mine[rst:far]']);
    expect(await values('run', folder, '--case', 'other[')).toEqual([]);
  });

  test('tags', async () => {
    expect(await values('run', folder, '--tag', '')).toEqual(['own', 'slow']);
  });

  test('mutants', async () => {
    expect(await values('mutants', '--mutant', 'mss-ig')).toEqual(['mss-ignored']);
  });
});
