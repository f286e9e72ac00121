import { z } from 'zod';
import { implementationSchema } from './implementation.js';

/** The shape of an implementation's descriptor as JSON Schema (draft-07), with a sentence on each key, for editors. */
export function implementationJsonSchema(): Record<string, unknown> {
  const { $schema, ...schema } = z.toJSONSchema(implementationSchema, { target: 'draft-7', io: 'input' });
  return { $schema, title: 'Implementation under test of tcpspec', ...schema };
}
