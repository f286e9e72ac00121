import { z } from 'zod';

import { CaseSchema } from './schema.js';
import { FIELD_NAMES } from './schema-packet.js';

type JsonSchema = Record<string, unknown>;

/**
 * The shape of a case document as JSON Schema (draft-07, which YAML editors know best), with a sentence on each key. It
 * knows keys and kinds of values; what stands inside lines and values only tcpspec itself reads.
 */
export function caseJsonSchema(): JsonSchema {
  const published = z.toJSONSchema(CaseSchema, { target: 'draft-7', io: 'input', unrepresentable: 'any' });
  const { $schema, definitions, ...schema } = published as JsonSchema;
  const named = Object.entries((definitions ?? {}) as Record<string, JsonSchema>);
  return {
    $schema,
    title: 'tcpspec test case',
    ...descend(schema),
    ...twoShapes(),
    definitions: {
      ...Object.fromEntries(
        named.map(([name, definition]) => [name, admitPlaceholder(withoutId(definition))]),
      ),
      placeholder: {
        description: 'In a case with a table: the cell of this column',
        type: 'string',
        pattern: '\\{\\{\\s*[\\w-]+\\s*\\}\\}',
      },
    },
  };
}

const PLACEHOLDER = { $ref: '#/definitions/placeholder' };

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

/** `"{{column}}"` may stand for any value, so also where a text has a form or none may stand. */
function admitPlaceholder(schema: JsonSchema): JsonSchema {
  const { description, examples, ...form } = schema;
  if ('allOf' in schema || '$ref' in schema || takesAnyText(schema)) return descend(schema);
  const branches = Array.isArray(form['anyOf'])
    ? (form['anyOf'] as JsonSchema[]).map(descend)
    : [descend(form)];
  return {
    ...(description === undefined ? {} : { description }),
    ...(examples === undefined ? {} : { examples }),
    anyOf: [...branches, PLACEHOLDER],
  };
}

function takesAnyText(schema: JsonSchema): boolean {
  if (Array.isArray(schema['anyOf'])) return (schema['anyOf'] as JsonSchema[]).some(takesAnyText);
  const ref = schema['$ref'];
  if (typeof ref === 'string') return /\/(?:text|texts|value|payload|line|flags)$/.test(ref);
  const isPlain =
    schema['enum'] === undefined && schema['pattern'] === undefined && schema['const'] === undefined;
  return isPlain && (schema['type'] === undefined || [schema['type']].flat().includes('string'));
}

/** The schemas inside a schema, made to admit placeholders. */
function descend(schema: JsonSchema): JsonSchema {
  const result: JsonSchema = { ...schema };
  if (isSchema(schema['items'])) result['items'] = admitPlaceholder(schema['items']);
  if (isSchema(schema['additionalProperties'])) {
    result['additionalProperties'] = admitPlaceholder(schema['additionalProperties']);
  }
  if (Array.isArray(schema['anyOf'])) result['anyOf'] = (schema['anyOf'] as JsonSchema[]).map(descend);
  if (isSchema(schema['properties'])) {
    const properties = Object.entries(schema['properties'] as Record<string, JsonSchema>);
    result['properties'] = Object.fromEntries(
      properties.map(([key, value]) => [key, admitPlaceholder(value)]),
    );
  }
  if (result[FIELD_NAMES] === true) {
    delete result[FIELD_NAMES];
    // tshark field names beside the keys that are listed, and nothing else.
    const listed = Object.keys(result['properties'] ?? {}).filter((key) => key.includes('.'));
    result['patternProperties'] = { [fieldNamesBut(listed)]: result['additionalProperties'] };
    result['additionalProperties'] = false;
  }
  return result;
}

/** A pattern for tshark field names; those that have a schema of their own are judged by that one alone. */
function fieldNamesBut(listed: readonly string[]): string {
  const others =
    listed.length === 0 ? '' : `(?!(?:${listed.map((name) => name.replaceAll('.', '\\.')).join('|')})$)`;
  return `^${others}[a-z][A-Za-z0-9_-]*(\\.[A-Za-z0-9_-]+)+$`;
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function withoutId(schema: JsonSchema): JsonSchema {
  return Object.fromEntries(Object.entries(schema).filter(([key]) => key !== 'id'));
}
