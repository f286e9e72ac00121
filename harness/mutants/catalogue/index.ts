import type { Mutant } from '../mutant.js';
import { headerMutants } from './header.js';
import { optionMutants } from './options.js';
import { resetMutants } from './resets.js';

/** Every mutant written by hand, by topic. */
export const TOPICS: Readonly<Record<string, readonly Mutant[]>> = {
  header: headerMutants,
  options: optionMutants,
  resets: resetMutants,
};
