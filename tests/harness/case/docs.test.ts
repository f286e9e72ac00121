import { readFileSync } from 'node:fs';

import { describe, expect, test } from '@jest/globals';

import { RFC_NAMES } from '../../../harness/case/expression.js';
import { LINE_FIELDS } from '../../../harness/case/fields.js';
import { ICMP_ERRORS } from '../../../harness/case/icmp.js';
import { IUT_OPERATIONS } from '../../../harness/case/iut-action.js';
import { ROW_KEYS, STATES } from '../../../harness/case/keys.js';
import { PACKET_KINDS } from '../../../netns/relay/rules.js';
import { loadCases } from '../../../harness/case/load.js';
import { END_KEYS } from '../../../harness/case/ends.js';
import { IMPAIR_ACTIONS, IMPAIR_SELECTORS } from '../../../harness/case/impair.js';
import { OVERRIDES } from '../../../harness/case/overrides.js';
import { parseLine } from '../../../harness/case/parse-line.js';

const FILES = ['docs/case-format.md', 'expectations/README.md'];
const text = readFileSync('docs/case-format.md', 'utf8');

interface Block {
  where: string;
  info: string;
  body: string;
}

function blocksOf(file: string): Block[] {
  const found = readFileSync(file, 'utf8').matchAll(/^```([^\n]*)\n([\s\S]*?)^```$/gm);
  return [...found].map((match, index) => ({
    where: `${file} #${index + 1}`,
    info: match[1] ?? '',
    body: match[2] ?? '',
  }));
}

const blocks = FILES.flatMap(blocksOf);

function wholeCase({ info, body }: Block): string {
  if (info === 'yaml') return body;
  const head = 'id: x\ntitle: X\n';
  return info === 'yaml expect' ? `${head}expect:\n${body}` : `${head}iut: server\nsteps:\n${body}`;
}

describe('every example is read', () => {
  const examples = blocks.filter(({ info }) => info.startsWith('yaml'));

  test('there are many', () => {
    expect(examples.length).toBeGreaterThan(15);
  });

  test.each(examples.map((block) => [`${block.where} ${block.info}`, block] as const))('%s', (_, block) => {
    expect(['yaml', 'yaml expect', 'yaml steps']).toContain(block.info);
    const { cases, errors } = loadCases('f', wholeCase(block));
    expect(errors.map(String)).toEqual([]);
    expect(cases.length).toBeGreaterThan(0);
  });

  test('the forms that are said to be the same are the same', () => {
    const same = blocks.find(({ body }) => body.includes('tcp.seq: 0'));
    const [testCase] = loadCases('f', wholeCase(same ?? { where: '', info: '', body: '' })).cases;
    const forms = (testCase?.kind === 'observed' ? testCase.expect : []).map((item) =>
      item.kind === 'packet'
        ? [item.pattern.flags, item.pattern.fields.map(({ name, value }) => [name, value])]
        : [],
    );
    expect(forms).toHaveLength(4);
    for (const form of forms) expect(form).toEqual(forms[0]);
  });

  test('lines', () => {
    const lines = blocks.filter(({ info }) => info === 'text').flatMap(({ body }) => body.trim().split('\n'));
    expect(lines.length).toBeGreaterThan(3);
    for (const line of lines) expect([line, parseLine(line).problems]).toEqual([line, []]);
  });

  test('flags in the table', () => {
    const flags = [...text.matchAll(/`(\[[^\]`]+\])`/g)].map((match) => match[1] ?? '');
    expect(flags.length).toBeGreaterThan(10);
    const isNote = (flag: string) => flag.includes('[TCP ');
    for (const flag of flags.filter((each) => !isNote(each) && !/[a-z.]{4}/.test(each))) {
      expect([flag, parseLine(flag).problems]).toEqual([flag, []]);
    }
  });

  test('the error message is the real one', () => {
    const shown = blocks.find(({ info }) => info === 'text error')?.body.trimEnd();
    const { errors } = loadCases(
      'cases/echo.yaml',
      'id: echo\ntitle: X\nexpect:\n  - client: "[SYN] Sqe=0"\n',
    );
    expect(errors.map(String)).toEqual([shown]);
  });
});

describe('every name is listed with what it is', () => {
  const isListed = (name: string, ...parts: string[]) => {
    const rows = text.split('\n').filter((line) => line.startsWith(`| \`${name}\` `));
    const isComplete = (row: string) => parts.every((part) => row.includes(part.replaceAll('|', '\\|')));
    expect([name, rows.some(isComplete)]).toEqual([name, true]);
  };

  test('fields', () => {
    for (const { key, description, tshark = '' } of LINE_FIELDS) isListed(key, description, tshark);
  });
  test('overrides', () => {
    for (const { key, description } of OVERRIDES) isListed(key, description);
  });
  test('impairments', () => {
    for (const [kind, description] of Object.entries(PACKET_KINDS)) isListed(kind, description);
    for (const name of [...IMPAIR_SELECTORS, ...Object.keys(IMPAIR_ACTIONS)]) isListed(name);
    for (const name of [...END_KEYS]) isListed(name);
  });
  test('variables of the RFC', () => {
    for (const [name, description] of Object.entries(RFC_NAMES)) isListed(name, description);
  });
  test('calls', () => {
    for (const [name, keys] of Object.entries(IUT_OPERATIONS)) isListed(name, ...keys);
  });
  test('ICMP errors', () => {
    for (const name of Object.keys(ICMP_ERRORS)) isListed(name);
  });
  test('states and row keys', () => {
    for (const state of STATES) expect(text).toContain(state);
    for (const key of ROW_KEYS) expect(text).toContain(`\`${key}\``);
  });
});
