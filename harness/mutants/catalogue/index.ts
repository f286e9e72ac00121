import type { Mutant } from '../mutant.js';
import { closingMutants } from './closing.js';
import { headerMutants } from './header.js';
import { openingMutants } from './opening.js';
import { optionMutants } from './options.js';
import { resetMutants } from './resets.js';

/** Every mutant written by hand, by topic. */
export const TOPICS: Readonly<Record<string, readonly Mutant[]>> = {
  header: headerMutants,
  options: optionMutants,
  resets: resetMutants,
  opening: openingMutants,
  closing: closingMutants,
};
