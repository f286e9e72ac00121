import { readFileSync } from 'node:fs';
import path from 'node:path';
import { PROJECT_ROOT } from '../run/implementation.js';

/** Version of the package that is running. */
export function version(): string {
  const text = readFileSync(path.join(PROJECT_ROOT, 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
