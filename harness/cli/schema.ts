import { caseJsonSchema } from '../case/json-schema.js';
import { EXIT_OK } from './exit.js';

/** Prints the JSON Schema of case files. */
export function schemaCommand(): Promise<number> {
  process.stdout.write(JSON.stringify(caseJsonSchema(), null, 2) + '\n');
  return Promise.resolve(EXIT_OK);
}
