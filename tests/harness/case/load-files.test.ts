import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from '@jest/globals';

import { loadCaseFiles } from '../../../harness/case/load-files.js';

let folder = '';
const document = (id: string) => `id: ${id}\ntitle: X\nexpect: []\n`;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tcpspec-cases-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(path: string, content: string | Uint8Array): string {
  const file = join(folder, path);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, content);
  return file;
}

async function load(...paths: string[]) {
  const { cases, errors } = await loadCaseFiles(paths.map((path) => join(folder, path)));
  const told = errors.map(({ place, found }) => {
    const file = place.file.slice(folder.length + 1);
    return `${file}:${place.line}:${place.column} ${found.replaceAll(`${folder}/`, '')}`;
  });
  return { ids: cases.map(({ id }) => id), told };
}

test('folders are read with everything below them, in order, but not recipes and requirements', async () => {
  write('tree/b/two.yml', document('two'));
  write('tree/a.yaml', `${document('a1')}---\n${document('a2')}`);
  write('tree/readme.md', 'no case');
  write('tree/recipes/r.yaml', 'no: case');
  write('tree/requirements/r.yaml', 'no: case');
  expect(await load('tree')).toEqual({ ids: ['a1', 'a2', 'two'], told: [] });
});

test('a folder may hold the descriptor of a stack and hidden folders; named, a descriptor is no case', async () => {
  write('mine/a.yaml', document('mine'));
  write('mine/stack.yaml', 'name: mine\nattach: kernel\nserver: { command: [echo] }\n');
  write('mine/.github/workflow.yml', 'on: push\n');
  expect(await load('mine')).toEqual({ ids: ['mine'], told: [] });
  expect((await load('mine/stack.yaml')).told).toContain('mine/stack.yaml:1:1 no `id`');
});

test('a file named twice is read once', async () => {
  write('once/a.yaml', document('once'));
  expect(await load('once', 'once/a.yaml')).toEqual({ ids: ['once'], told: [] });
});

test('every problem of every file comes at once', async () => {
  write('bad/a.yaml', 'id: x\n');
  write('bad/b.yaml', document('same'));
  write('bad/c.yaml', document('same'));
  write('bad/d.yaml', Uint8Array.from([0x69, 0x64, 0x3a, 0x20, 0x0a, 0x20, 0xff]));
  write('bad/e.yaml', Uint8Array.from([0xff, 0xfe, 0x69, 0x00]));
  write('bad/f.yaml', '');
  expect(await load('bad', 'nowhere.yaml')).toEqual({
    ids: ['same'],
    told: [
      'nowhere.yaml:1:1 no such file or folder',
      'bad/a.yaml:1:1 no `title`',
      'bad/a.yaml:1:1 a case that expects nothing',
      'bad/d.yaml:2:2 octets that are not UTF-8',
      'bad/e.yaml:1:1 UTF-16',
      'bad/f.yaml:1:1 a file without a case',
      'bad/c.yaml:1:5 a second case `same`',
    ],
  });
});

test('what cannot be read is told, and links that lead nowhere or in circles do no harm', async () => {
  write('odd/a.yaml', document('odd'));
  symlinkSync('nowhere', join(folder, 'odd/dangling.yaml'));
  symlinkSync('.', join(folder, 'odd/circle'));
  symlinkSync('../linked.txt', join(folder, 'odd/linked.yaml'));
  write('linked.txt', document('linked'));
  write('odd/folder.yaml/b.yaml', document('deep'));
  expect(await load('odd')).toEqual({ ids: ['odd', 'deep', 'linked'], told: [] });
  const { errors } = await loadCaseFiles(['/dev/zero']);
  expect(errors.map(({ found }) => found)).toEqual(['neither a file nor a folder']);
  const secret = write('odd/secret.yaml', document('secret'));
  chmodSync(secret, 0);
  const isRoot = process.getuid?.() === 0;
  const { told } = await load('odd/secret.yaml');
  expect(told).toEqual(isRoot ? [] : ['odd/secret.yaml:1:1 a file that may not be read']);
});
