import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { load } from 'js-yaml';

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');

interface Rule {
  id: string;
}
const catalogue = ['rfc9293', 'related'].flatMap(
  (name) => load(read(`expectations/requirements/${name}.yaml`)) as Rule[],
);
const page = read('docs/tcp-lite.md');
const rows = [...page.matchAll(/^\| ((?:MUST|SHLD|MAY|REC|R9293|RFC\d+)-\S+) \| ([^\n]*) \|$/gm)].map(
  (match) => ({
    id: match[1]!,
    cells: match[2]!.split(' | '),
  }),
);
const kept = rows.filter((row) => row.cells.length === 3);

test('every rule of the catalogue has one row, kept or left out', () => {
  expect(rows.map((row) => row.id).sort()).toEqual(catalogue.map((rule) => rule.id).sort());
});

test('no MUST and no SHOULD that binds a stack is left out', () => {
  const leftOut = rows.filter((row) => row.cells.length === 2).map((row) => row.id);
  expect(leftOut.filter((id) => /^(MUST|SHLD|RFC)/.test(id))).toEqual(['SHLD-13', 'SHLD-23']);
});

test.each(kept)('$id is where its row says, and a test names it', ({ id, cells }) => {
  const place = /^`(\S+)` (\w+)$/.exec(cells[1]!);
  expect(read(`tcp-lite/${place?.[1]}`)).toMatch(new RegExp(`\\b${place?.[2]}\\b`));
  const tests = cells[2]!.split(', ');
  expect(tests.length).toBeGreaterThan(0);
  for (const name of tests) {
    const path = `tests/tcp-lite/${name}.test.ts`;
    expect(existsSync(new URL(`../../../${path}`, import.meta.url))).toBe(true);
    expect(read(path)).toContain(id);
  }
});
