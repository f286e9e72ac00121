import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { Ajv, type ValidateFunction } from 'ajv';
import { loadAll } from 'js-yaml';
import { SCHEMAS, schemaText, type SchemaName } from '../../../harness/cli/schema.js';

const validators = Object.fromEntries(
  SCHEMAS.map((name) => [
    name,
    new Ajv({ allErrors: true, allowUnionTypes: true }).compile(JSON.parse(schemaText(name)) as object),
  ]),
) as Record<SchemaName, ValidateFunction>;

const settings = JSON.parse(readFileSync('.vscode/settings.json', 'utf8')) as {
  'yaml.schemas': Record<string, string[]>;
};

const files = ['expectations', 'implementations', 'docs/examples', 'tests/fixtures/cases'].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => `${folder}/${file}`),
);

test.each(SCHEMAS)(
  'the schema of a %s that is shipped is the one of this version; else npm run schema',
  (name) => {
    expect(readFileSync(`schema/${name}.schema.json`, 'utf8')).toBe(schemaText(name));
  },
);

describe('an editor finds the schema of each file by itself', () => {
  test.each(files.filter((file) => !file.startsWith('expectations/requirements/')))('%s', (file) => {
    const [chosen, ...others] = schemasOf(file);
    expect(others).toEqual([]);
    const validate = validators[chosen!];
    for (const document of loadAll(readFileSync(file, 'utf8'))) {
      validate(document);
      expect(validate.errors ?? []).toEqual([]);
    }
  });

  test('and none for what is neither a case nor a descriptor', () => {
    expect(schemasOf('expectations/requirements/rfc9293.yaml')).toEqual([]);
  });
});

describe('the schema of an implementation', () => {
  const least = { name: 'mine', attach: 'kernel', server: { command: ['echo'] } };
  const problems = (value: unknown) => {
    validators.implementation(value);
    return (validators.implementation.errors ?? []).map(
      ({ instancePath, message }) => `${instancePath} ${message}`,
    );
  };

  test('takes the least descriptor', () => expect(problems(least)).toEqual([]));

  test.each([
    ['an unknown key', { ...least, sever: {} }],
    ['an unknown way to meet the wire', { ...least, attach: 'bridge' }],
    ['a command as a text', { ...least, server: { command: 'echo hello' } }],
    ['a deviation without a reason', { ...least, deviations: [{ case: 'x' }] }],
  ])('refuses %s', (_, value) => expect(problems(value)).not.toEqual([]));
});

/** Schemas of the settings whose patterns take the file; of several patterns that fit, the last one says. */
function schemasOf(file: string): SchemaName[] {
  return SCHEMAS.filter((name) => {
    const patterns = settings['yaml.schemas'][`./schema/${name}.schema.json`] ?? [];
    const fitting = patterns.filter((pattern) => fits(pattern.replace(/^!/, ''), file));
    return fitting.length > 0 && !fitting.at(-1)!.startsWith('!');
  });
}

/** `*` is any text within one name. */
function fits(pattern: string, file: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('[^/]*')}$`).test(file);
}
