import { caseJsonSchema } from '../case/json-schema.js';
import { implementationJsonSchema } from '../run/implementation-schema.js';
import { EXIT_OK } from './exit.js';

/** What has a schema. */
export const SCHEMAS = ['case', 'implementation'] as const;
export type SchemaName = (typeof SCHEMAS)[number];

/** Prints the JSON Schema of case files or of descriptors. `schema/` holds both as they are printed. */
export function schemaCommand(of: SchemaName): Promise<number> {
  process.stdout.write(schemaText(of));
  return Promise.resolve(EXIT_OK);
}

/** The schema as its file has it. */
export function schemaText(of: SchemaName): string {
  const schema = of === 'case' ? caseJsonSchema() : implementationJsonSchema();
  return JSON.stringify(schema, null, 2) + '\n';
}
