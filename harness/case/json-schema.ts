import { z } from 'zod';

import { CaseSchema, FIELD_NAMES } from './schema.js';

type JsonSchema = Record<string, unknown>;

/** Where editors find the published schema; `tcpspec schema` prints the same text. */
export const CASE_SCHEMA_ID = 'https://tcpspec.dev/case.schema.json';

const FIELD_NAME = '^[a-z][a-z0-9_-]*(\\.[a-z0-9_-]+)+$';
const PLACEHOLDER = { type: 'string', pattern: '\\{\\{\\s*[\\w-]+\\s*\\}\\}' };

/**
 * The shape of a case document as JSON Schema (draft-07, which YAML editors know best), with a sentence on each key. It
 * knows keys and kinds of values; what stands inside lines and values only `tcpspec` itself reads.
 */
export function caseJsonSchema(): JsonSchema {
  const schema = z.toJSONSchema(CaseSchema, {
    target: 'draft-7',
    io: 'input',
    unrepresentable: 'any',
    override: ({ jsonSchema }) => publish(jsonSchema as JsonSchema),
  }) as JsonSchema;
  return { $id: CASE_SCHEMA_ID, title: 'tcpspec test case', ...schema, ...twoShapes() };
}

/** A case either observes two real ends or scripts one. */
function twoShapes(): JsonSchema {
  const none = (keys: readonly string[]) => ({ not: { anyOf: keys.map((key) => ({ required: [key] })) } });
  return {
    oneOf: [
      { title: 'two real ends, observed', ...none(['iut', 'start', 'steps']) },
      { title: 'one end scripted', required: ['iut', 'steps'], ...none(['client', 'server', 'expect']) },
    ],
  };
}

function publish(schema: JsonSchema): void {
  if (schema[FIELD_NAMES] === true) {
    delete schema[FIELD_NAMES];
    // tshark field names beside the keys that are listed, and nothing else.
    schema['patternProperties'] = { [FIELD_NAME]: schema['additionalProperties'] };
    schema['additionalProperties'] = false;
  }
  admitPlaceholder(schema);
}

/** In a case with a table, `"{{column}}"` may stand for any value, so also where a text has a form. */
function admitPlaceholder(schema: JsonSchema): void {
  const isLeaf = ['number', 'integer', 'boolean'].includes(String(schema['type']));
  const isFormed = schema['type'] === 'string' && ('enum' in schema || 'pattern' in schema || 'const' in schema);
  const isCollection = schema['type'] === 'array' || schema['type'] === 'object';
  const isPlaceholder = schema['pattern'] === PLACEHOLDER.pattern;
  if (isPlaceholder || 'id' in schema || 'anyOf' in schema) return;
  if (!isLeaf && !isFormed && !(isCollection && schema['properties'] === undefined)) return;
  const { description, examples, ...form } = schema;
  for (const key of Object.keys(form)) delete schema[key];
  Object.assign(schema, { anyOf: [form, { ...PLACEHOLDER }] });
  if (description !== undefined) schema['description'] = description;
  if (examples !== undefined) schema['examples'] = examples;
}
