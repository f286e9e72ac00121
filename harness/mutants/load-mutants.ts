import { TOPICS } from './catalogue/index.js';
import type { Mutant } from './mutant.js';

/** All mutants, by topic. */
export function loadMutants(): Promise<Map<string, readonly Mutant[]>> {
  return Promise.resolve(new Map(Object.entries(TOPICS)));
}
