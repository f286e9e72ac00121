import type { Mutant } from '../mutant.js';
import { closingMutants } from './closing.js';
import { congestionMutants } from './congestion.js';
import { extensionMutants } from './extensions.js';
import { headerMutants } from './header.js';
import { networkMutants } from './network.js';
import { openingMutants } from './opening.js';
import { optionMutants } from './options.js';
import { receivingMutants } from './receiving.js';
import { resetMutants } from './resets.js';
import { sackMutants } from './sack.js';
import { sendingMutants } from './sending.js';
import { timerMutants } from './timers.js';

/** Every mutant written by hand, by topic. */
export const TOPICS: Readonly<Record<string, readonly Mutant[]>> = {
  header: headerMutants,
  options: optionMutants,
  resets: resetMutants,
  opening: openingMutants,
  closing: closingMutants,
  receiving: receivingMutants,
  sending: sendingMutants,
  network: networkMutants,
  timers: timerMutants,
  congestion: congestionMutants,
  extensions: extensionMutants,
  sack: sackMutants,
};
