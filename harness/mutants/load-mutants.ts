import type { TestCase } from '../case/model.js';
import type { Requirement } from '../coverage/catalogue.js';
import { TOPICS } from './catalogue/index.js';
import { matrixMutants } from './matrix.js';
import type { Mutant } from './mutant.js';

/** All mutants by topic: those written by hand, and those of the state matrix for the cells that `cases` play. */
export async function loadMutants(
  cases: readonly TestCase[] = [],
  catalogue: Requirement[] = [],
): Promise<Map<string, readonly Mutant[]>> {
  return new Map([...Object.entries(TOPICS), ['states', await matrixMutants(cases, catalogue)]]);
}
