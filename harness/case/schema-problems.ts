import { z } from 'zod';

import { describe } from './describe.js';
import { DURATION_HELP } from './duration.js';
import type { Problems } from './problems.js';
import { Read, oneOf } from './read.js';
import { CaseSchema } from './schema.js';
import { didYouMean } from './did-you-mean.js';
import { entryOf, toValue } from './yaml-node.js';
import type { YamlNode } from './yaml-node.js';

type Issue = z.core.$ZodIssue;

/** Notes what is wrong with the shape of a case document: unknown keys, missing keys, values of a wrong kind. */
export function noteSchemaProblems(problems: Problems, document: YamlNode): void {
  const result = CaseSchema.safeParse(toValue(document));
  if (result.success) return;
  for (const issue of result.error.issues) noteIssue(problems, document, issue, issue.path);
}

function noteIssue(problems: Problems, document: YamlNode, issue: Issue, path: readonly PropertyKey[]): void {
  const { node, missing } = nodeAt(document, path);
  switch (issue.code) {
    case 'unrecognized_keys': {
      const known = keysOf(schemaAt(CaseSchema, path, document));
      for (const name of issue.keys) {
        const entry =
          node.kind === 'mapping' ? node.entries.find((each) => each.key.text === name) : undefined;
        if (entry !== undefined) new Read(problems).unknownKey(entry.key, known);
      }
      return;
    }
    case 'invalid_union':
      return noteUnion(problems, document, issue, path);
    default: {
      const expected = expectedBy(issue);
      if (missing !== undefined) {
        problems.at(node, { found: `no \`${missing}\``, expected: `\`${missing}:\` with ${expected}` });
      } else {
        problems.at(node, { found: describe(node), expected, remedy: suggestion(issue, node) });
      }
    }
  }
}

/** The branch of a union that was meant is the one that accepts the kind of value that stands there. */
function noteUnion(
  problems: Problems,
  document: YamlNode,
  issue: Extract<Issue, { code: 'invalid_union' }>,
  path: readonly PropertyKey[],
): void {
  const { node, missing } = nodeAt(document, path);
  const branches = issue.errors.filter((errors) => !errors.some((error) => isWrongKind(error, node)));
  const meant = branches.reduce<Issue[] | undefined>(
    (best, errors) => (best === undefined || errors.length < best.length ? errors : best),
    undefined,
  );
  if (meant !== undefined) {
    for (const inner of meant) noteIssue(problems, document, inner, [...path, ...inner.path]);
    return;
  }
  const expected = [
    ...new Set(issue.errors.flatMap((errors) => errors.filter((e) => e.path.length === 0).map(expectedBy))),
  ];
  const found = missing === undefined ? describe(node) : `no \`${missing}\``;
  problems.at(node, { found, expected: expected.join(', or ') });
}

function isWrongKind(issue: Issue, node: YamlNode): boolean {
  if (issue.path.length > 0) return false;
  if (issue.code === 'invalid_union')
    return issue.errors.every((errors) => errors.some((error) => isWrongKind(error, node)));
  if (issue.code === 'invalid_value') return node.kind !== 'scalar' || issue.values.length < 3;
  return issue.code === 'invalid_type';
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: '`true` or `false`',
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
  null: 'nothing',
};

function expectedBy(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return KINDS[issue.expected] ?? issue.expected;
    case 'invalid_value':
      return oneOf(issue.values.map(String));
    case 'too_small':
      return issue.origin === 'array' ? `at least ${issue.minimum} in the list` : `at least ${issue.minimum}`;
    case 'too_big':
      return `at most ${issue.maximum}`;
    case 'not_multiple_of':
      return `a multiple of ${issue.divisor}`;
    case 'invalid_format':
      return issue.path.at(-1) === 'id'
        ? 'small letters, digits and hyphens: `rst-in-window`'
        : DURATION_HELP;
    default:
      return issue.message;
  }
}

function suggestion(issue: Issue, node: YamlNode): string | undefined {
  if (node.kind !== 'scalar') return undefined;
  if (issue.code === 'invalid_value') {
    const close = didYouMean(node.text, issue.values.map(String));
    return close === undefined ? undefined : `did you mean \`${close}\`?`;
  }
  const isDuration =
    issue.code === 'invalid_type' && issue.expected === 'string' && typeof node.value === 'number';
  return isDuration
    ? `a time needs its unit: \`${node.text}ms\`, \`${node.text}s\`; a text needs quotes`
    : undefined;
}

/** The node a path leads to, or the last one on the way with the name that is missing there. */
function nodeAt(document: YamlNode, path: readonly PropertyKey[]): { node: YamlNode; missing?: string } {
  let node = document;
  for (const part of path) {
    const next = below(node, part);
    if (next === undefined) return { node, missing: String(part) };
    node = next;
  }
  return { node };
}

function below(node: YamlNode | undefined, part: PropertyKey): YamlNode | undefined {
  if (node?.kind === 'mapping') return entryOf(node, String(part));
  return node?.kind === 'sequence' ? node.items[Number(part)] : undefined;
}

/** The schema that judges the value at a path, as far as it can be told from the kinds of values on the way. */
function schemaAt(
  schema: z.core.$ZodType,
  path: readonly PropertyKey[],
  document: YamlNode,
): z.core.$ZodType {
  let node: YamlNode | undefined = document;
  let current = resolve(schema, node);
  for (const part of path) {
    node = below(node, part);
    current = resolve(childOf(current, part), node);
  }
  return current;
}

function childOf(schema: z.core.$ZodType, part: PropertyKey): z.core.$ZodType {
  if (schema instanceof z.ZodObject)
    return (schema.shape as Record<string, z.ZodType>)[String(part)] ?? z.unknown();
  if (schema instanceof z.ZodArray) return schema.element;
  if (schema instanceof z.ZodRecord) return schema.valueType;
  return z.unknown();
}

function resolve(schema: z.core.$ZodType, node: YamlNode | undefined): z.core.$ZodType {
  if (schema instanceof z.ZodOptional) return resolve(schema.unwrap(), node);
  if (schema instanceof z.ZodLazy) return resolve(schema.unwrap(), node);
  if (!(schema instanceof z.ZodUnion)) return schema;
  const options = schema.options.map((option) => resolve(option, node));
  const fits = options.filter((option) =>
    node?.kind === 'mapping'
      ? option instanceof z.ZodObject
      : node?.kind === 'sequence'
        ? option instanceof z.ZodArray
        : false,
  );
  return fits[0] ?? options[0] ?? schema;
}

function keysOf(schema: z.core.$ZodType): string[] {
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}
