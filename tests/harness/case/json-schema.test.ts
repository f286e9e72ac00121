import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import { loadAll } from 'js-yaml';

import { APP_KEYS, END_KEYS } from '../../../harness/case/ends.js';
import { LINE_KEYS } from '../../../harness/case/fields.js';
import { ICMP_KEYS } from '../../../harness/case/icmp.js';
import { caseJsonSchema } from '../../../harness/case/json-schema.js';
import { CASE_KEYS, EXPECT_HEADS, ITEM_KEYS, STEP_HEADS } from '../../../harness/case/keys.js';
import { loadCases } from '../../../harness/case/load.js';
import { OVERRIDE_KEYS } from '../../../harness/case/overrides.js';
import { PATTERN_KEYS } from '../../../harness/case/pattern.js';

interface Schema {
  properties?: Record<string, Schema>;
  anyOf?: Schema[];
  allOf?: Schema[];
  items?: Schema;
  definitions?: Record<string, Schema>;
  description?: string;
  $ref?: string;
}

const schema = caseJsonSchema() as Schema;
const validate = new Ajv({ allErrors: true, allowUnionTypes: true }).compile(schema);

function problemsOf(document: unknown): string[] {
  validate(document);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

const CASE_FOLDERS = ['expectations', 'docs/examples'];
const caseFiles = CASE_FOLDERS.flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(
      (file) =>
        /\.ya?ml$/.test(file) && !/(?:^|\/)(?:requirements|recipes|echo-server|netstack)\//.test(file),
    )
    .map((file) => join(folder, file)),
);

test('there are cases to check', () => {
  expect(caseFiles.length).toBeGreaterThan(5);
});

test.each(caseFiles)('%s fits the published schema', (file) => {
  for (const document of loadAll(readFileSync(file, 'utf8'))) expect(problemsOf(document)).toEqual([]);
});

describe('what the loader refuses for its shape, the schema refuses too', () => {
  const OBSERVED = { id: 'x', title: 'X', expect: [] };
  const SCRIPTED = { id: 'x', title: 'X', iut: 'server', steps: [{ quiet: '1s' }] };

  test.each<[string, unknown]>([
    ['an unknown key', { ...OBSERVED, titel: 'x' }],
    ['no title', { id: 'x', expect: [] }],
    ['a wrong id', { ...OBSERVED, id: 'A b' }],
    ['a wrong level', { ...OBSERVED, level: 'must' }],
    ['an unknown key of an end', { ...OBSERVED, client: { prot: 1 } }],
    ['a port out of range', { ...OBSERVED, client: { port: 65536 } }],
    ['an unknown action', { ...OBSERVED, client: { app: { recieve: 1 } } }],
    ['an unknown key of an item', { ...OBSERVED, expect: [{ client: '[SYN]', wthin: '1s' }] }],
    ['a time without a unit', { ...OBSERVED, expect: [{ client: '[SYN]', within: 300 }] }],
    ['an unknown state', { ...SCRIPTED, start: 'ESTABLISHD' }],
    ['an unknown step', { ...SCRIPTED, steps: [{ snd: '[SYN]' }] }],
    ['both shapes', { ...SCRIPTED, expect: [] }],
    ['a start without steps', { ...OBSERVED, start: 'LISTEN' }],
    ['an override out of range', { ...SCRIPTED, steps: [{ send: '[SYN]', 'tcp.flags.res': 8 }] }],
    ['a wrong ICMP error', { ...SCRIPTED, steps: [{ icmp: 'port-unreachabel' }] }],
  ])('%s', (_, document) => {
    expect(problemsOf(document)).not.toEqual([]);
    expect(loadCases('f', JSON.stringify(document)).errors).not.toEqual([]);
  });

  test('but not the two correct ones', () => {
    for (const document of [OBSERVED, SCRIPTED]) {
      expect(problemsOf(document)).toEqual([]);
      expect(loadCases('f', JSON.stringify(document)).errors).toEqual([]);
    }
  });
});

test('a placeholder may stand for any value', () => {
  expect(
    problemsOf({
      id: 'x',
      title: '{{title}}',
      level: '{{level}}',
      families: '{{families}}',
      lab: { mtu: '{{mtu}}', 'kernel-rst': '{{rst}}' },
      iut: '{{iut}}',
      start: { state: '{{state}}', sack: '{{sack}}' },
      steps: [
        { send: '{{line}}', times: '{{n}}', 'tcp.hdr_len': '{{n}}', taken: '{{x}}' },
        { quiet: '{{t}}' },
        '{{reply}}',
      ],
      table: { columns: ['a'], rows: [[1]] },
    }),
  ).toEqual([]);
});

describe('the schema and the loader know the same keys', () => {
  const properties = (named: Schema | undefined): Record<string, Schema> =>
    named?.properties ?? named?.anyOf?.map(properties).find((found) => Object.keys(found).length > 0) ?? {};
  const keys = (named: Schema | undefined) => Object.keys(properties(named)).sort();
  const top = properties(schema);
  const definitions = schema.definitions ?? {};
  const sorted = (...lists: (readonly string[])[]) => [...new Set(lists.flat())].sort();

  test('of a case', () => {
    expect(keys(schema)).toEqual(sorted(CASE_KEYS));
  });
  test('of an end', () => {
    expect(keys(top['client'])).toEqual(sorted(END_KEYS));
  });
  test('of an action', () => {
    expect(keys(properties(top['client'])['app'])).toEqual(sorted(APP_KEYS));
  });
  test('of an item', () => {
    expect(keys(definitions['item'])).toEqual(
      sorted(EXPECT_HEADS, ITEM_KEYS, PATTERN_KEYS, ['expect', 'from']),
    );
  });
  test('of a step', () => {
    const own = ['returns', 'taken'];
    expect(keys(definitions['step'])).toEqual(
      sorted(STEP_HEADS, ITEM_KEYS, PATTERN_KEYS, OVERRIDE_KEYS, own),
    );
  });
  test('of an ICMP error', () => {
    expect(keys(properties(definitions['step'])['icmp'])).toEqual(sorted(ICMP_KEYS));
  });

  test('each key of a case, an end, an item and a step has a sentence for the editor', () => {
    const mute = (named: Schema | undefined) =>
      Object.entries(properties(named))
        .filter(([, property]) => {
          const { $ref } = property.allOf?.[0] ?? property;
          const named = $ref === undefined ? undefined : definitions[$ref.replace('#/definitions/', '')];
          return property.description === undefined && named?.description === undefined;
        })
        .map(([key]) => key);
    for (const named of [schema, top['client'], definitions['item'], definitions['step']]) {
      expect(mute(named)).toEqual([]);
    }
    expect(keys(definitions['item'])).toEqual(expect.arrayContaining([...LINE_KEYS]));
  });
});

test('it is JSON, and small enough for an editor', () => {
  const text = JSON.stringify(schema);
  expect(JSON.parse(text)).toEqual(schema);
  expect(text.length).toBeLessThan(100_000);
  expect(text).toContain('http://json-schema.org/draft-07/schema#');
});
